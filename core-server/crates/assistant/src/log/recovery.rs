//! Ends the turns of dead processes: what they showed is stored, and the turn ends as interrupted.

use std::{collections::BTreeMap, time::Duration};

use db::{DbResult, Engine, Tx};
use shared_protocol::{
    MessageId,
    chat::{ChatEvent, EventId, TurnError, TurnErrorCode},
    conversation::MessageStatus,
    sse::{self, SseEvent, SseParser},
};

use super::{journal::Orphan, store};
use crate::{Assistant, turns};

/// How often journals and leases are looked at.
const INTERVAL: Duration = Duration::from_secs(3);

/// When recovery runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Before this process takes requests.
    Start,
    /// While it runs.
    Later,
}

/// Starts the task that looks for dead processes while this one runs.
pub(super) fn start(assistant: &Assistant) {
    let assistant = assistant.clone();
    let stopped = assistant.lifecycle.stopping().clone();
    assistant.lifecycle.clone().serve("turn recovery", async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = stopped.cancelled() => return,
            }
            if let Err(error) = recover(&assistant, When::Later).await {
                assistant.hub.note_trouble();
                tracing::warn!(error = %error, "turns of dead processes could not be ended yet");
            }
        }
    });
}

/// Ends all turns whose process is dead.
pub(super) async fn recover(assistant: &Assistant, when: When) -> anyhow::Result<()> {
    for orphan in Orphan::find(assistant.hub.folder())? {
        for (message, events) in by_turn(&orphan.bytes) {
            interrupt(assistant, message, &events).await?;
        }
        orphan.remove()?;
    }
    for message in abandoned(assistant, when).await? {
        interrupt(assistant, message, &BTreeMap::new()).await?;
    }
    Ok(())
}

/// Active turns that nobody runs, whose journal is not here.
async fn abandoned(assistant: &Assistant, when: When) -> DbResult<Vec<MessageId>> {
    let now = assistant.identity.clock.now();
    let mut tx = assistant.identity.db.read().await?;
    // An SQLite file belongs to one process, so at its start nobody else holds a turn. Elsewhere the
    // lease tells.
    let ours_alone = assistant.identity.db.engine() == Engine::Sqlite && when == When::Start;
    let mut found = match (ours_alone, assistant.hub.may_judge_leases()) {
        (true, _) => store::abandoned(&mut tx, assistant.process, None).await?,
        (false, true) => store::abandoned(&mut tx, assistant.process, Some(now)).await?,
        (false, false) => Vec::new(),
    };
    // A commit whose confirmation was lost leaves a turn of ours without its task.
    let ours = store::active_since(&mut tx, assistant.process, now.minus(turns::LEASE)).await?;
    found.extend(ours.into_iter().filter(|message| assistant.hub.get(*message).is_none()));
    Ok(found)
}

/// The journal's events by turn and number. A torn last event is left out.
fn by_turn(journal: &[u8]) -> BTreeMap<MessageId, BTreeMap<u64, SseEvent>> {
    let mut turns: BTreeMap<MessageId, BTreeMap<u64, SseEvent>> = BTreeMap::new();
    for event in SseParser::new().push(journal).unwrap_or_default() {
        if let Some(id) = event.id.as_deref().and_then(|id| id.parse::<EventId>().ok()) {
            turns.entry(id.message_id).or_default().insert(id.seq, event);
        }
    }
    turns
}

/// Stores what the table lacks of the turn's events, and ends it. Turns that have ended are left alone.
async fn interrupt(assistant: &Assistant, message: MessageId, journal: &BTreeMap<u64, SseEvent>) -> DbResult<()> {
    let now = assistant.identity.clock.now();
    let mut tx = assistant.identity.db.write().await?;
    let Some(turn) = turns::store::take_abandoned(&mut tx, message, assistant.process, now).await? else {
        return Ok(());
    };
    let mut events = stored(&mut tx, message).await?;
    let in_table = events.keys().next_back().copied().unwrap_or(0);
    events.extend(journal.iter().filter(|(seq, _)| **seq > in_table).map(|(seq, event)| (*seq, event.clone())));
    let last = events.keys().next_back().copied().unwrap_or(0);
    let content: String = events.values().filter_map(token).collect();

    let error =
        TurnError { code: TurnErrorCode::Interrupted, message: turns::words(TurnErrorCode::Interrupted).to_owned() };
    let end = ChatEvent::Error(error.clone());
    let mut text = String::new();
    for (seq, event) in events.range(in_table + 1..) {
        text.push_str(&sse::encode(EventId { message_id: message, seq: *seq }, &event.event, &event.data));
    }
    let end_id = EventId { message_id: message, seq: last + 1 };
    text.push_str(&sse::encode(end_id, end.name(), &end.data().unwrap_or_default()));
    store::insert(&mut tx, message, in_table + 1, last + 1, &text).await?;
    let ended = turns::store::Ended {
        content: &content,
        status: MessageStatus::Interrupted,
        error: Some(&error),
        model: None,
        usage: None,
    };
    turns::store::end(&mut tx, turn.org(), message, turn.conversation(), &ended, now).await?;
    tx.commit().await?;
    tracing::info!(%message, "a turn of a dead process was ended");
    Ok(())
}

async fn stored(tx: &mut Tx, message: MessageId) -> DbResult<BTreeMap<u64, SseEvent>> {
    let (mut events, mut position) = (BTreeMap::new(), 0);
    loop {
        let chunks = store::after(tx, message, position).await?;
        let Some(last) = chunks.last() else { return Ok(events) };
        position = u64::try_from(last.last_seq).unwrap_or(u64::MAX);
        for chunk in chunks {
            events.extend(by_turn(chunk.events.as_bytes()).remove(&message).unwrap_or_default());
        }
    }
}

fn token(event: &SseEvent) -> Option<String> {
    match ChatEvent::parse(&event.event, &event.data) {
        Ok(Some(ChatEvent::Token(token))) => Some(token.text),
        _ => None,
    }
}
