//! SQL of stored answers.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::Timestamp;

/// What became of a claim on a key.
pub(super) enum Claim {
    /// The first request, or the first after a lease ran out.
    Ours,
    /// An earlier request runs.
    Running { request_hash: String },
    /// An earlier request was answered.
    Answered { request_hash: String, status: i64, body: String },
}

pub(super) async fn claim(
    tx: &mut Tx,
    org: OrgId,
    scope: &str,
    request_hash: &str,
    now: Timestamp,
    lease_until: Timestamp,
    expires: Timestamp,
) -> DbResult<Claim> {
    let sql = "INSERT INTO idempotency_keys (scope_hash, org_id, request_hash, lease_until, created_at, expires_at)
               VALUES ($1, $2, $3, $5, $4, $6)
               ON CONFLICT (scope_hash) DO UPDATE SET request_hash = $3, status = NULL, body = NULL, lease_until = $5, expires_at = $6
               WHERE idempotency_keys.expires_at <= $4
                  OR (idempotency_keys.status IS NULL AND idempotency_keys.lease_until <= $4)";
    let rows = on!(&mut *tx, |c| sqlx::query(sql)
        .bind(scope)
        .bind(org.uuid())
        .bind(request_hash)
        .bind(now.micros())
        .bind(lease_until.micros())
        .bind(expires.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 1 {
        return Ok(Claim::Ours);
    }
    let sql = "SELECT request_hash, status, body FROM idempotency_keys WHERE org_id = $1 AND scope_hash = $2";
    let (request_hash, status, body): (String, Option<i64>, Option<String>) =
        on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(scope).fetch_one(c).await)?;
    Ok(match (status, body) {
        (Some(status), Some(body)) => Claim::Answered { request_hash, status, body },
        _ => Claim::Running { request_hash },
    })
}

pub(super) async fn answer(tx: &mut Tx, org: OrgId, scope: &str, status: u16, body: &str) -> DbResult<()> {
    let sql = "UPDATE idempotency_keys SET status = $3, body = $4 WHERE org_id = $1 AND scope_hash = $2";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(scope)
        .bind(i64::from(status))
        .bind(body)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

pub(super) async fn release(tx: &mut Tx, org: OrgId, scope: &str) -> DbResult<()> {
    let sql = "DELETE FROM idempotency_keys WHERE org_id = $1 AND scope_hash = $2 AND status IS NULL";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(scope).execute(c).await.map(drop))?;
    Ok(())
}
