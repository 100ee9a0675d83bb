//! The beginning of a turn: one transaction, then a task.

use db::{DbError, Tx};
use identity::{Principal, licensing::quota};
use platform::{ApiError, ApiResult};
use serde_json::json;
use shared_protocol::{
    ConversationId, ErrorCode, FieldError, MessageId, Timestamp,
    api::MAX_MESSAGE_CHARS,
    chat::{ChatRequest, Start},
    conversation::{MessageRole, MessageStatus},
};

use super::{LEASE, answer, prompt, store};
use crate::{Assistant, conversations, messages};

/// What the request asks for, checked.
struct Question {
    /// The new text; none to answer an existing message again.
    text: Option<String>,
    conversation: Option<ConversationId>,
    parent: Option<MessageId>,
}

/// Stores the question and starts the answer.
pub(super) async fn start(assistant: &Assistant, principal: &Principal, request: ChatRequest) -> ApiResult<Start> {
    let question = check(&request)?;
    let identity = &assistant.identity;
    if let Some(wanted) = &request.model {
        let offered = assistant.providers.of(identity, principal.org).await?;
        if !offered.is_ok_and(|model| model.name() == wanted) {
            return Err(field("model", "not_offered", "This model is not offered here."));
        }
    }
    let agent = assistant.agents.get(&identity.db, principal.org, request.agent_id).await?;
    let agent = agent.ok_or_else(|| match request.agent_id {
        Some(_) => ApiError::not_found(),
        None => ApiError::internal("the organisation has no default agent"),
    })?;
    let now = identity.clock.now();
    let mut tx = identity.db.write().await?;
    quota::count_message(&mut tx, principal.org, principal.tier, now).await?;
    let conversation = match question.conversation {
        Some(id) => conversations::store::get(&mut tx, principal.org, principal.user, id)
            .await?
            .ok_or_else(ApiError::not_found)?,
        None => {
            let new = conversations::store::NewRow::titled(ConversationId::from(identity.ids.uuid()), agent.id(), None);
            conversations::store::insert(&mut tx, principal.org, principal.user, &new, now).await?
        }
    };
    let id = conversation.id();
    let user_message = place(&mut tx, assistant, principal, id, &question, now).await?;
    let title = match &question.text {
        Some(text) if conversation.wants_placeholder() => {
            let title = conversations::placeholder(text);
            conversations::store::set_title(&mut tx, principal.org, principal.user, id, &title, true).await?;
            Some(title)
        }
        _ => None,
    };
    let message = MessageId::from(identity.ids.uuid());
    let row = messages::store::NewRow {
        id: message,
        role: MessageRole::Assistant,
        content: "",
        parent: Some(user_message),
        status: MessageStatus::Generating,
    };
    messages::store::insert(&mut tx, principal.org, id, &row, now).await?;
    let turn = store::NewTurn {
        message,
        user: principal.user,
        conversation: id,
        user_message,
        owner: assistant.process,
        lease_until: now.plus(LEASE),
    };
    if let Err(error) = store::insert(&mut tx, principal.org, &turn, now).await {
        drop(tx);
        return Err(refused(assistant, principal, id, error).await);
    }
    conversations::store::begin_turn(&mut tx, principal.org, id, question.text.as_deref(), now).await?;
    tx.commit().await?;

    let start = Start { message_id: message, conversation_id: id, user_message_id: user_message };
    answer::spawn(assistant, principal, conversation.agent_id(), start.clone(), title);
    Ok(start)
}

/// Puts the question into the conversation: at its end, in the place of an older one, or nowhere new.
async fn place(
    tx: &mut Tx,
    assistant: &Assistant,
    principal: &Principal,
    conversation: ConversationId,
    question: &Question,
    now: Timestamp,
) -> ApiResult<MessageId> {
    let org = principal.org;
    let mut parent = None;
    if let Some(wanted) = question.parent {
        let found = messages::store::get(tx, org, conversation, wanted).await?.ok_or_else(ApiError::not_found)?;
        match (found.role(), &question.text) {
            (MessageRole::User, None) => {
                messages::store::supersede(tx, org, conversation, wanted, false, now).await?;
                return Ok(wanted);
            }
            (MessageRole::User, Some(_)) => {
                messages::store::supersede(tx, org, conversation, wanted, true, now).await?;
                parent = found.parent();
            }
            (_, Some(_)) => {
                messages::store::supersede(tx, org, conversation, wanted, false, now).await?;
                parent = Some(wanted);
            }
            (_, None) => return Err(missing_text()),
        }
    }
    let Some(text) = &question.text else { return Err(missing_text()) };
    let id = MessageId::from(assistant.identity.ids.uuid());
    let row = messages::store::NewRow {
        id,
        role: MessageRole::User,
        content: text,
        parent,
        status: MessageStatus::Completed,
    };
    messages::store::insert(tx, org, conversation, &row, now).await?;
    Ok(id)
}

fn check(request: &ChatRequest) -> ApiResult<Question> {
    let text = match request.messages.last() {
        None if request.parent_id.is_some() && request.conversation_id.is_some() => None,
        None => return Err(missing_text()),
        Some(message) if message.role != MessageRole::User => {
            return Err(field("messages", "role", "The last message must be the user's."));
        }
        Some(message) => Some(message.content.text()),
    };
    if let Some(text) = &text {
        if prompt::without_hidden(text).trim().is_empty() {
            return Err(missing_text());
        }
        if text.chars().count() > MAX_MESSAGE_CHARS {
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, "The message is too long."));
        }
    }
    if request.parent_id.is_some() && request.conversation_id.is_none() {
        return Err(field("conversationId", "missing", "A parent message needs its conversation."));
    }
    Ok(Question { text, conversation: request.conversation_id, parent: request.parent_id })
}

fn missing_text() -> ApiError {
    field("messages", "blank", "The message must not be empty.")
}

fn field(name: &str, code: &str, message: &str) -> ApiError {
    ApiError::validation(&[FieldError::new(name, code, message)])
}

async fn refused(
    assistant: &Assistant,
    principal: &Principal,
    conversation: ConversationId,
    error: DbError,
) -> ApiError {
    if !error.is_unique_violation() {
        return error.into();
    }
    let active = async {
        let mut tx = assistant.identity.db.read().await?;
        store::active(&mut tx, principal.org, conversation).await
    };
    let message = active.await.ok().flatten();
    ApiError::new(ErrorCode::TurnInProgress, "This conversation is being answered.")
        .with_details(json!({"messageId": message}))
}
