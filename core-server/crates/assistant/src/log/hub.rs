//! All running turns of this process.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use shared_protocol::{MessageId, chat::ChatEvent};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{TurnLog, journal::Journal};
use crate::turns::LEASE;

/// The turns that run here, and their journal.
pub struct Hub {
    turns: Mutex<HashMap<MessageId, (Arc<TurnLog>, CancellationToken)>>,
    journal: Journal,
    folder: PathBuf,
    /// When the database last failed us, or this process began. See [`Hub::may_judge_leases`].
    trouble: Mutex<Instant>,
}

impl Hub {
    /// A hub without turns, with a new journal in `folder`.
    ///
    /// # Errors
    /// Fails when the folder cannot be written.
    pub fn new(folder: &Path, process: Uuid) -> io::Result<Self> {
        Ok(Self {
            turns: Mutex::default(),
            journal: Journal::create(folder, process)?,
            folder: folder.to_owned(),
            trouble: Mutex::new(Instant::now()),
        })
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<MessageId, (Arc<TurnLog>, CancellationToken)>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where all processes on this machine have their journals.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A turn begins here.
    pub fn begin(&self, message: MessageId) -> (Arc<TurnLog>, CancellationToken) {
        let turn = (Arc::new(TurnLog::new(message)), CancellationToken::new());
        self.turns().insert(message, turn.clone());
        turn
    }

    /// Journals an event and then lets readers have it.
    pub fn emit(&self, log: &TurnLog, event: &ChatEvent) {
        let (seq, bytes) = match log.encode(event) {
            Ok(encoded) => encoded,
            Err(error) => return tracing::error!(%error, "an event cannot be written"),
        };
        // A full disk must not stop the answer: the table gets it as soon as there is room.
        if let Err(error) = self.journal.append(log.message(), &bytes) {
            tracing::warn!(%error, "an event could not be journalled");
        }
        log.release(seq, bytes);
    }

    /// The turn's end is stored.
    pub fn finish(&self, message: MessageId) {
        self.turns().remove(&message);
        self.journal.forget(message);
    }

    /// The log of a turn that runs here.
    pub fn get(&self, message: MessageId) -> Option<Arc<TurnLog>> {
        self.turns().get(&message).map(|(log, _)| log.clone())
    }

    /// Stops a turn that runs here. False when it runs elsewhere or not at all.
    pub fn cancel(&self, message: MessageId) -> bool {
        self.turns().get(&message).map(|(_, cancel)| cancel.cancel()).is_some()
    }

    /// The database failed: nobody could prolong a lease.
    pub(super) fn note_trouble(&self) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Whether leases tell who is dead. After the database was away, the living must first have had the
    /// time to prolong theirs.
    pub(super) fn may_judge_leases(&self) -> bool {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > LEASE
    }

    /// All logs.
    pub(super) fn all(&self) -> Vec<Arc<TurnLog>> {
        self.turns().values().map(|(log, _)| log.clone()).collect()
    }
}
