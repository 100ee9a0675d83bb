//! SQL of the counters.

use db::{DbResult, OrgId, Tx, on};

/// Adds one to the month's messages unless that would pass the limit (-1: none). One statement, so
/// that two turns cannot both take the last place.
pub(super) async fn count_message(tx: &mut Tx, org: OrgId, month: &str, limit: i64) -> DbResult<bool> {
    let sql = "INSERT INTO usage_counters (org_id, month, messages) SELECT $1, $2, 1 WHERE $3 <> 0
               ON CONFLICT (org_id, month) DO UPDATE SET messages = usage_counters.messages + 1
               WHERE $3 < 0 OR usage_counters.messages < $3";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(month)
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
