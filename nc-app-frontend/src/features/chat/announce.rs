//! Reads the growing answer out for screen readers, sentence by sentence.

use shared_protocol::conversation::MessageStatus;
use yew::{Html, Properties, component, html, use_effect_with, use_mut_ref, use_state_eq};

use super::{ending, use_thread::ThreadHandle};
use crate::{
    app::context::use_texts,
    state::speech::{Speaker, Spoken},
};

#[derive(Properties, PartialEq)]
pub(super) struct AnnounceProps {
    pub(super) handle: ThreadHandle,
}

/// The live region.
#[component]
pub(super) fn Announce(props: &AnnounceProps) -> Html {
    let texts = use_texts();
    let line = use_state_eq(String::new);
    let speaker = use_mut_ref(Speaker::default);
    {
        let (line, handle) = (line.setter(), props.handle.clone());
        let turn = handle.thread.turn.as_ref().map(|turn| (turn.message_id, turn.text.len()));
        use_effect_with((turn, handle.thread.id), move |_| {
            let Some(spoken) = speaker.borrow_mut().hear(&handle.thread) else { return };
            line.set(match spoken {
                Spoken::Thinking => texts.t("thinking"),
                Spoken::Sentence(sentence) => sentence,
                Spoken::End(message, rest) => {
                    let note = ending::note(&message, &texts).filter(|_| message.status != MessageStatus::Completed);
                    let end = note.unwrap_or_else(|| texts.t("answer-complete"));
                    format!("{rest} {end}").trim().to_owned()
                }
                Spoken::Silence => String::new(),
            });
        });
    }
    html! { <div class="hidden" aria-live="polite" data-testid="live-region">{ (*line).clone() }</div> }
}
