//! One way of reading a turn's events, wherever they are: in this process, in the table, or still to
//! come from another replica.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use db::DbResult;
use platform::BusMessage;
use shared_protocol::{
    MessageId,
    chat::EventId,
    sse::{self, SseParser},
};
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};

use super::{ADVANCED_TOPIC, TurnLog, store, turn_log::Tail};
use crate::{Assistant, turns};

/// How long nothing may be sent before a comment shows that the connection lives.
const BEAT: Duration = Duration::from_secs(15);
/// How often the table is asked for events of another replica when no message calls.
const POLL: Duration = Duration::from_millis(250);

/// A position in a turn's events.
pub struct Reader {
    assistant: Assistant,
    message: MessageId,
    position: u64,
    source: Source,
}

enum Source {
    Here { log: Arc<TurnLog>, changes: watch::Receiver<u64> },
    Elsewhere(broadcast::Receiver<Arc<BusMessage>>),
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// One or more events as they stand in the stream.
    Events(Bytes),
    /// Nothing for a while; the turn goes on.
    Beat,
    /// Everything was read and the turn has ended.
    End,
}

impl Reader {
    /// A reader of the events after number `after`. The caller has checked whose turn it is.
    pub fn new(assistant: &Assistant, message: MessageId, after: u64) -> Self {
        let source = source(assistant, message);
        Self { assistant: assistant.clone(), message, position: after, source }
    }

    /// The number of the last event that was read.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Waits for what comes next.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn next(&mut self) -> DbResult<Next> {
        self.next_within(BEAT).await
    }

    /// What comes next within `wait`; what is there already comes in any case.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn next_within(&mut self, wait: Duration) -> DbResult<Next> {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(next) = self.now().await? {
                return Ok(next);
            }
            let wait = async {
                match &mut self.source {
                    // An error means that the log is gone; its end is in the table then.
                    Source::Here { changes, .. } => drop(changes.changed().await),
                    Source::Elsewhere(bus) => until_advanced(bus, self.message).await,
                }
            };
            if tokio::time::timeout_at(deadline, wait).await.is_err() {
                return Ok(Next::Beat);
            }
        }
    }

    async fn now(&mut self) -> DbResult<Option<Next>> {
        if let Source::Here { log, .. } = &self.source {
            match log.after(self.position) {
                Tail::Events { bytes, last } => {
                    self.position = last;
                    return Ok(Some(Next::Events(bytes)));
                }
                Tail::Nothing => return Ok(None),
                Tail::End => return Ok(Some(Next::End)),
                Tail::InTable => {}
            }
        }
        // Asked before the events are read: a turn that ends in between shows its end next time.
        let ended = match self.source {
            Source::Here { .. } => false,
            Source::Elsewhere(_) => {
                turns::store::has_ended(&mut self.assistant.identity.db.read().await?, self.message).await?
            }
        };
        let stored = self.stored().await?;
        if !stored.is_empty() {
            return Ok(Some(Next::Events(stored)));
        }
        if matches!(self.source, Source::Here { .. }) {
            // The table is behind memory for a moment; the log is asked again.
            self.source = source(&self.assistant, self.message);
            if matches!(self.source, Source::Elsewhere(_)) {
                return Box::pin(self.now()).await;
            }
            return Ok(None);
        }
        Ok(ended.then_some(Next::End))
    }

    /// Events from the table, in one piece.
    async fn stored(&mut self) -> DbResult<Bytes> {
        let chunks = store::after(&mut self.assistant.identity.db.read().await?, self.message, self.position).await?;
        let mut text = String::new();
        for chunk in chunks {
            let last = u64::try_from(chunk.last_seq).unwrap_or(0);
            for event in SseParser::new().push(chunk.events.as_bytes()).unwrap_or_default() {
                let id: Option<EventId> = event.id.as_deref().and_then(|id| id.parse().ok());
                if let Some(id) = id.filter(|id| id.seq > self.position) {
                    text.push_str(&sse::encode(id, &event.event, &event.data));
                }
            }
            self.position = self.position.max(last);
        }
        Ok(text.into())
    }
}

fn source(assistant: &Assistant, message: MessageId) -> Source {
    match assistant.hub.get(message) {
        Some(log) => {
            let changes = log.watch();
            Source::Here { log, changes }
        }
        None => Source::Elsewhere(assistant.identity.bus.subscribe()),
    }
}

async fn until_advanced(bus: &mut broadcast::Receiver<Arc<BusMessage>>, message: MessageId) {
    let name = message.to_string();
    let called = async {
        loop {
            match bus.recv().await {
                Ok(message) if message.topic == ADVANCED_TOPIC && message.payload.contains(&name) => return,
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Too long a wait is no fault: then the table is asked.
    let _ = tokio::time::timeout(POLL, called).await;
}
