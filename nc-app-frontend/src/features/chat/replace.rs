//! Asks before something later in the conversation is hidden.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::{Callback, Html, Properties, component, html, use_state_eq};
use yew_router::hooks::use_navigator;

use super::use_thread::Calls;
use crate::{
    app::context::{use_api, use_complain, use_texts},
    components::{Button, Dialog, Kind},
    route::Route,
    state::thread::Place,
};

#[derive(Properties, PartialEq)]
pub(super) struct ReplaceProps {
    /// The new text; nothing to answer the same question again.
    pub(super) text: Option<String>,
    pub(super) place: Place,
    /// Whether conversations may branch.
    pub(super) branches: bool,
    pub(super) calls: Rc<Calls>,
    pub(super) on_close: Callback<()>,
}

/// Replace what follows, or go on in a conversation of its own.
#[component]
pub(super) fn Replace(props: &ReplaceProps) -> Html {
    let (texts, api, complain, navigator) = (use_texts(), use_api(), use_complain(), use_navigator());
    let busy = use_state_eq(|| false);
    let replace = {
        let (calls, close, asked) = (props.calls.clone(), props.on_close.clone(), (props.text.clone(), props.place));
        move |_| {
            close.emit(());
            calls.ask.emit(asked.clone());
        }
    };
    let branch = {
        let (calls, close, busy) = (props.calls.clone(), props.on_close.clone(), busy.clone());
        let (text, place) = (props.text.clone(), props.place);
        move |_| {
            let thread = calls.now.emit(());
            let (Some(id), Place::Instead(question) | Place::After(question)) = (thread.id, place) else { return };
            let Some(text) = text.clone().or_else(|| Some(thread.message(question)?.content.clone())) else { return };
            // The question is asked anew at the end of the branch, so the branch ends before it.
            let end = thread.before(question).map(|message| message.id);
            let (api, calls, close, busy) = (api.clone(), calls.clone(), close.clone(), busy.clone());
            let (complain, navigator) = (complain.clone(), navigator.clone());
            busy.set(true);
            spawn_local(async move {
                let route = match end {
                    None => Ok(Route::New),
                    Some(end) => api.branch(id, end).await.map(|made| Route::Conversation { id: made.id }),
                };
                busy.set(false);
                match (route, navigator) {
                    (Ok(route), Some(navigator)) => {
                        let place = if let Route::Conversation { id } = &route { Some(*id) } else { None };
                        close.emit(());
                        calls.ask_in.emit((place, text));
                        navigator.push(&route);
                    }
                    (Err(failure), _) => complain.emit(failure.text_key()),
                    (Ok(_), None) => {}
                }
            });
        }
    };
    let close = props.on_close.reform(|_| ());
    html! {
        <Dialog title={texts.t("replace-title")} on_close={&props.on_close} testid="replace-dialog">
            <p>{ texts.t("replace-text") }</p>
            <footer class="dialog-actions">
                <Button onclick={close} testid="replace-cancel">{ texts.t("cancel") }</Button>
                if props.branches {
                    <Button kind={Kind::Primary} busy={*busy} onclick={branch} testid="branch-instead">
                        { texts.t("branch-instead") }
                    </Button>
                }
                <Button kind={Kind::Danger} onclick={replace} testid="replace-confirm">{ texts.t("replace-action") }</Button>
            </footer>
        </Dialog>
    }
}
