//! Moves the events of all running turns to the table, many turns in one transaction.

use std::{sync::Arc, time::Duration};

use db::{DbError, DbResult};
use shared_protocol::MessageId;
use tokio::time::{Instant, MissedTickBehavior};

use super::{ADVANCED_TOPIC, TurnLog, store, turn_log::Unflushed};
use crate::{Assistant, turns::LEASE};

const INTERVAL: Duration = Duration::from_millis(100);
/// How often leases are prolonged; a prolongation that fails is tried again at the next tick.
const PROLONG: Duration = Duration::from_secs(5);

/// Starts the task. It goes on until the last turn has ended.
pub(super) fn start(assistant: &Assistant) {
    let assistant = assistant.clone();
    let lifecycle = assistant.lifecycle.clone();
    lifecycle.clone().spawn("event flusher", async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut prolonged = Instant::now();
        loop {
            ticks.tick().await;
            let logs = assistant.hub.all();
            if (logs.is_empty() && lifecycle.stopping().is_cancelled()) || lifecycle.stopped().is_cancelled() {
                return;
            }
            // Leases first: a long queue of events must not cost a turn its owner.
            if !logs.is_empty() && prolonged.elapsed() >= PROLONG {
                match prolong(&assistant).await {
                    Ok(()) => prolonged = Instant::now(),
                    Err(error) => note(&assistant, &error, "leases could not be prolonged yet"),
                }
            }
            // Events stay in memory and in the journal until the table takes them.
            if let Err(error) = flush(&assistant, logs).await {
                note(&assistant, &error, "events could not be stored yet");
            }
        }
    });
}

fn note(assistant: &Assistant, error: &DbError, what: &str) {
    assistant.hub.note_trouble();
    tracing::warn!(%error, "{what}");
}

/// Keeps the turns of this process its own, and stops those that somebody marked on another replica.
async fn prolong(assistant: &Assistant) -> DbResult<()> {
    let mut tx = assistant.identity.db.write().await?;
    store::prolong(&mut tx, assistant.process, assistant.identity.clock.now().plus(LEASE)).await?;
    let cancelled = store::cancelled(&mut tx, assistant.process).await?;
    tx.commit().await?;
    for message in cancelled {
        assistant.hub.cancel(message);
    }
    Ok(())
}

async fn flush(assistant: &Assistant, logs: Vec<Arc<TurnLog>>) -> DbResult<()> {
    // A log that is being ended right now is written there.
    let fresh: Vec<(&Arc<TurnLog>, _, Unflushed)> = logs
        .iter()
        .filter_map(|log| {
            let guard = log.flushing.try_lock().ok()?;
            Some((log, guard, log.unflushed()?))
        })
        .collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let mut tx = assistant.identity.db.write().await?;
    let mut lost = Vec::new();
    for (log, _, events) in &fresh {
        let message = log.message();
        if !store::append(&mut tx, assistant.process, message, events.first, events.last, &events.text).await?
            && store::last(&mut tx, message).await?.is_none_or(|last| last != events.last)
        {
            lost.push(message);
        }
    }
    tx.commit().await?;
    for (log, _, events) in &fresh {
        log.flushed(events.last);
    }
    for message in lost {
        // Its task finds out why when it stores its end.
        assistant.hub.cancel(message);
    }
    let bus = &assistant.identity.bus;
    if bus.is_remote() {
        let ids: Vec<String> = fresh.iter().map(|(log, ..)| MessageId::to_string(&log.message())).collect();
        bus.publish(ADVANCED_TOPIC, &ids.join(" "));
    }
    Ok(())
}
