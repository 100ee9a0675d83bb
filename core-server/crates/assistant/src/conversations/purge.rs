//! Removes deleted conversations after their time, and events that nobody can resume any more.

use std::time::Duration;

use db::DbResult;
use jobs::{Runner, Schedule};

use super::store;
use crate::{Assistant, log};

const KIND: &str = "conversation.purge";
/// How long a deleted conversation could be brought back.
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long an ended turn can be resumed.
const KEEP_EVENTS: Duration = Duration::from_secs(10 * 60);

/// Conversations that are looked up at a time.
const BATCH: i64 = 100;

/// Registers the job.
pub(crate) fn register(runner: &mut Runner, assistant: &Assistant) {
    let assistant = assistant.clone();
    runner.handle(KIND, move |_| {
        let assistant = assistant.clone();
        async move { Ok(purge(&assistant).await?) }
    });
    runner.schedule(Schedule { kind: KIND, every: Duration::from_secs(300) });
}

async fn purge(assistant: &Assistant) -> DbResult<()> {
    let now = assistant.identity.clock.now();
    let mut tx = assistant.identity.db.write().await?;
    log::store::purge(&mut tx, now.minus(KEEP_EVENTS)).await?;
    tx.commit().await?;
    loop {
        let mut tx = assistant.identity.db.read().await?;
        let due = store::deleted_before(&mut tx, now.minus(KEEP), BATCH).await?;
        drop(tx);
        if due.is_empty() {
            return Ok(());
        }
        for id in due {
            // One at a time: a long transaction would hold up everybody who writes.
            let mut tx = assistant.identity.db.write().await?;
            store::purge(&mut tx, id).await?;
            tx.commit().await?;
        }
    }
}
