//! Reads the growing answer out for screen readers, sentence by sentence: a live region that
//! changes with every token would never let anybody finish listening.

use shared_protocol::conversation::MessageStatus;
use yew::{Html, Properties, component, html, use_effect_with, use_mut_ref, use_state_eq};

use super::{ending, use_thread::ThreadHandle};
use crate::{app::context::use_texts, format::sentences};

#[derive(Properties, PartialEq)]
pub(super) struct AnnounceProps {
    pub(super) handle: ThreadHandle,
}

/// The live region.
#[component]
pub(super) fn Announce(props: &AnnounceProps) -> Html {
    let texts = use_texts();
    let thread = &props.handle.thread;
    let line = use_state_eq(String::new);
    // How far the answer was read out, and whether one was being made.
    let said = use_mut_ref(|| (0_usize, false));
    {
        let (line, thread) = (line.setter(), thread.clone());
        use_effect_with((thread.turn.as_ref().map(|turn| turn.text.len()), texts), move |(grown, texts)| {
            let mut said = said.borrow_mut();
            match (&thread.turn, *grown) {
                (Some(turn), Some(_)) => {
                    if !said.1 {
                        *said = (0, true);
                        line.set(texts.t("thinking"));
                    }
                    if let Some((sentence, next)) = sentences(&turn.text, said.0) {
                        line.set(sentence.trim().to_owned());
                        said.0 = next;
                    }
                }
                _ if said.1 => {
                    let last = thread.messages.last();
                    let rest = last.and_then(|message| message.content.get(said.0..)).unwrap_or_default().trim();
                    let end = last
                        .filter(|message| message.status != MessageStatus::Completed)
                        .and_then(|message| ending::note(message, texts))
                        .unwrap_or_else(|| texts.t("answer-complete"));
                    line.set(format!("{rest} {end}").trim().to_owned());
                    *said = (0, false);
                }
                _ => {}
            }
        });
    }
    html! { <div class="hidden" aria-live="polite" data-testid="live-region">{ (*line).clone() }</div> }
}
