//! Deletes expired rows of all organisations.

use db::{Db, DbResult, on};
use shared_protocol::Timestamp;

/// Each table in a transaction of its own: the writer is not held for long.
pub(super) async fn purge_expired(db: &Db, now: Timestamp) -> DbResult<()> {
    for sql in [
        "DELETE FROM session_tokens WHERE expires_at < $1",
        "DELETE FROM sessions WHERE expires_at < $1",
        "DELETE FROM idempotency_keys WHERE expires_at < $1",
        "DELETE FROM login_failures WHERE window_ends_at < $1",
    ] {
        let mut tx = db.write().await?;
        on!(&mut tx, |c| sqlx::query(sql).bind(now.micros()).execute(c).await.map(drop))?;
        tx.commit().await?;
    }
    Ok(())
}
