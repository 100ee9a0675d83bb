//! Routes of conversations.

use axum::{
    extract::{FromRef, State},
    http::StatusCode,
};
use identity::{Identity, Member};
use platform::{
    ApiError, ApiResult,
    http::{Json, OptionalJson, Path, Problems, Query},
};
use serde::Deserialize;
use shared_protocol::{
    AgentId, ConversationId, FieldError, MessageId, Page,
    api::MAX_TITLE_CHARS,
    auth::Success,
    conversation::{
        BranchRequest, Conversation, ConversationDetail, ConversationUpdate, MessagePage, NewConversation, Title,
    },
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{branch, store};
use crate::{Assistant, messages, turns};

const MAX_LABELS: usize = 20;
const MAX_LABEL_CHARS: usize = 50;
const MAX_WORKSPACE_BYTES: usize = 1_000_000;
const MAX_SEARCH_CHARS: usize = 200;

/// All routes of the feature.
pub fn router<S>() -> OpenApiRouter<S>
where
    Assistant: FromRef<S>,
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(list_conversations, create_conversation))
        .routes(routes!(get_conversation, delete_conversation, update_conversation, replace_conversation))
        .routes(routes!(list_messages))
        .routes(routes!(create_title))
        .routes(routes!(create_branch))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
struct List {
    /// Only with this agent.
    agent_id: Option<AgentId>,
    /// Only those whose title or text has this, in whatever case.
    q: Option<String>,
    /// Only pinned ones, or only others.
    pinned: Option<bool>,
    /// Only with this label.
    label: Option<String>,
    /// Page size, at most 200.
    limit: Option<u32>,
    /// How many to skip.
    offset: Option<u32>,
}

/// My conversations, pinned first, then newest first.
#[utoipa::path(get, path = "/api/conversations", tag = "Conversations", params(List), responses((status = 200, body = Page<Conversation>), Problems))]
async fn list_conversations(
    State(assistant): State<Assistant>,
    member: Member,
    Query(list): Query<List>,
) -> ApiResult<Json<Page<Conversation>>> {
    let limit = list.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let offset = list.offset.unwrap_or(0);
    let text = list
        .q
        .map(|text| text.trim().chars().take(MAX_SEARCH_CHARS).collect::<String>())
        .filter(|text| !text.is_empty());
    let filter = store::Filter { agent: list.agent_id, text, pinned: list.pinned, label: list.label, parent: None };
    let mut tx = assistant.identity.db.read().await?;
    let (rows, total) =
        store::list(&mut tx, member.org, member.user, &filter, i64::from(limit), i64::from(offset)).await?;
    let items = rows.into_iter().map(store::Row::into_wire).collect();
    Ok(Json(Page { items, total: u64::try_from(total).unwrap_or(0), limit, offset }))
}

/// Begin a conversation.
#[utoipa::path(post, path = "/api/conversations", tag = "Conversations", request_body = NewConversation, responses((status = 201, body = Conversation), Problems))]
async fn create_conversation(
    State(assistant): State<Assistant>,
    member: Member,
    OptionalJson(new): OptionalJson<NewConversation>,
) -> ApiResult<(StatusCode, Json<Conversation>)> {
    check_title(new.title.as_deref())?;
    let identity = &assistant.identity;
    let agent = assistant.agents.get(&identity.db, member.org, new.agent_id).await?.ok_or_else(ApiError::not_found)?;
    let title = new.title.map(|title| title.trim().to_owned());
    let row = store::NewRow::titled(ConversationId::from(identity.ids.uuid()), agent.id(), title);
    let mut tx = identity.db.write().await?;
    let row = store::insert(&mut tx, member.org, member.user, &row, identity.clock.now()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.into_wire())))
}

/// A conversation with its agent, its branches and its side pane.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)), responses((status = 200, body = ConversationDetail), Problems))]
async fn get_conversation(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<ConversationDetail>> {
    let mut tx = assistant.identity.db.read().await?;
    let row = store::get(&mut tx, member.org, member.user, id).await?.ok_or_else(ApiError::not_found)?;
    let filter = store::Filter { parent: Some(id), ..store::Filter::default() };
    let (threads, _) = store::list(&mut tx, member.org, member.user, &filter, i64::from(MAX_LIMIT), 0).await?;
    drop(tx);
    let agent = assistant
        .agents
        .get(&assistant.identity.db, member.org, Some(row.agent_id()))
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(Json(ConversationDetail {
        agent: agent.summary(),
        threads: threads.into_iter().map(store::Row::into_wire).collect(),
        workspace: row.workspace(),
        conversation: row.into_wire(),
    }))
}

/// Delete a conversation. A running answer is stopped.
#[utoipa::path(delete, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)), responses((status = 200, body = Success), Problems))]
async fn delete_conversation(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<Success>> {
    let mut tx = assistant.identity.db.write().await?;
    if !store::delete(&mut tx, member.org, member.user, id, assistant.identity.clock.now()).await? {
        return Err(ApiError::not_found());
    }
    let running = turns::store::active(&mut tx, member.org, id).await?;
    tx.commit().await?;
    if let Some(message) = running {
        turns::cancel(&assistant, member.org, message).await?;
    }
    Ok(Json(Success { success: true }))
}

/// Change title, pin, labels or side pane.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)), request_body = ConversationUpdate, responses((status = 200, body = Conversation), Problems))]
async fn update_conversation(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
    Json(update): Json<ConversationUpdate>,
) -> ApiResult<Json<Conversation>> {
    change(&assistant, &member, id, &update).await
}

/// The same for callers that cannot send PATCH.
#[utoipa::path(put, path = "/api/conversations/{id}", tag = "Conversations", params(("id" = ConversationId, Path)), request_body = ConversationUpdate, responses((status = 200, body = Conversation), Problems))]
async fn replace_conversation(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
    Json(update): Json<ConversationUpdate>,
) -> ApiResult<Json<Conversation>> {
    change(&assistant, &member, id, &update).await
}

async fn change(
    assistant: &Assistant,
    member: &Member,
    id: ConversationId,
    update: &ConversationUpdate,
) -> ApiResult<Json<Conversation>> {
    check_title(update.title.as_deref())?;
    check_update(update)?;
    let mut tx = assistant.identity.db.write().await?;
    let found = store::update(&mut tx, member.org, member.user, id, update, assistant.identity.clock.now()).await?;
    let row = store::get(&mut tx, member.org, member.user, id).await?;
    tx.commit().await?;
    row.filter(|_| found).map(|row| Json(row.into_wire())).ok_or_else(ApiError::not_found)
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Messages {
    /// The page of messages before this one.
    before: Option<MessageId>,
    /// The page of messages after this one.
    after: Option<MessageId>,
    /// Page size, at most 200.
    limit: Option<u32>,
}

/// A page of messages, oldest first; the newest page when neither `before` nor `after` is given.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "Conversations", params(("id" = ConversationId, Path), Messages), responses((status = 200, body = MessagePage), Problems))]
async fn list_messages(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
    Query(query): Query<Messages>,
) -> ApiResult<Json<MessagePage>> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let from = match (query.before, query.after) {
        (Some(_), Some(_)) => return Err(ApiError::bad_request("`before` and `after` exclude each other.")),
        (Some(before), None) => messages::store::From::Before(before),
        (None, Some(after)) => messages::store::From::After(after),
        (None, None) => messages::store::From::End,
    };
    let mut tx = assistant.identity.db.read().await?;
    store::get(&mut tx, member.org, member.user, id).await?.ok_or_else(ApiError::not_found)?;
    // One more than asked tells whether there are older ones.
    let mut items = messages::store::page(&mut tx, member.org, id, &from, i64::from(limit) + 1).await?;
    let more = items.len() > limit as usize;
    let next_before = match from {
        messages::store::From::After(_) => {
            items.truncate(limit as usize);
            None
        }
        _ if more => {
            items.remove(0);
            items.first().map(|message| message.id)
        }
        _ => None,
    };
    Ok(Json(MessagePage { items, next_before }))
}

/// Have the model make a new title.
#[utoipa::path(post, path = "/api/conversations/{id}/title", tag = "Conversations", params(("id" = ConversationId, Path)), responses((status = 200, body = Title), Problems))]
async fn create_title(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<Title>> {
    store::get(&mut assistant.identity.db.read().await?, member.org, member.user, id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let title = turns::title::regenerate(&assistant, member.org, member.user, id).await?;
    Ok(Json(Title { title }))
}

/// Go on from a message in a conversation of its own.
#[utoipa::path(post, path = "/api/conversations/{id}/branch", tag = "Conversations", params(("id" = ConversationId, Path)), request_body = BranchRequest, responses((status = 201, body = Conversation), Problems))]
async fn create_branch(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<ConversationId>,
    Json(request): Json<BranchRequest>,
) -> ApiResult<(StatusCode, Json<Conversation>)> {
    check_title(request.title.as_deref())?;
    let row = branch::branch(&assistant, &member, id, &request).await?;
    Ok((StatusCode::CREATED, Json(row.into_wire())))
}

fn check_title(title: Option<&str>) -> ApiResult<()> {
    let Some(title) = title else { return Ok(()) };
    let fault = if title.trim().is_empty() {
        FieldError::new("title", "blank", "The title must not be empty.")
    } else if title.chars().count() > MAX_TITLE_CHARS {
        FieldError::new("title", "too_long", "The title may have at most 200 characters.")
    } else {
        return Ok(());
    };
    Err(ApiError::validation(&[fault]))
}

fn check_update(update: &ConversationUpdate) -> ApiResult<()> {
    let labels = update.labels.as_deref().unwrap_or_default();
    if labels.len() > MAX_LABELS
        || labels.iter().any(|label| label.trim().is_empty() || label.chars().count() > MAX_LABEL_CHARS)
    {
        return Err(ApiError::validation(&[FieldError::new(
            "labels",
            "invalid",
            "At most 20 labels of 1 to 50 characters.",
        )]));
    }
    let workspace = update.workspace.as_ref().and_then(Option::as_ref);
    if workspace.is_some_and(|workspace| workspace.content.to_string().len() > MAX_WORKSPACE_BYTES) {
        return Err(ApiError::validation(&[FieldError::new(
            "workspace",
            "too_large",
            "The side pane may hold at most 1 MB.",
        )]));
    }
    Ok(())
}
