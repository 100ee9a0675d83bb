//! SQL of the metrics. Metrics tell of the installation and never of a tenant, so these queries take none.

use db::{DbResult, Tx, on};

/// Sums over all organisations.
#[derive(sqlx::FromRow)]
pub(super) struct Totals {
    /// Accounts that may sign in.
    pub(super) users: i64,
    /// Questions of the month.
    pub(super) messages: i64,
}

/// Counts the accounts and the questions of that month (`2026-03`) of all organisations.
pub(super) async fn totals_of_all(tx: &mut Tx, month: &str) -> DbResult<Totals> {
    // PostgreSQL's sum of BIGINT is a NUMERIC.
    let sql = "SELECT (SELECT COUNT(*) FROM users WHERE status = 'active' AND deleted_at IS NULL) AS users,
                      (SELECT CAST(COALESCE(SUM(messages), 0) AS BIGINT) FROM usage_counters WHERE month = $1) AS messages";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(month).fetch_one(c).await)?)
}
