//! What a job is, and when a failed one is tried again.

use std::time::Duration;

use db::OrgId;
use serde_json::Value;
use shared_protocol::Timestamp;
use uuid::Uuid;

/// A job to be written.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// Whose data it touches; none for work of the installation.
    pub org: Option<OrgId>,
    /// What the handler needs to know: ids, no content.
    pub payload: Value,
    /// When it is ready.
    pub run_at: Timestamp,
    /// While an unfinished job of this kind has the same key, no second one is written.
    pub dedup_key: Option<String>,
    /// How often it is tried, at least once.
    pub max_attempts: u32,
}

/// A job that this process works on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Claimed {
    /// The row.
    pub id: Uuid,
    /// Which handler runs it.
    pub kind: String,
    /// Whose data it touches.
    pub org_id: Option<Uuid>,
    /// JSON text of the payload.
    pub payload: String,
    /// Which try this is, from 1.
    pub attempt: i64,
    /// How many tries there are.
    pub max_attempts: i64,
    /// The claim's number; finishing needs it.
    pub epoch: i64,
}

impl Claimed {
    /// The organisation that the job acts for.
    #[expect(clippy::disallowed_methods, reason = "the job was written by a request that was verified for it")]
    pub fn org(&self) -> Option<OrgId> {
        self.org_id.map(OrgId::vouched)
    }

    /// The payload as JSON.
    ///
    /// # Errors
    /// Fails when the row is damaged.
    pub fn payload(&self) -> serde_json::Result<Value> {
        serde_json::from_str(&self.payload)
    }
}

/// Why a handler gave up.
#[derive(Debug)]
pub enum JobError {
    /// May work later.
    Retry(Box<dyn std::error::Error + Send + Sync>),
    /// Will never work.
    Fatal(Box<dyn std::error::Error + Send + Sync>),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::Retry(Box::new(error))
    }
}

/// How a try ended, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Completed,
    /// To be tried again at that time.
    Retry {
        /// When.
        run_at: Timestamp,
        /// Why it failed.
        error: String,
    },
    /// Given up; the row stays as `failed`.
    Failed {
        /// Why it failed.
        error: String,
    },
}

const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The wait before the next try: doubling from 5 s up to 1 h, with up to half on top by `jitter`
/// from 0 to 1, so that jobs that failed together do not come back together.
pub(crate) fn wait_before_retry(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(16)));
    doubled.min(LONGEST_WAIT).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stop_growing() {
        assert_eq!(wait_before_retry(1, 0.0), Duration::from_secs(5));
        assert_eq!(wait_before_retry(3, 0.0), Duration::from_secs(20));
        assert_eq!(wait_before_retry(60, 1.0), Duration::from_secs(5400));
    }
}
