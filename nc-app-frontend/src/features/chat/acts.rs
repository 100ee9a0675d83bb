//! What can be done with a message, in calls that stay the same while an answer grows: a message
//! whose properties do not change is not drawn again.

use std::rc::Rc;

use shared_protocol::MessageId;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseStateSetter, hook, use_memo, use_mut_ref};
use yew_router::hooks::use_navigator;

use super::use_thread::{Calls, Rated};
use crate::{
    app::context::{use_api, use_complain, use_texts, use_toaster},
    browser,
    route::Route,
    state::thread::Place,
};

/// A new text (or none for a retry) and its place.
pub(super) type Question = (Option<String>, Place);

/// What can be done with a message.
#[derive(PartialEq)]
pub(super) struct Acts {
    /// Asks, once the person knows what would be hidden by it.
    pub(super) ask: Callback<Question>,
    /// Rates an answer.
    pub(super) rate: Callback<Rated>,
    /// Goes on from a message in a conversation of its own.
    pub(super) branch: Callback<MessageId>,
    /// Puts a text on the clipboard.
    pub(super) copy: Callback<String>,
}

/// The calls, made once. `replacing` is set when the person has to be asked first.
#[hook]
pub(super) fn use_acts(calls: &Rc<Calls>, replacing: &UseStateSetter<Option<Question>>) -> Rc<Acts> {
    let (api, texts, toaster, navigator) = (use_api(), use_texts(), use_toaster(), use_navigator());
    let complain = use_complain();
    // The language may change.
    let latest = use_mut_ref(|| texts.clone());
    *latest.borrow_mut() = texts;
    let (calls, replacing) = (calls.clone(), replacing.clone());
    use_memo((), move |()| {
        let good = {
            let (latest, toaster) = (latest.clone(), toaster.clone());
            move |key: &'static str| {
                if let Some(toaster) = &toaster {
                    toaster.good(latest.borrow().t(key));
                }
            }
        };
        let ask = {
            let (calls, complain) = (calls.clone(), complain.clone());
            Callback::from(move |(text, place): Question| {
                let thread = calls.now.emit(());
                let hides = match place {
                    Place::End => false,
                    Place::Instead(id) | Place::After(id) => thread.goes_on_after(id),
                };
                if thread.is_busy() {
                    complain.emit("busy-wait");
                } else if hides {
                    replacing.set(Some((text, place)));
                } else {
                    calls.ask.emit((text, place));
                }
            })
        };
        let copy = {
            let (good, complain) = (good.clone(), complain.clone());
            Callback::from(move |text: String| {
                let (good, complain) = (good.clone(), complain.clone());
                spawn_local(async move {
                    if browser::copy(&text).await {
                        good("copied");
                    } else {
                        complain.emit("copy-failed");
                    }
                });
            })
        };
        let rate = calls.rate.clone();
        let branch = Callback::from(move |message: MessageId| {
            let thread = calls.now.emit(());
            if thread.is_busy() {
                return complain.emit("busy-wait");
            }
            let Some(id) = thread.id else { return };
            let (api, navigator, good, complain) = (api.clone(), navigator.clone(), good.clone(), complain.clone());
            spawn_local(async move {
                match (api.branch(id, message).await, navigator) {
                    (Ok(branch), Some(navigator)) => {
                        navigator.push(&Route::Conversation { id: branch.id });
                        good("branched");
                    }
                    (Err(failure), _) => complain.emit(failure.text_key()),
                    (Ok(_), None) => {}
                }
            });
        });
        Acts { ask, rate, branch, copy }
    })
}
