//! SQL of stored events. The turn's id was looked up for the caller, or belongs to this process.

use db::{DbResult, Tx, on};
use shared_protocol::{MessageId, Timestamp};

/// One batch of events.
#[derive(sqlx::FromRow)]
pub(crate) struct Chunk {
    pub last_seq: i64,
    pub events: String,
}

pub(crate) async fn insert(tx: &mut Tx, message: MessageId, first: u64, last: u64, events: &str) -> DbResult<()> {
    let sql = "INSERT INTO turn_chunks (message_id, first_seq, last_seq, events) VALUES ($1, $2, $3, $4)";
    on!(tx, |c| sqlx::query(sql)
        .bind(message.uuid())
        .bind(i64::try_from(first).unwrap_or(i64::MAX))
        .bind(i64::try_from(last).unwrap_or(i64::MAX))
        .bind(events)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Batches that hold events after that number, at most 64 at a time.
pub(crate) async fn after(tx: &mut Tx, message: MessageId, seq: u64) -> DbResult<Vec<Chunk>> {
    let sql =
        "SELECT last_seq, events FROM turn_chunks WHERE message_id = $1 AND last_seq > $2 ORDER BY last_seq LIMIT 64";
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(message.uuid()).bind(seq).fetch_all(c).await)?)
}

/// Adds events of a turn that this process runs. False when the turn is not this process's any more, or
/// when these events are there already, as after a commit whose confirmation was lost.
pub(super) async fn append(
    tx: &mut Tx,
    owner: uuid::Uuid,
    message: MessageId,
    first: u64,
    last: u64,
    events: &str,
) -> DbResult<bool> {
    let sql = "INSERT INTO turn_chunks (message_id, first_seq, last_seq, events)
               SELECT message_id, $3, $4, $5 FROM turns WHERE message_id = $1 AND owner = $2 AND status = 'active'
               ON CONFLICT DO NOTHING";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(message.uuid())
        .bind(owner)
        .bind(i64::try_from(first).unwrap_or(i64::MAX))
        .bind(i64::try_from(last).unwrap_or(i64::MAX))
        .bind(events)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The number of the last stored event.
pub(crate) async fn last(tx: &mut Tx, message: MessageId) -> DbResult<Option<u64>> {
    let sql = "SELECT MAX(last_seq) FROM turn_chunks WHERE message_id = $1";
    let last: Option<i64> = on!(tx, |c| sqlx::query_scalar(sql).bind(message.uuid()).fetch_one(c).await)?;
    Ok(last.and_then(|last| u64::try_from(last).ok()))
}

/// Prolongs the leases of all turns of a process.
pub(super) async fn prolong(tx: &mut Tx, owner: uuid::Uuid, until: Timestamp) -> DbResult<()> {
    let sql = "UPDATE turns SET lease_until = $2 WHERE owner = $1 AND status = 'active'";
    on!(tx, |c| sqlx::query(sql).bind(owner).bind(until.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// Active turns of a process that somebody wants stopped.
pub(super) async fn cancelled(tx: &mut Tx, owner: uuid::Uuid) -> DbResult<Vec<MessageId>> {
    let sql = "SELECT message_id FROM turns WHERE owner = $1 AND status = 'active' AND cancel_requested_at IS NOT NULL LIMIT 500";
    let ids: Vec<uuid::Uuid> = on!(tx, |c| sqlx::query_scalar(sql).bind(owner).fetch_all(c).await)?;
    Ok(ids.into_iter().map(MessageId::from).collect())
}

/// Active turns of a process that began before that time.
pub(super) async fn active_since(tx: &mut Tx, owner: uuid::Uuid, before: Timestamp) -> DbResult<Vec<MessageId>> {
    let sql = "SELECT message_id FROM turns WHERE owner = $1 AND status = 'active' AND started_at < $2 ORDER BY message_id LIMIT 5000";
    let ids: Vec<uuid::Uuid> =
        on!(tx, |c| sqlx::query_scalar(sql).bind(owner).bind(before.micros()).fetch_all(c).await)?;
    Ok(ids.into_iter().map(MessageId::from).collect())
}

/// Removes the events of turns that ended before that time. What there is to go through is the events of
/// the last minutes, not the turns of all time.
pub(crate) async fn purge(tx: &mut Tx, before: Timestamp) -> DbResult<()> {
    let sql = "DELETE FROM turn_chunks WHERE EXISTS
                 (SELECT 1 FROM turns t WHERE t.message_id = turn_chunks.message_id AND t.finished_at < $1)";
    on!(tx, |c| sqlx::query(sql).bind(before.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// Turns that nobody holds: of every other process at start on a database of our own, or those whose
/// lease is over.
pub(super) async fn abandoned(
    tx: &mut Tx,
    process: uuid::Uuid,
    lease_before: Option<Timestamp>,
) -> DbResult<Vec<MessageId>> {
    let sql = "SELECT message_id FROM turns WHERE status = 'active' AND owner <> $1 AND lease_until < $2 ORDER BY message_id LIMIT 500";
    let limit = lease_before.map_or(i64::MAX, Timestamp::micros);
    let ids: Vec<uuid::Uuid> = on!(tx, |c| sqlx::query_scalar(sql).bind(process).bind(limit).fetch_all(c).await)?;
    Ok(ids.into_iter().map(MessageId::from).collect())
}
