//! What stands in the place of content: work going on, nothing there, something wrong.

use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::{Button, Glyph, Icon};
use crate::{api::Failure, app::context::use_texts};

/// A sign that something is being done.
#[component]
pub(crate) fn Spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true"></span> }
}

#[derive(Properties, PartialEq)]
pub(crate) struct FailedProps {
    pub(crate) failure: Failure,
    /// Tries again; nothing is offered where that cannot help.
    #[prop_or_default]
    pub(crate) retry: Option<Callback<()>>,
    /// A title instead of the general one.
    #[prop_or_default]
    pub(crate) title: Option<AttrValue>,
}

/// Content that could not be had, and what can be done about it.
#[component]
pub(crate) fn Failed(props: &FailedProps) -> Html {
    let texts = use_texts();
    let title = props.title.clone().unwrap_or_else(|| texts.t("failed-title").into());
    html! {
        <div class="failed" role="alert" data-testid="failed">
            <Icon glyph={Glyph::Alert} />
            <h2>{ title }</h2>
            <p>{ texts.t(props.failure.text_key()) }</p>
            if let Some(request) = props.failure.request_id() {
                <p class="faint"><small>{ texts.with("failed-request", "id", request) }</small></p>
            }
            if let Some(retry) = props.retry.clone() {
                <Button onclick={move |_| retry.emit(())} testid="failed-retry">{ texts.t("try-again") }</Button>
            }
        </div>
    }
}
