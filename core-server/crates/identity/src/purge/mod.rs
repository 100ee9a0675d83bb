//! Removes what has expired, once an hour.

mod store;

use std::time::Duration;

use jobs::{Runner, Schedule};

use crate::Identity;

const KIND: &str = "identity.purge";

/// Registers the purge of expired sessions, tokens, counters and stored answers.
pub fn register_jobs(runner: &mut Runner, identity: &Identity) {
    let identity = identity.clone();
    runner.handle(KIND, move |_| {
        let identity = identity.clone();
        async move { Ok(store::purge_expired(&identity.db, identity.clock.now()).await?) }
    });
    runner.schedule(Schedule { kind: KIND, every: Duration::from_secs(3600) });
}
