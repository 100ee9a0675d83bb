//! When a message came.

use shared_protocol::Timestamp;
use yew::{Html, Properties, component, html};

use crate::{app::context::use_texts, browser};

#[derive(Properties, PartialEq)]
pub(super) struct WhenProps {
    pub(super) at: Timestamp,
}

/// Day and time, as the reader writes them.
#[component]
pub(super) fn When(props: &WhenProps) -> Html {
    let texts = use_texts();
    let text = browser::moment(props.at, texts.language());
    html! { <time class="when" datetime={props.at.to_string()} title={text.clone()} data-testid="when">{ text }</time> }
}
