//! What can be done with a message, in calls that stay the same while an answer grows: a message
//! whose properties do not change is not drawn again.

use std::rc::Rc;

use shared_protocol::{MessageId, conversation::Feedback};
use yew::{Callback, hook, use_memo, use_mut_ref};
use yew_router::hooks::use_navigator;

use super::use_thread::ThreadHandle;
use crate::{
    app::context::{use_api, use_texts, use_toaster},
    browser,
    route::Route,
    state::thread::Place,
};

/// What can be done with a message.
#[derive(PartialEq)]
pub(super) struct Acts {
    /// Asks: a new text (or none for a retry) and its place.
    pub(super) ask: Callback<(Option<String>, Place)>,
    /// Rates an answer.
    pub(super) rate: Callback<(MessageId, Feedback)>,
    /// Goes on from a message in a conversation of its own.
    pub(super) branch: Callback<MessageId>,
    /// Puts a text on the clipboard.
    pub(super) copy: Callback<String>,
}

/// The calls, made once.
#[hook]
pub(super) fn use_acts(handle: &ThreadHandle) -> Rc<Acts> {
    let (api, texts, toaster, navigator) = (use_api(), use_texts(), use_toaster(), use_navigator());
    // The calls look up what is current when they are made.
    let latest = use_mut_ref(|| (handle.clone(), texts.clone()));
    *latest.borrow_mut() = (handle.clone(), texts);
    use_memo((), move |()| {
        let ask = {
            let latest = latest.clone();
            Callback::from(move |asked| {
                let ask = latest.borrow().0.ask.clone();
                ask.emit(asked);
            })
        };
        let rate = {
            let latest = latest.clone();
            Callback::from(move |rated| {
                let rate = latest.borrow().0.rate.clone();
                rate.emit(rated);
            })
        };
        let copy = {
            let (latest, toaster) = (latest.clone(), toaster.clone());
            Callback::from(move |text: String| {
                let (texts, toaster) = (latest.borrow().1.clone(), toaster.clone());
                wasm_bindgen_futures::spawn_local(async move {
                    let Some(toaster) = toaster else { return };
                    if browser::copy(&text).await {
                        toaster.good(texts.t("copied"));
                    } else {
                        toaster.bad(texts.t("copy-failed"));
                    }
                });
            })
        };
        let branch = Callback::from(move |message: MessageId| {
            let (id, texts) = (latest.borrow().0.thread.id, latest.borrow().1.clone());
            let (api, toaster, navigator) = (api.clone(), toaster.clone(), navigator.clone());
            let Some(id) = id else { return };
            wasm_bindgen_futures::spawn_local(async move {
                match (api.branch(id, message).await, navigator, toaster) {
                    (Ok(branch), Some(navigator), toaster) => {
                        navigator.push(&Route::Conversation { id: branch.id });
                        if let Some(toaster) = toaster {
                            toaster.good(texts.t("branched"));
                        }
                    }
                    (Err(failure), _, Some(toaster)) => toaster.bad(texts.t(failure.text_key())),
                    _ => {}
                }
            });
        });
        Acts { ask, rate, branch, copy }
    })
}
