//! The messages of a conversation, and the answer in the making below them.

use shared_protocol::conversation::MessageRole;
use yew::{Html, Properties, component, html};

use super::{
    acts::use_acts,
    answer::{Answer, AnswerInMaking},
    question::Question,
    scroll::use_scroll,
    use_thread::ThreadHandle,
};
use crate::{
    app::context::use_texts,
    components::{Glyph, IconButton},
};

#[derive(Properties, PartialEq)]
pub(super) struct MessageListProps {
    pub(super) handle: ThreadHandle,
}

/// The messages, which stay at their end while it grows, unless the reader scrolled away.
#[component]
pub(super) fn MessageList(props: &MessageListProps) -> Html {
    let texts = use_texts();
    let acts = use_acts(&props.handle);
    let thread = &props.handle.thread;
    let scroll = use_scroll(thread, &props.handle.older);
    let busy = thread.is_busy();
    let branches = thread.detail.as_ref().is_none_or(|detail| detail.agent.threads_enabled);
    let last = thread.messages.last().map(|message| message.id);
    html! {
        <div class="thread-box">
            <div
                ref={scroll.node.clone()}
                class="thread"
                role="region"
                aria-label={texts.t("messages")}
                tabindex="0"
                onscroll={scroll.onscroll.clone()}
                data-testid="thread"
            >
                <div class="thread-column">
                    if thread.older.is_some() {
                        <button type="button" class="link more" onclick={props.handle.older.reform(|_| ())}>
                            { texts.t("messages-older") }
                        </button>
                    }
                    { for thread.messages.iter().map(|message| {
                        let key = message.id.to_string();
                        if message.role == MessageRole::User {
                            html! { <Question {key} message={message.clone()} acts={acts.clone()} {busy} /> }
                        } else {
                            let is_last = Some(message.id) == last && !busy;
                            html! {
                                <Answer {key} message={message.clone()} acts={acts.clone()} {busy} {branches} {is_last} />
                            }
                        }
                    }) }
                    if let Some(turn) = &thread.turn {
                        if let Some(question) = &turn.question {
                            <article class="message question" aria-label={texts.t("you")}>
                                <div class="bubble">{ question }</div>
                            </article>
                        }
                        <AnswerInMaking turn={turn.clone()} />
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
        </div>
    }
}
