//! A long conversation in pieces that are drawn by themselves: a token of the growing answer then
//! touches one piece, not two thousand messages.

use std::{collections::HashSet, rc::Rc};

use shared_protocol::{MessageId, conversation::Message};

use crate::state::Shared;

/// The most messages of one piece.
const SIZE: usize = 24;

/// A piece: messages that follow each other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chunk {
    /// What tells it from the others: its first message, or the growing answer when there is none.
    pub(super) first: MessageId,
    pub(super) messages: Rc<Vec<Shared<Message>>>,
    /// Whether the growing answer is in it, after its messages.
    pub(super) grows: bool,
}

/// Where pieces begin. Once a message begins one it always does: older messages that come above, and
/// newer ones below, then leave the pieces that are there as they are.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    starts: HashSet<MessageId>,
}

impl Chunks {
    /// Cuts the messages, and the answer that grows after them, into pieces.
    pub(super) fn cut(&mut self, messages: &[Shared<Message>], growing: Option<MessageId>) -> Vec<Chunk> {
        let mut chunks: Vec<(MessageId, Vec<Shared<Message>>)> = Vec::new();
        for message in messages {
            match chunks.last_mut().filter(|(_, last)| last.len() < SIZE && !self.starts.contains(&message.id)) {
                Some((_, last)) => last.push(message.clone()),
                None => chunks.push((message.id, vec![message.clone()])),
            }
        }
        if let Some(id) = growing {
            // Where the message will stand when it is finished.
            let fits = chunks.last().is_some_and(|(_, last)| last.len() < SIZE && !self.starts.contains(&id));
            if !fits {
                chunks.push((id, Vec::new()));
            }
        }
        self.starts.extend(chunks.iter().map(|(first, _)| *first));
        let last = chunks.len().saturating_sub(1);
        let chunk = |(at, (first, messages))| Chunk {
            first,
            messages: Rc::new(messages),
            grows: growing.is_some() && at == last,
        };
        chunks.into_iter().enumerate().map(chunk).collect()
    }
}

#[cfg(test)]
mod tests {
    use shared_protocol::conversation::MessageRole;

    use super::*;
    use crate::state::thread::sample;

    fn id(number: usize) -> MessageId {
        format!("msg_{number:026}").parse().expect("an id")
    }

    fn messages(numbers: std::ops::Range<usize>) -> Vec<Shared<Message>> {
        let conversation = format!("conv_{}", "0".repeat(26)).parse().expect("an id");
        numbers.map(|number| Shared::new(sample(id(number), conversation, MessageRole::User, ""))).collect()
    }

    #[test]
    fn older_messages_leave_the_pieces_below_as_they_are() {
        let mut chunks = Chunks::default();
        let newest = messages(100..150);
        let before = chunks.cut(&newest, None);
        assert_eq!(before.iter().map(|chunk| chunk.messages.len()).collect::<Vec<_>>(), [24, 24, 2]);
        let all: Vec<_> = messages(70..100).into_iter().chain(newest).collect();
        let after = chunks.cut(&all, None);
        assert_eq!(after.len(), 5);
        assert_eq!(&after[2..], &before[..]);
    }

    #[test]
    fn the_growing_answer_stays_in_its_piece_when_it_is_finished() {
        for known in [0, 5, 24] {
            let mut chunks = Chunks::default();
            let begun = chunks.cut(&messages(0..known), Some(id(known)));
            assert!(begun.last().is_some_and(|chunk| chunk.grows));
            let finished = chunks.cut(&messages(0..known + 1), None);
            let firsts = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.first).collect::<Vec<_>>();
            assert_eq!(firsts(&begun), firsts(&finished));
            assert!(finished.iter().all(|chunk| !chunk.grows));
        }
    }

    #[test]
    fn everything_is_shown_once_and_in_order() {
        let mut chunks = Chunks::default();
        chunks.cut(&messages(10..40), None);
        let all = messages(0..60);
        let cut: Vec<_> = chunks.cut(&all, None).iter().flat_map(|chunk| chunk.messages.to_vec()).collect();
        assert!(cut == all);
    }
}
