//! All SQL of the queue. It works across organisations: a worker serves all of them.

use db::{DbResult, Tx, on};
use shared_protocol::Timestamp;
use uuid::Uuid;

use crate::model::{Claimed, NewJob, Outcome};

/// Writes a job. A second one with the dedup key of an unfinished one is not written.
///
/// # Errors
/// Fails when the database does.
pub async fn enqueue(tx: &mut Tx, id: Uuid, job: &NewJob, now: Timestamp) -> DbResult<bool> {
    let sql = "INSERT INTO jobs (id, org_id, kind, payload, status, dedup_key, attempt, max_attempts, run_at, epoch, created_at)
               VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, $7, 0, $8) ON CONFLICT DO NOTHING";
    let payload = job.payload.to_string();
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(id)
        .bind(job.org.map(db::OrgId::uuid))
        .bind(job.kind)
        .bind(&payload)
        .bind(&job.dedup_key)
        .bind(i64::from(job.max_attempts.max(1)))
        .bind(job.run_at.micros())
        .bind(now.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Gives up jobs whose last try died with its worker. A job that kills its process would else do so
/// for ever.
pub(crate) async fn give_up(tx: &mut Tx, now: Timestamp) -> DbResult<u64> {
    let sql = "UPDATE jobs SET status = 'failed', lease_until = NULL, last_error = 'the worker died', finished_at = $1
               WHERE status = 'running' AND lease_until < $1 AND attempt >= max_attempts";
    Ok(on!(tx, |c| sqlx::query(sql).bind(now.micros()).execute(c).await.map(|done| done.rows_affected()))?)
}

/// Claims up to `limit` jobs of these kinds (a JSON list) that are ready, or whose worker let its lease
/// run out. Other kinds are left to replicas of another version that know them.
pub(crate) async fn claim(
    tx: &mut Tx,
    kinds: &str,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> DbResult<Vec<Claimed>> {
    let sql = tx.dialect(
        "UPDATE jobs SET status = 'running', lease_until = $2, attempt = attempt + 1, epoch = epoch + 1 WHERE id IN
         (SELECT id FROM jobs WHERE ((status = 'ready' AND run_at <= $1) OR (status = 'running' AND lease_until < $1))
            AND kind IN (SELECT value FROM json_each($4)) ORDER BY run_at, id LIMIT $3)
         RETURNING id, kind, org_id, payload, attempt, max_attempts, epoch",
        "UPDATE jobs SET status = 'running', lease_until = $2, attempt = attempt + 1, epoch = epoch + 1 WHERE id IN
         (SELECT id FROM jobs WHERE ((status = 'ready' AND run_at <= $1) OR (status = 'running' AND lease_until < $1))
            AND kind IN (SELECT jsonb_array_elements_text($4::jsonb)) ORDER BY run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, org_id, payload, attempt, max_attempts, epoch",
    );
    let jobs = on!(tx, |c| sqlx::query_as(sql)
        .bind(now.micros())
        .bind(lease_until.micros())
        .bind(limit)
        .bind(kinds)
        .fetch_all(c)
        .await)?;
    Ok(jobs)
}

/// Prolongs a lease. False when the job is no longer this claim's.
pub(crate) async fn extend(tx: &mut Tx, id: Uuid, epoch: i64, lease_until: Timestamp) -> DbResult<bool> {
    let sql = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND epoch = $2 AND status = 'running'";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(id)
        .bind(epoch)
        .bind(lease_until.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes down how a try ended. False when the job is no longer this claim's.
pub(crate) async fn finish(tx: &mut Tx, id: Uuid, epoch: i64, outcome: &Outcome, now: Timestamp) -> DbResult<bool> {
    let sql = "UPDATE jobs SET status = $3, run_at = COALESCE($4, run_at), lease_until = NULL, last_error = $5, finished_at = $6
               WHERE id = $1 AND epoch = $2 AND status = 'running'";
    let (status, run_at, error, finished_at) = match outcome {
        Outcome::Completed => ("completed", None, None, Some(now.micros())),
        Outcome::Retry { run_at, error } => ("ready", Some(run_at.micros()), Some(error), None),
        Outcome::Failed { error } => ("failed", None, Some(error), Some(now.micros())),
    };
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(id)
        .bind(epoch)
        .bind(status)
        .bind(run_at)
        .bind(error)
        .bind(finished_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a schedule's tick. True for the one process that is first.
pub(crate) async fn take_tick(tx: &mut Tx, schedule: &str, tick: Timestamp) -> DbResult<bool> {
    let sql = "INSERT INTO schedule_ticks (schedule, tick) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(schedule)
        .bind(tick.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Removes completed jobs and ticks from before that time. Failed jobs stay for people to look at.
pub(crate) async fn purge(tx: &mut Tx, before: Timestamp) -> DbResult<()> {
    let jobs = "DELETE FROM jobs WHERE finished_at < $1 AND status = 'completed'";
    on!(&mut *tx, |c| sqlx::query(jobs).bind(before.micros()).execute(c).await.map(drop))?;
    let ticks = "DELETE FROM schedule_ticks WHERE tick < $1";
    on!(tx, |c| sqlx::query(ticks).bind(before.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// How many jobs were given up.
///
/// # Errors
/// Fails when the database does.
pub async fn count_failed(tx: &mut Tx) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM jobs WHERE status = 'failed'";
    Ok(on!(tx, |c| sqlx::query_scalar(sql).fetch_one(c).await)?)
}
