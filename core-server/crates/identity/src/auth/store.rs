//! SQL of sign-ins, tokens, set-up and login failures.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{SessionId, Timestamp, UserId};
use uuid::Uuid;

pub(super) async fn insert_session(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    session: SessionId,
    client: Option<&str>,
    now: Timestamp,
    ends: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO sessions (id, org_id, user_id, method, client, created_at, last_seen_at, expires_at)
               VALUES ($1, $2, $3, 'password', $4, $5, $5, $6)";
    on!(tx, |c| sqlx::query(sql)
        .bind(session.uuid())
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(client)
        .bind(now.micros())
        .bind(ends.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The sign-in's id came out of a verified token, so it takes no organisation.
pub(super) async fn prolong_session(tx: &mut Tx, session: SessionId, now: Timestamp, ends: Timestamp) -> DbResult<()> {
    let sql = "UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND revoked_at IS NULL";
    on!(tx, |c| sqlx::query(sql)
        .bind(session.uuid())
        .bind(now.micros())
        .bind(ends.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// When a sign-in ends, unless it was revoked.
pub(super) async fn session_end(tx: &mut Tx, org: OrgId, session: SessionId) -> DbResult<Option<Timestamp>> {
    let sql = "SELECT expires_at FROM sessions WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL";
    let ends: Option<i64> =
        on!(tx, |c| sqlx::query_scalar(sql).bind(org.uuid()).bind(session.uuid()).fetch_optional(c).await)?;
    Ok(ends.map(Timestamp::from_micros))
}

pub(super) async fn revoke_session(tx: &mut Tx, org: OrgId, session: SessionId, now: Timestamp) -> DbResult<()> {
    let sql = "UPDATE sessions SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(session.uuid()).bind(now.micros()).execute(c).await.map(drop))?;
    Ok(())
}

pub(super) async fn insert_token(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    hash: &str,
    session: Option<SessionId>,
    now: Timestamp,
    ends: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO session_tokens (token_hash, org_id, user_id, session_id, created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6)";
    on!(tx, |c| sqlx::query(sql)
        .bind(hash)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(session.map(SessionId::uuid))
        .bind(now.micros())
        .bind(ends.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Whether the first admin exists.
pub(super) async fn is_set_up(tx: &mut Tx) -> DbResult<bool> {
    let found: i64 = on!(tx, |c| sqlx::query_scalar("SELECT COUNT(*) FROM installation").fetch_one(c).await)?;
    Ok(found > 0)
}

/// Takes the one place there is. False for everybody but the first.
pub(super) async fn take_setup(tx: &mut Tx, admin: UserId, now: Timestamp) -> DbResult<bool> {
    let sql = "INSERT INTO installation (id, set_up_at, set_up_by) VALUES (1, $1, $2) ON CONFLICT DO NOTHING";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(now.micros())
        .bind(admin.uuid())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// An account as the sign-in sees it.
#[derive(sqlx::FromRow)]
pub(super) struct Account {
    pub id: Uuid,
    pub org_id: Uuid,
    pub email: String,
    pub display_name: String,
    pub role: String,
    pub status: String,
    pub is_system_admin: bool,
    pub password_hash: Option<String>,
}

/// The account with that address, in whatever organisation: addresses are unique.
pub(super) async fn account_by_email(tx: &mut Tx, email: &str) -> DbResult<Option<Account>> {
    let sql = "SELECT id, org_id, email, display_name, role, status, is_system_admin, password_hash
               FROM users WHERE email = $1 AND deleted_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(email).fetch_optional(c).await)?)
}

/// Counts a try; a window that is over begins anew. Returns the tries in the window and its end.
pub(super) async fn add_failure(
    tx: &mut Tx,
    bucket: &str,
    now: Timestamp,
    window_ends: Timestamp,
) -> DbResult<(i64, i64)> {
    let sql = "INSERT INTO login_failures (bucket, failures, window_ends_at) VALUES ($1, 1, $3)
               ON CONFLICT (bucket) DO UPDATE SET
                 failures = CASE WHEN login_failures.window_ends_at > $2 THEN login_failures.failures + 1 ELSE 1 END,
                 window_ends_at = CASE WHEN login_failures.window_ends_at > $2 THEN login_failures.window_ends_at ELSE $3 END
               RETURNING failures, window_ends_at";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(bucket).bind(now.micros()).bind(window_ends.micros()).fetch_one(c).await)?)
}

/// Takes back a try that was none.
pub(super) async fn take_back_failure(tx: &mut Tx, bucket: &str) -> DbResult<()> {
    let sql = "UPDATE login_failures SET failures = failures - 1 WHERE bucket = $1 AND failures > 0";
    on!(tx, |c| sqlx::query(sql).bind(bucket).execute(c).await.map(drop))?;
    Ok(())
}

pub(super) async fn clear_failures(tx: &mut Tx, bucket: &str) -> DbResult<()> {
    let sql = "DELETE FROM login_failures WHERE bucket = $1";
    on!(tx, |c| sqlx::query(sql).bind(bucket).execute(c).await.map(drop))?;
    Ok(())
}
