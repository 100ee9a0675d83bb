//! A link to a conversation, which says when it is the one that is shown.

use shared_protocol::ConversationId;
use yew::{Html, MouseEvent, Properties, component, html};
use yew_router::{Routable as _, hooks::use_navigator};

use crate::route::Route;

#[derive(Properties, PartialEq)]
pub(super) struct LinkProps {
    pub(super) id: ConversationId,
    /// Whether it is shown.
    pub(super) current: bool,
    pub(super) children: Html,
}

/// The link. A click with a key held down opens it elsewhere, as the browser does.
#[component]
pub(super) fn ConversationLink(props: &LinkProps) -> Html {
    let navigator = use_navigator();
    let route = Route::Conversation { id: props.id };
    let base = navigator.as_ref().and_then(|navigator| navigator.basename()).unwrap_or_default();
    let href = format!("{base}{}", route.to_path());
    let onclick = move |event: MouseEvent| {
        let elsewhere = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if let Some(navigator) = navigator.as_ref().filter(|_| !elsewhere) {
            event.prevent_default();
            navigator.push(&route);
        }
    };
    html! {
        <a class="conversation-link" {href} {onclick} aria-current={props.current.then_some("page")}>
            { props.children.clone() }
        </a>
    }
}
