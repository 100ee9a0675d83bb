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

/// Prolongs the leases of all turns of a process.
pub(super) async fn prolong(tx: &mut Tx, owner: uuid::Uuid, until: Timestamp) -> DbResult<()> {
    let sql = "UPDATE turns SET lease_until = $2 WHERE owner = $1 AND status = 'active'";
    on!(tx, |c| sqlx::query(sql).bind(owner).bind(until.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// Removes the events of turns that ended before that time.
pub(crate) async fn purge(tx: &mut Tx, before: Timestamp) -> DbResult<()> {
    let sql = "DELETE FROM turn_chunks WHERE message_id IN (SELECT message_id FROM turns WHERE finished_at < $1)";
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
