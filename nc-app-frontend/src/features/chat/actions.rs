//! The row of buttons below an answer.

use std::rc::Rc;

use shared_protocol::conversation::Message;
use yew::{Callback, Html, MouseEvent, Properties, component, html};

use super::{acts::Acts, feedback::FeedbackButtons, when::When};
use crate::{
    app::context::use_texts,
    components::{Glyph, IconButton},
    state::Shared,
};

#[derive(Properties, PartialEq)]
pub(super) struct ActionsProps {
    pub(super) message: Shared<Message>,
    pub(super) acts: Rc<Acts>,
    pub(super) branches: bool,
    /// Answers the same question again.
    pub(super) retry: Option<Callback<MouseEvent>>,
}

/// Copy, rate, retry, branch.
#[component]
pub(super) fn Actions(props: &ActionsProps) -> Html {
    let texts = use_texts();
    let (copy, text) = (props.acts.copy.clone(), props.message.content.clone());
    let (branch, id) = (props.acts.branch.clone(), props.message.id);
    html! {
        <div class="actions" role="group" aria-label={texts.t("answer-actions")}>
            <IconButton
                glyph={Glyph::Copy} label={texts.t("copy")} disabled={text.is_empty()}
                onclick={move |_| copy.emit(text.clone())} testid="copy-answer"
            />
            <FeedbackButtons message={props.message.clone()} acts={props.acts.clone()} />
            if let Some(retry) = &props.retry {
                <IconButton glyph={Glyph::Retry} label={texts.t("retry")} class="needs-idle" onclick={retry} testid="retry" />
            }
            if props.branches {
                <IconButton
                    glyph={Glyph::Branch} label={texts.t("branch")} class="needs-idle"
                    onclick={move |_| branch.emit(id)} testid="branch"
                />
            }
            <When at={props.message.created_at} />
        </div>
    }
}
