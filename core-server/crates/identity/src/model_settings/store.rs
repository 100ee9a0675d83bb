//! SQL of the settings.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::Timestamp;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub provider: String,
    pub base_url: Option<String>,
    pub model: Option<String>,
    pub context_window: Option<i64>,
    pub sealed_key: Option<String>,
}

pub(super) async fn get(tx: &mut Tx, org: OrgId) -> DbResult<Option<Row>> {
    let sql = "SELECT provider, base_url, model, context_window, sealed_key FROM model_settings WHERE org_id = $1";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).fetch_optional(c).await)?)
}

pub(super) async fn put(tx: &mut Tx, org: OrgId, row: &Row, now: Timestamp) -> DbResult<()> {
    let sql = "INSERT INTO model_settings (org_id, provider, base_url, model, sealed_key, updated_at, context_window)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (org_id) DO UPDATE SET provider = excluded.provider, base_url = excluded.base_url,
                 model = excluded.model, sealed_key = excluded.sealed_key, updated_at = excluded.updated_at,
                 context_window = excluded.context_window";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(&row.provider)
        .bind(&row.base_url)
        .bind(&row.model)
        .bind(&row.sealed_key)
        .bind(now.micros())
        .bind(row.context_window)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, org: OrgId) -> DbResult<()> {
    let sql = "DELETE FROM model_settings WHERE org_id = $1";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).execute(c).await.map(drop))?;
    Ok(())
}
