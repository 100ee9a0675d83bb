//! SQL of agents.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{AgentId, Timestamp, conversation::AgentSummary};
use uuid::Uuid;

pub(super) struct NewAgent<'a> {
    pub name: &'a str,
    pub description: &'a str,
    pub system_prompt: &'a str,
    pub starter_prompts: String,
}

/// An agent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Agent {
    id: Uuid,
    name: String,
    description: String,
    /// Instructions, with variables in double braces.
    pub system_prompt: String,
    starter_prompts: String,
    /// Whether conversations may branch.
    pub threads_enabled: bool,
}

impl Agent {
    /// The agent.
    pub fn id(&self) -> AgentId {
        self.id.into()
    }

    /// As shown with a conversation.
    pub fn summary(&self) -> AgentSummary {
        AgentSummary {
            id: self.id(),
            name: self.name.clone(),
            description: self.description.clone(),
            starter_prompts: serde_json::from_str(&self.starter_prompts).unwrap_or_default(),
            threads_enabled: self.threads_enabled,
        }
    }
}

pub(super) async fn insert_default(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    agent: &NewAgent<'_>,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO agents (id, org_id, name, description, system_prompt, starter_prompts, threads_enabled, is_default, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $8)";
    on!(tx, |c| sqlx::query(sql)
        .bind(id.uuid())
        .bind(org.uuid())
        .bind(agent.name)
        .bind(agent.description)
        .bind(agent.system_prompt)
        .bind(&agent.starter_prompts)
        .bind(true)
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

pub(super) async fn get(tx: &mut Tx, org: OrgId, id: AgentId) -> DbResult<Option<Agent>> {
    let sql = "SELECT id, name, description, system_prompt, starter_prompts, threads_enabled
               FROM agents WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(id.uuid()).fetch_optional(c).await)?)
}

pub(super) async fn get_default(tx: &mut Tx, org: OrgId) -> DbResult<Option<Agent>> {
    let sql = "SELECT id, name, description, system_prompt, starter_prompts, threads_enabled
               FROM agents WHERE org_id = $1 AND is_default = $2 AND deleted_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(true).fetch_optional(c).await)?)
}
