//! The messages of a conversation, and the answer in the making below them.

use std::rc::Rc;

use shared_protocol::{MessageId, conversation::MessageRole};
use yew::{AttrValue, Html, Properties, classes, component, html, use_memo, use_mut_ref, use_state_eq};

use super::{
    acts::{Acts, use_acts},
    answer::{Answer, Content},
    chunks::{Chunk, Chunks},
    question::Question,
    replace::Replace,
    scroll::use_scroll,
    use_thread::ThreadHandle,
};
use crate::{
    app::context::use_texts,
    browser,
    components::{Glyph, IconButton, Spinner},
    i18n::Texts,
    state::{
        thread::{Older, Place, Thread},
        turn::Turn,
    },
};

#[derive(Properties, PartialEq)]
pub(super) struct MessageListProps {
    pub(super) handle: ThreadHandle,
}

/// The messages, which stay at their end while it grows, unless the reader scrolled away.
#[component]
pub(super) fn MessageList(props: &MessageListProps) -> Html {
    let texts = use_texts();
    let replacing = use_state_eq(|| None);
    let acts = use_acts(&props.handle.calls, &replacing.setter());
    let thread = &*props.handle.thread;
    let calls = &props.handle.calls;
    let scroll = use_scroll(thread, &calls.older);
    let cutter = use_mut_ref(Chunks::default);
    let growing = thread.turn.as_ref().and_then(|turn| turn.message_id);
    let chunks = use_memo((thread.messages.clone(), growing), move |(messages, growing)| {
        cutter.borrow_mut().cut(messages, *growing)
    });
    let branches = thread.detail.as_ref().is_none_or(|detail| detail.agent.threads_enabled);
    let refused = thread.refused.as_ref().and_then(|refusal| match (refusal.place, &refusal.text) {
        (Place::Instead(id), Some(text)) => Some((id, AttrValue::from(text.clone()))),
        _ => None,
    });
    let asked = thread.turn.as_ref().filter(|turn| turn.message_id.is_none());
    let close = replacing.setter();
    html! {
        <div class="thread-box">
            <div
                ref={scroll.node.clone()}
                class={classes!("thread", thread.is_busy().then_some("thread-busy"))}
                role="region"
                aria-label={texts.t("messages")}
                tabindex="0"
                onscroll={scroll.onscroll.clone()}
                data-testid="thread"
            >
                <div ref={scroll.content.clone()} class="thread-column">
                    { view_older(thread, &props.handle, &texts) }
                    { for chunks.iter().enumerate().map(|(at, chunk)| html! {
                        <Piece
                            key={chunk.first.to_string()}
                            chunk={chunk.clone()}
                            turn={thread.turn.clone().filter(|_| chunk.grows)}
                            acts={acts.clone()}
                            {branches}
                            is_last={at + 1 == chunks.len() && asked.is_none()}
                            refused={refused.clone().filter(|(id, _)| chunk.messages.iter().any(|item| item.id == *id))}
                        />
                    }) }
                    if let Some(turn) = asked {
                        <div class="chunk">
                            if let Some(question) = &turn.question {
                                <article class="message question" aria-label={texts.t("you")}>
                                    <div class="bubble" dir="auto">{ question }</div>
                                </article>
                            }
                            <Answer content={Content::Growing(turn.clone())} acts={acts.clone()} {branches} is_last=true />
                        </div>
                    }
                </div>
            </div>
            if !scroll.at_end {
                <IconButton
                    glyph={Glyph::ArrowDown}
                    label={texts.t("scroll-to-end")}
                    onclick={scroll.to_end.reform(|_| ())}
                    class="to-end"
                    testid="to-end"
                />
            }
            if let Some((text, place)) = &*replacing {
                <Replace
                    text={text.clone()} place={*place} {branches}
                    calls={calls.clone()} on_close={move |()| close.set(None)}
                />
            }
        </div>
    }
}

fn view_older(thread: &Thread, handle: &ThreadHandle, texts: &Texts) -> Html {
    if thread.older.is_none() {
        return Html::default();
    }
    let older = handle.calls.older.clone();
    let onclick = move |_| {
        older.emit(());
        // The button goes with the last page.
        browser::focus_on("[data-testid=thread]");
    };
    let is_reading = thread.older_reading == Older::Reading;
    let failure = match &thread.older_reading {
        Older::Failed(failure) => Some(texts.t(failure.text_key())),
        Older::Idle | Older::Reading => None,
    };
    html! {
        <div class="older" aria-busy={is_reading.then_some("true")}>
            if let Some(failure) = &failure {
                <p role="alert" data-testid="older-failed">{ texts.t("older-failed") }{ " " }{ failure }</p>
            }
            <button
                type="button" class="link more" aria-disabled={is_reading.then_some("true")} {onclick}
                data-testid="older"
            >
                if is_reading { <Spinner /> }
                { texts.t(if is_reading { "loading" } else if failure.is_some() { "try-again" } else { "messages-older" }) }
            </button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct PieceProps {
    chunk: Chunk,
    /// The answer that grows in this piece.
    turn: Option<Turn>,
    acts: Rc<Acts>,
    branches: bool,
    /// Whether the conversation ends here.
    is_last: bool,
    /// A message that could not be replaced, and the new text.
    refused: Option<(MessageId, AttrValue)>,
}

/// Messages that follow each other. Finished ones and the growing one are the same component with the
/// same key, so that a selection and the focus outlive the completion.
#[component]
fn Piece(props: &PieceProps) -> Html {
    let last = props.chunk.messages.last().map(|message| message.id);
    let growing = props.turn.as_ref().and_then(|turn| Some((turn.message_id?, turn)));
    html! {
        <div class="chunk">
            { for props.chunk.messages.iter().map(|message| {
                let key = message.id.to_string();
                if message.role == MessageRole::User {
                    let refused = props.refused.as_ref().filter(|(id, _)| *id == message.id);
                    let refused = refused.map(|(_, text)| text.clone());
                    return html! { <Question {key} message={message.clone()} acts={props.acts.clone()} {refused} /> };
                }
                let is_last = props.is_last && growing.is_none() && Some(message.id) == last;
                view_answer(key, Content::Finished(message.clone()), is_last, props)
            }).chain(growing.map(|(id, turn)| {
                view_answer(id.to_string(), Content::Growing(turn.clone()), true, props)
            })) }
        </div>
    }
}

fn view_answer(key: String, content: Content, is_last: bool, props: &PieceProps) -> Html {
    html! { <Answer {key} {content} acts={props.acts.clone()} branches={props.branches} {is_last} /> }
}
