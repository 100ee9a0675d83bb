//! Branching: a new conversation that begins with a copy.

use std::collections::HashMap;

use identity::Principal;
use platform::{ApiError, ApiResult};
use shared_protocol::{ConversationId, ErrorCode, MessageId, conversation::BranchRequest};
use uuid::Uuid;

use super::store::{self, Row};
use crate::{Assistant, messages};

/// Copies the conversation up to and including a message.
pub(super) async fn branch(
    assistant: &Assistant,
    principal: &Principal,
    from: ConversationId,
    request: &BranchRequest,
) -> ApiResult<Row> {
    let identity = &assistant.identity;
    let (org, user) = (principal.org, principal.user);
    let parent = store::get(&mut identity.db.read().await?, org, user, from).await?.ok_or_else(ApiError::not_found)?;
    let agent = assistant.agents.get(&identity.db, org, Some(parent.agent_id())).await?;
    if agent.is_some_and(|agent| !agent.threads_enabled) {
        return Err(ApiError::new(ErrorCode::ThreadsDisabled, "This agent does not allow branches."));
    }
    let now = identity.clock.now();
    let mut tx = identity.db.write().await?;
    messages::store::get(&mut tx, org, from, request.message_id).await?.ok_or_else(ApiError::not_found)?;
    let mut new = store::NewRow::titled(
        ConversationId::from(identity.ids.uuid()),
        parent.agent_id(),
        Some(request.title.clone().unwrap_or_else(|| parent.title.clone())),
    );
    new.branched_from = Some((from, request.message_id));
    let branch = store::insert(&mut tx, org, user, &new, now).await?;
    let mut copies: HashMap<Uuid, MessageId> = HashMap::new();
    for original in messages::store::up_to(&mut tx, org, from, request.message_id).await? {
        let id = MessageId::from(identity.ids.uuid());
        let parent = original.parent().and_then(|parent| copies.get(&parent).copied());
        messages::store::copy(&mut tx, org, &original, id, branch.id(), parent).await?;
        copies.insert(original.id, id);
    }
    store::set_preview(&mut tx, org, branch.id(), now).await?;
    tx.commit().await?;
    store::get(&mut identity.db.read().await?, org, user, branch.id()).await?.ok_or_else(ApiError::not_found)
}
