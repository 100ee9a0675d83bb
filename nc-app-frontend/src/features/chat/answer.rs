//! An answer, in the making and finished.

use std::rc::Rc;

use shared_protocol::conversation::{Message, MessageStatus, ToolCallRecord};
use yew::{AttrValue, Html, Properties, classes, component, html};

use super::{actions::Actions, acts::Acts, ending, steps::Steps};
use crate::{
    app::context::use_texts,
    components::{Button, Glyph, Icon, Mark, Markdown},
    state::{Shared, thread::Place, turn::Turn},
};

/// What is shown. It is one component for both, so that nothing is drawn anew at the completion.
#[derive(Clone, PartialEq)]
pub(super) enum Content {
    /// An answer that does not change any more.
    Finished(Shared<Message>),
    /// The answer in the making.
    Growing(Turn),
}

impl Content {
    fn text(&self) -> &str {
        match self {
            Self::Finished(message) => &message.content,
            Self::Growing(turn) => &turn.text,
        }
    }

    fn tools(&self) -> &[ToolCallRecord] {
        match self {
            Self::Finished(message) => &message.tool_calls,
            Self::Growing(turn) => &turn.tools,
        }
    }
}

#[derive(Properties, PartialEq)]
pub(super) struct AnswerProps {
    pub(super) content: Content,
    pub(super) acts: Rc<Acts>,
    /// Whether conversations may branch.
    pub(super) branches: bool,
    /// Whether it is the last message: its actions are always shown.
    pub(super) is_last: bool,
}

/// An answer.
#[component]
pub(super) fn Answer(props: &AnswerProps) -> Html {
    let texts = use_texts();
    let content = &props.content;
    let finished = if let Content::Finished(message) = content { Some(message) } else { None };
    let progress = if let Content::Growing(turn) = content { turn.progress.clone() } else { None };
    let grows = finished.is_none();
    let waits = grows && content.text().is_empty();
    html! {
        <article
            class={classes!("message", "answer", props.is_last.then_some("answer-last"))}
            aria-label={texts.t("assistant")}
            aria-busy={grows.then_some("true")}
            data-testid={if grows { "message-streaming" } else { "message-assistant" }}
        >
            <Mark />
            <h2 class="hidden">{ texts.t("assistant") }</h2>
            <div class="answer-body">
                <Steps tools={content.tools().to_vec()} running={grows} />
                if let Some(progress) = progress { <p class="faint progress" dir="auto">{ progress }</p> }
                if waits {
                    <p class="thinking" data-testid="thinking">
                        <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
                        <span>{ texts.t("thinking") }</span>
                    </p>
                }
                if !waits { <Markdown text={AttrValue::from(content.text().to_owned())} growing={grows} /> }
                if let Some(message) = finished {
                    <Below message={message.clone()} acts={props.acts.clone()} branches={props.branches} is_last={props.is_last} />
                }
            </div>
        </article>
    }
}

#[derive(Properties, PartialEq)]
struct BelowProps {
    message: Shared<Message>,
    acts: Rc<Acts>,
    branches: bool,
    is_last: bool,
}

/// What stands below a finished answer: how it ended, and what can be done with it.
#[component]
fn Below(props: &BelowProps) -> Html {
    let texts = use_texts();
    let message = &props.message;
    let retry = message.parent_id.map(|parent| props.acts.ask.reform(move |_| (None, Place::After(parent))));
    html! {
        <>
            if let Some(note) = ending::note(message, &texts) {
                <div class={classes!("ending", (message.status == MessageStatus::Failed).then_some("ending-bad"))} data-testid="ending">
                    <Icon glyph={if message.status == MessageStatus::Cancelled { Glyph::Stop } else { Glyph::Alert }} />
                    <span>{ note }</span>
                    if let Some(retry) = retry.clone().filter(|_| props.is_last) {
                        <Button onclick={retry} testid="ending-retry">{ texts.t("try-again") }</Button>
                    }
                </div>
            }
            <Actions message={message.clone()} acts={props.acts.clone()} branches={props.branches} {retry} />
        </>
    }
}
