//! What is read out of a growing answer: whole sentences, and its end. A live region that changed
//! with every token would never let anybody finish listening.

use shared_protocol::{
    ConversationId, MessageId,
    conversation::{Message, MessageRole},
};

use super::{Shared, thread::Thread};
use crate::format::sentences;

/// What is to be read out.
#[derive(Clone, Debug, PartialEq)]
pub enum Spoken {
    /// An answer begins.
    Thinking,
    /// The next sentences.
    Sentence(String),
    /// The answer is there; the text that was not read out yet.
    End(Shared<Message>, String),
    /// Nothing more: what was followed is not to be seen any more.
    Silence,
}

/// Listens to one turn at a time.
#[derive(Debug, Default)]
pub struct Speaker {
    followed: Option<Followed>,
}

#[derive(Debug)]
struct Followed {
    conversation: Option<ConversationId>,
    message: Option<MessageId>,
    /// The last message when the turn was asked for.
    before: Option<MessageId>,
    /// How far the text was read out, in bytes.
    said: usize,
}

impl Speaker {
    /// Looks at the thread after a change.
    pub fn hear(&mut self, thread: &Thread) -> Option<Spoken> {
        let Some(turn) = &thread.turn else { return self.end(thread) };
        let goes_on = self.followed.as_ref().is_some_and(|followed| {
            let same_place = followed.conversation.is_none() || followed.conversation == thread.id;
            same_place && (followed.message.is_none() || followed.message == turn.message_id)
        });
        if !goes_on {
            let before = thread.messages.last().map(|last| last.id);
            self.followed = Some(Followed { conversation: thread.id, message: turn.message_id, before, said: 0 });
            return Some(Spoken::Thinking);
        }
        let followed = self.followed.as_mut()?;
        followed.conversation = thread.id;
        followed.message = turn.message_id;
        let (sentence, next) = sentences(&turn.text, followed.said)?;
        let sentence = sentence.trim().to_owned();
        followed.said = next;
        Some(Spoken::Sentence(sentence))
    }

    /// A turn is over. Only the end of the one that was followed is told: not that of a refused one,
    /// and not the last message of a conversation that was opened meanwhile.
    fn end(&mut self, thread: &Thread) -> Option<Spoken> {
        let followed = self.followed.take()?;
        let last = thread.messages.last().filter(|last| match followed.message {
            Some(message) => last.id == message && followed.conversation == thread.id,
            // Begin and end came together, as with a short answer: then the answer is what is new.
            None => {
                let same_place = followed.conversation.is_none() || followed.conversation == thread.id;
                same_place
                    && thread.refused.is_none()
                    && last.role == MessageRole::Assistant
                    && Some(last.id) != followed.before
            }
        });
        let Some(message) = last else { return Some(Spoken::Silence) };
        let rest = message.content.get(followed.said..).unwrap_or_default().trim().to_owned();
        Some(Spoken::End(message.clone(), rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{thread::sample, turn::Turn};

    fn message_id(last: char) -> MessageId {
        format!("msg_0000000000000000000000000{last}").parse().expect("an id")
    }

    fn conversation_id(last: char) -> ConversationId {
        format!("conv_0000000000000000000000000{last}").parse().expect("an id")
    }

    fn answering(text: &str) -> Thread {
        let mut thread = Thread::opened(Some(conversation_id('1')));
        let mut turn = Turn::asked(None, thread.id);
        turn.message_id = Some(message_id('2'));
        turn.text = text.to_owned();
        thread.turn = Some(turn);
        thread
    }

    fn answered(last: char) -> Thread {
        let mut thread = Thread::opened(Some(conversation_id('1')));
        let answer = sample(message_id(last), conversation_id('1'), MessageRole::Assistant, "One. Two");
        thread.messages = Shared::new(vec![Shared::new(answer)]);
        thread
    }

    #[test]
    fn sentences_and_the_end_are_read_out() {
        let mut speaker = Speaker::default();
        assert_eq!(speaker.hear(&answered('1')), None);
        assert_eq!(speaker.hear(&answering("")), Some(Spoken::Thinking));
        assert_eq!(speaker.hear(&answering("On")), None);
        assert_eq!(speaker.hear(&answering("One. Tw")), Some(Spoken::Sentence("One.".to_owned())));
        let Some(Spoken::End(message, rest)) = speaker.hear(&answered('2')) else { panic!("no end") };
        assert_eq!((message.id, rest.as_str()), (message_id('2'), "Two"));
        assert_eq!(speaker.hear(&answered('2')), None);
    }

    #[test]
    fn a_refusal_has_no_end() {
        let mut speaker = Speaker::default();
        let mut thread = answered('1');
        thread.turn = Some(Turn::asked(Some("more".to_owned()), thread.id));
        assert_eq!(speaker.hear(&thread), Some(Spoken::Thinking));
        assert_eq!(speaker.hear(&answered('1')), Some(Spoken::Silence));
    }

    #[test]
    fn an_answer_that_comes_at_once_is_read_out_whole() {
        let mut speaker = Speaker::default();
        let mut thread = answered('1');
        thread.turn = Some(Turn::asked(Some("more".to_owned()), thread.id));
        assert_eq!(speaker.hear(&thread), Some(Spoken::Thinking));
        let Some(Spoken::End(_, rest)) = speaker.hear(&answered('2')) else { panic!("no end") };
        assert_eq!(rest, "One. Two");
    }

    #[test]
    fn another_conversation_has_its_own_end() {
        let mut speaker = Speaker::default();
        speaker.hear(&answering(""));
        let mut other = answered('2');
        other.id = Some(conversation_id('9'));
        assert_eq!(speaker.hear(&other), Some(Spoken::Silence));
    }

    #[test]
    fn a_first_turn_gets_its_conversation_on_the_way() {
        let mut speaker = Speaker::default();
        let mut thread = Thread::opened(None);
        thread.turn = Some(Turn::asked(Some("hello".to_owned()), None));
        assert_eq!(speaker.hear(&thread), Some(Spoken::Thinking));
        assert_eq!(speaker.hear(&answering("")), None);
        assert!(matches!(speaker.hear(&answered('2')), Some(Spoken::End(..))));
    }
}
