//! Moves the events of all running turns to the table, many turns in one transaction.

use std::{sync::Arc, time::Duration};

use db::DbResult;
use shared_protocol::MessageId;
use tokio::time::MissedTickBehavior;

use super::{ADVANCED_TOPIC, TurnLog, store, turn_log::Unflushed};
use crate::{Assistant, turns::LEASE};

const INTERVAL: Duration = Duration::from_millis(100);
/// Flushes between two prolongations of the leases.
const FLUSHES_PER_LEASE: u32 = 50;

/// Starts the task. It goes on until the last turn has ended.
pub(super) fn start(assistant: &Assistant) {
    let assistant = assistant.clone();
    let lifecycle = assistant.lifecycle.clone();
    lifecycle.clone().spawn("event flusher", async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count = 0_u32;
        loop {
            ticks.tick().await;
            let logs = assistant.hub.all();
            if (logs.is_empty() && lifecycle.stopping().is_cancelled()) || lifecycle.stopped().is_cancelled() {
                return;
            }
            count = count.wrapping_add(1);
            // Events stay in memory and in the journal until the table takes them.
            if let Err(error) = flush(&assistant, logs, count.is_multiple_of(FLUSHES_PER_LEASE)).await {
                tracing::warn!(%error, "events could not be stored yet");
            }
        }
    });
}

async fn flush(assistant: &Assistant, logs: Vec<Arc<TurnLog>>, prolong: bool) -> DbResult<()> {
    // A log that is being ended right now is written there.
    let fresh: Vec<(&Arc<TurnLog>, _, Unflushed)> = logs
        .iter()
        .filter_map(|log| {
            let guard = log.flushing.try_lock().ok()?;
            Some((log, guard, log.unflushed()?))
        })
        .collect();
    if fresh.is_empty() && (!prolong || logs.is_empty()) {
        return Ok(());
    }
    let mut tx = assistant.identity.db.write().await?;
    for (log, _, events) in &fresh {
        store::insert(&mut tx, log.message(), events.first, events.last, &events.text).await?;
    }
    if prolong {
        store::prolong(&mut tx, assistant.process, assistant.identity.clock.now().plus(LEASE)).await?;
    }
    tx.commit().await?;
    for (log, _, events) in &fresh {
        log.flushed(events.last);
    }
    let bus = &assistant.identity.bus;
    if bus.is_remote() && !fresh.is_empty() {
        let ids: Vec<String> = fresh.iter().map(|(log, ..)| MessageId::to_string(&log.message())).collect();
        bus.publish(ADVANCED_TOPIC, &ids.join(" "));
    }
    Ok(())
}
