//! Work that comes back: every replica tries to take each tick, and one succeeds.

use std::time::Duration;

use shared_protocol::Timestamp;

/// A job that is enqueued at every multiple of its interval since 1970.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The schedule's name and the kind of its jobs.
    pub kind: &'static str,
    /// Time between two ticks.
    pub every: Duration,
}

impl Schedule {
    /// The last tick that is due.
    pub(crate) fn tick(&self, now: Timestamp) -> Timestamp {
        let every = i64::try_from(self.every.as_micros()).unwrap_or(i64::MAX).max(1);
        Timestamp::from_micros(now.micros().div_euclid(every) * every)
    }
}
