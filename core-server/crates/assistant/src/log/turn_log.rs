//! The events of a turn that runs in this process.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use shared_protocol::{
    MessageId,
    chat::{ChatEvent, EventId},
    sse,
};
use tokio::sync::watch;

/// Events that stay in memory after they are in the table, for readers who are a little behind.
const TAIL: usize = 32;

/// A running turn's events: those that are not in the table yet, and a short tail of those that are.
pub struct TurnLog {
    message: MessageId,
    state: Mutex<State>,
    last: watch::Sender<u64>,
    /// Held while events are written to the table, so that the flusher and the end of the turn do
    /// not write the same ones.
    pub(super) flushing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    events: VecDeque<(u64, Bytes)>,
    last: u64,
    flushed: u64,
    ended: bool,
}

/// What a reader finds in memory.
#[derive(Debug, PartialEq, Eq)]
pub enum Tail {
    /// Events after the asked one, up to `last`.
    Events {
        /// As they stand in the stream.
        bytes: Bytes,
        /// The number of the last one.
        last: u64,
    },
    /// Nothing new, and the turn goes on.
    Nothing,
    /// Nothing new, and nothing will come.
    End,
    /// The next event is only in the table.
    InTable,
}

/// Events that are not in the table yet.
#[derive(Debug)]
pub struct Unflushed {
    /// Number of the first one.
    pub first: u64,
    /// Number of the last one.
    pub last: u64,
    /// As they stand in the stream.
    pub text: String,
}

impl TurnLog {
    /// The log of a turn without events.
    pub fn new(message: MessageId) -> Self {
        Self { message, state: Mutex::default(), last: watch::channel(0).0, flushing: tokio::sync::Mutex::new(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the flusher from writing events until the guard is dropped.
    pub async fn flushing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.flushing.lock().await
    }

    /// The turn's message.
    pub fn message(&self) -> MessageId {
        self.message
    }

    /// Writes the next event in its stream form and number. It is not released.
    ///
    /// # Errors
    /// Fails only on values that JSON cannot hold.
    pub fn encode(&self, event: &ChatEvent) -> serde_json::Result<(u64, Bytes)> {
        let seq = self.state().last + 1;
        let id = EventId { message_id: self.message, seq };
        Ok((seq, Bytes::from(sse::encode(id, event.name(), &event.data()?))))
    }

    /// Lets readers have an event that [`TurnLog::encode`] numbered. One task writes a turn's events.
    pub fn release(&self, seq: u64, bytes: Bytes) {
        {
            let mut state = self.state();
            state.events.push_back((seq, bytes));
            state.last = seq;
        }
        self.last.send_replace(seq);
    }

    /// Lets readers have the last event, which is in the table already.
    pub fn end(&self, seq: u64, bytes: Bytes) {
        {
            let mut state = self.state();
            state.events.push_back((seq, bytes));
            state.last = seq;
            state.flushed = seq;
            state.ended = true;
        }
        self.last.send_replace(seq);
    }

    /// Nothing more will come, and readers must look into the table.
    pub fn abandon(&self) {
        self.state().ended = true;
        self.last.send_modify(|_| {});
    }

    /// What is in memory after the event number `after`.
    pub fn after(&self, after: u64) -> Tail {
        let state = self.state();
        if after >= state.last {
            return if state.ended { Tail::End } else { Tail::Nothing };
        }
        match state.events.front() {
            Some((first, _)) if *first <= after + 1 => {
                let skip = usize::try_from(after + 1 - first).unwrap_or(usize::MAX);
                let mut wanted = state.events.iter().skip(skip).map(|(_, bytes)| bytes);
                // Most of the time there is one, which is shared and not copied.
                let bytes = match state.events.len().saturating_sub(skip) {
                    1 => wanted.next().cloned().unwrap_or_default(),
                    _ => wanted
                        .fold(Vec::new(), |mut all, bytes| {
                            all.extend_from_slice(bytes);
                            all
                        })
                        .into(),
                };
                Tail::Events { bytes, last: state.last }
            }
            _ => Tail::InTable,
        }
    }

    /// Wakes when there is more than the last time it was asked.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// Events that are not in the table.
    pub fn unflushed(&self) -> Option<Unflushed> {
        let state = self.state();
        if state.flushed >= state.last {
            return None;
        }
        let fresh = state.events.iter().filter(|(seq, _)| *seq > state.flushed);
        let text = fresh.filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok()).collect();
        Some(Unflushed { first: state.flushed + 1, last: state.last, text })
    }

    /// Events up to `last` are in the table; only the tail stays in memory.
    pub fn flushed(&self, last: u64) {
        let mut state = self.state();
        state.flushed = state.flushed.max(last);
        while state.events.len() > TAIL && state.events.front().is_some_and(|(seq, _)| *seq <= state.flushed) {
            state.events.pop_front();
        }
        if state.events.capacity() > 4 * TAIL && state.events.len() <= TAIL {
            state.events.shrink_to(2 * TAIL);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_protocol::{chat::Token, sse::SseParser};
    use uuid::Uuid;

    use super::*;

    fn log() -> TurnLog {
        TurnLog::new(Uuid::from_u128(1).into())
    }

    fn write(log: &TurnLog, text: &str) {
        let (seq, bytes) = log.encode(&ChatEvent::Token(Token { text: text.to_owned() })).expect("encoded");
        log.release(seq, bytes);
    }

    fn numbers(bytes: &[u8]) -> Vec<u64> {
        let events = SseParser::new().push(bytes).expect("short lines");
        events
            .iter()
            .map(|event| event.id.as_deref().expect("an id").parse::<EventId>().expect("an event id").seq)
            .collect()
    }

    proptest! {
        /// A reader that takes from memory or, when it is behind, from the table (here: a list of all
        /// that was flushed) sees each event once, whatever the order of writing, flushing and reading.
        #[test]
        fn each_event_is_read_once(steps in prop::collection::vec(0_u8..3, 1..400)) {
            let log = log();
            let (mut table, mut seen, mut at) = (Vec::<u64>::new(), Vec::new(), 0);
            let read = |at: &mut u64, table: &[u64], seen: &mut Vec<u64>| match log.after(*at) {
                Tail::Events { bytes, last } => {
                    seen.extend(numbers(&bytes));
                    *at = last;
                }
                Tail::InTable => {
                    let stored: Vec<u64> = table.iter().copied().filter(|seq| *seq > *at).collect();
                    assert!(!stored.is_empty(), "the table has what memory has not");
                    *at = *stored.last().expect("not empty");
                    seen.extend(stored);
                }
                Tail::Nothing | Tail::End => {}
            };
            for step in steps {
                match step {
                    0 => write(&log, "x"),
                    1 => if let Some(fresh) = log.unflushed() {
                        table.extend(fresh.first..=fresh.last);
                        log.flushed(fresh.last);
                    },
                    _ => read(&mut at, &table, &mut seen),
                }
            }
            read(&mut at, &table, &mut seen);
            read(&mut at, &table, &mut seen);
            prop_assert!(seen.iter().copied().eq(1..=at));
            prop_assert_eq!(log.after(at), Tail::Nothing);
        }
    }

    #[test]
    fn memory_keeps_a_short_tail() {
        let log = log();
        for _ in 0..1000 {
            write(&log, "x");
        }
        let fresh = log.unflushed().expect("events");
        assert_eq!((fresh.first, fresh.last, numbers(fresh.text.as_bytes()).len()), (1, 1000, 1000));
        log.flushed(fresh.last);
        assert_eq!(log.after(1), Tail::InTable);
        assert!(matches!(log.after(1000 - 5), Tail::Events { last: 1000, .. }));
    }
}
