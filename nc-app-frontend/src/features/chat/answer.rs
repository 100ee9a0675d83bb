//! Answers: finished ones, and the one in the making.

use std::rc::Rc;

use shared_protocol::conversation::{Message, MessageStatus};
use yew::{Html, Properties, classes, component, html};

use super::{actions::Actions, acts::Acts, ending, steps::Steps};
use crate::{
    app::context::use_texts,
    components::{Button, Glyph, Growing, Icon, Mark, Markdown},
    state::{Shared, thread::Place, turn::Turn},
};

#[derive(Properties, PartialEq)]
pub(super) struct AnswerProps {
    pub(super) message: Shared<Message>,
    pub(super) acts: Rc<Acts>,
    pub(super) busy: bool,
    /// Whether conversations may branch.
    pub(super) branches: bool,
    /// Whether it is the last message: its actions are always shown.
    pub(super) is_last: bool,
}

/// An answer that does not change any more.
#[component]
pub(super) fn Answer(props: &AnswerProps) -> Html {
    let texts = use_texts();
    let message = &props.message;
    let retry = message.parent_id.map(|parent| props.acts.ask.reform(move |_| (None, Place::After(parent))));
    let note = ending::note(message, &texts);
    html! {
        <article
            class={classes!("message", "answer", props.is_last.then_some("answer-last"))}
            aria-label={texts.t("assistant")}
            data-testid="message-assistant"
        >
            <Mark />
            <h2 class="hidden">{ texts.t("assistant") }</h2>
            <div class="answer-body">
                <Steps tools={message.tool_calls.clone()} />
                <Markdown text={message.content.clone()} />
                if let Some(note) = note {
                    <div class={classes!("ending", (message.status == MessageStatus::Failed).then_some("ending-bad"))} data-testid="ending">
                        <Icon glyph={if message.status == MessageStatus::Cancelled { Glyph::Stop } else { Glyph::Alert }} />
                        <span>{ note }</span>
                        if let Some(retry) = retry.clone().filter(|_| props.is_last) {
                            <Button disabled={props.busy} onclick={retry} testid="ending-retry">{ texts.t("try-again") }</Button>
                        }
                    </div>
                }
                <Actions
                    message={message.clone()} acts={props.acts.clone()} busy={props.busy}
                    branches={props.branches} {retry}
                />
            </div>
        </article>
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct MakingProps {
    pub(super) turn: Turn,
}

/// The answer in the making.
#[component]
pub(super) fn AnswerInMaking(props: &MakingProps) -> Html {
    let texts = use_texts();
    let turn = &props.turn;
    let waits = turn.text.is_empty();
    html! {
        <article class="message answer" aria-label={texts.t("assistant")} aria-busy="true" data-testid="message-streaming">
            <Mark />
            <h2 class="hidden">{ texts.t("assistant") }</h2>
            <div class="answer-body">
                <Steps tools={turn.tools.clone()} running=true />
                if let Some(progress) = &turn.progress { <p class="faint progress">{ progress }</p> }
                if waits {
                    <p class="thinking" data-testid="thinking">
                        <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
                        <span class="hidden">{ texts.t("thinking") }</span>
                    </p>
                } else {
                    <Growing text={turn.text.clone()} />
                }
            </div>
        </article>
    }
}
