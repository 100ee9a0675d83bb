//! Agents. So far each organisation has one: the default Assistant, made with the organisation.
//!
//! Table owned: `agents`.

mod store;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use db::{Db, DbResult, OrgId, Tx};
use identity::OrgSeeder;
use moka::future::Cache;
use platform::Ids;
use shared_protocol::{AgentId, Timestamp};
pub use store::Agent;

const NAME: &str = "Assistant";
const DESCRIPTION: &str = "Answers questions and helps with everyday work.";
const PROMPT: &str = "You are Assistant, the helper of {{user_name}} at {{org_name}}. Today is {{today}}. \
Answer clearly and to the point, in the language of the question. Use Markdown where it helps. \
If you do not know something, say so.";
const STARTERS: [&str; 4] = [
    "Summarise a text for me",
    "Help me write a friendly reply to a customer",
    "Explain a difficult term in simple words",
    "Make a checklist for a small project",
];

/// How long a changed agent may go unnoticed.
const KEEP: Duration = Duration::from_secs(5);

/// Makes the default Assistant of a new organisation.
pub struct AssistantSeeder {
    /// Makes the agent's id.
    pub ids: Ids,
}

#[async_trait]
impl OrgSeeder for AssistantSeeder {
    async fn seed(&self, tx: &mut Tx, org: OrgId, now: Timestamp) -> DbResult<()> {
        let agent = store::NewAgent {
            name: NAME,
            description: DESCRIPTION,
            system_prompt: PROMPT,
            starter_prompts: serde_json::json!(STARTERS).to_string(),
        };
        store::insert_default(tx, org, AgentId::from(self.ids.uuid()), &agent, now).await
    }
}

/// Agents that were looked up in the last seconds; `None` as id stands for the default one.
#[derive(Clone)]
pub struct Agents(Cache<(OrgId, Option<AgentId>), Arc<Agent>>);

impl Default for Agents {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(KEEP).build())
    }
}

impl Agents {
    /// The agent, or the organisation's default one.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn get(&self, db: &Db, org: OrgId, id: Option<AgentId>) -> DbResult<Option<Arc<Agent>>> {
        if let Some(agent) = self.0.get(&(org, id)).await {
            return Ok(Some(agent));
        }
        let mut tx = db.read().await?;
        let found = match id {
            Some(id) => store::get(&mut tx, org, id).await?,
            None => store::get_default(&mut tx, org).await?,
        };
        let Some(agent) = found.map(Arc::new) else { return Ok(None) };
        self.0.insert((org, id), agent.clone()).await;
        Ok(Some(agent))
    }
}
