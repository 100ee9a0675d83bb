//! Routes of the chat.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::{FromRef, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use identity::{Identity, Member, Principal, principal::EventSourceMember};
use platform::{
    ApiError, ApiResult,
    http::{Json, OptionalJson, Path, Problems, Query},
};
use serde::Deserialize;
use shared_protocol::{
    ErrorCode, FieldError, MessageId,
    api::{LAST_EVENT_ID_HEADER, MAX_COMMENT_CHARS, MAX_POLL_SECONDS},
    auth,
    chat::{ChatEvent, ChatRequest, ChatResponse, EventId, EventPage, NumberedEvent},
    conversation::Feedback,
    sse::SseParser,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{cancel, start, store, words};
use crate::{
    Assistant,
    log::{Next, Reader},
    messages,
};

/// How long a poll that has something goes on gathering.
const GATHER: Duration = Duration::from_millis(250);

/// All routes of the feature.
pub fn router<S>() -> OpenApiRouter<S>
where
    Assistant: FromRef<S>,
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(create_chat, get_chat))
        .routes(routes!(cancel_chat))
        .routes(routes!(create_feedback))
}

/// Ask, or resume reading an answer.
///
/// With the header `Last-Event-ID` and an empty object the events after that one are sent again.
/// With `stream:false` the answer comes as one JSON object when it is complete.
#[utoipa::path(post, path = "/api/chat", tag = "Chat", request_body = ChatRequest,
    params(("Last-Event-ID" = Option<String>, Header, description = "Resume after this event")),
    responses((status = 200, content((String = "text/event-stream"), (ChatResponse = "application/json"))), Problems))]
async fn create_chat(
    State(assistant): State<Assistant>,
    member: Member,
    headers: HeaderMap,
    OptionalJson(request): OptionalJson<ChatRequest>,
) -> ApiResult<Response> {
    if let Some(value) = headers.get(LAST_EVENT_ID_HEADER) {
        let id = value.to_str().ok().and_then(|text| text.parse().ok());
        let id: EventId =
            id.ok_or_else(|| ApiError::bad_request("The header Last-Event-ID must be <messageId>:<number>."))?;
        return Ok(events(reader(&assistant, &member, id).await?));
    }
    let is_stream = request.stream.unwrap_or(true);
    let start = start::start(&assistant, &member, request).await?;
    let reader = Reader::new(&assistant, start.message_id, 0);
    if is_stream { Ok(events(reader)) } else { whole(&assistant, &member, start.message_id, reader).await }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
struct Poll {
    /// The turn, by its assistant message.
    message_id: MessageId,
    /// The last event that was seen: `<messageId>:<number>` or the number alone.
    after: Option<String>,
    /// Seconds to wait for more, at most 25.
    wait: Option<u64>,
    /// A session, for event sources that cannot set headers.
    #[serde(default)]
    #[expect(dead_code, reason = "read by the extractor of the principal")]
    token: Option<String>,
}

/// Read a turn's events: as a page after a bounded wait, or as a stream with `Accept: text/event-stream`.
#[utoipa::path(get, path = "/api/chat", tag = "Chat", params(Poll),
    responses((status = 200, content((EventPage = "application/json"), (String = "text/event-stream"))), Problems))]
async fn get_chat(
    State(assistant): State<Assistant>,
    EventSourceMember(principal): EventSourceMember,
    headers: HeaderMap,
    Query(poll): Query<Poll>,
) -> ApiResult<Response> {
    let header = headers.get(LAST_EVENT_ID_HEADER).and_then(|value| value.to_str().ok());
    let seq = match header.or(poll.after.as_deref()) {
        Some(after) => after_seq(after, poll.message_id)?,
        None => 0,
    };
    let mut reader = reader(&assistant, &principal, EventId { message_id: poll.message_id, seq }).await?;
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/event-stream") {
        return Ok(events(reader));
    }
    let wait = Duration::from_secs(poll.wait.unwrap_or(0).min(MAX_POLL_SECONDS));
    let mut items = Vec::new();
    let mut next = reader.next_within(wait).await?;
    while let Next::Events(bytes) = &next {
        let was_empty = items.is_empty();
        items.extend(numbered(bytes)?);
        let is_over = items.last().is_some_and(|item| item.event.is_last());
        if wait.is_zero() || is_over || !was_empty {
            break;
        }
        // A request for each token would cost more than the token: what comes next is waited for.
        tokio::time::sleep(GATHER).await;
        next = reader.next_within(Duration::ZERO).await?;
    }
    let done = items.last().is_some_and(|item| item.event.is_last())
        || (next == Next::End && store::has_ended(&mut assistant.identity.db.read().await?, poll.message_id).await?);
    let next = EventId { message_id: poll.message_id, seq: reader.position() }.to_string();
    Ok(Json(EventPage { items, next, done }).into_response())
}

/// Stop an answer. The text so far is kept.
#[utoipa::path(post, path = "/api/chat/{msgId}/cancel", tag = "Chat", params(("msgId" = MessageId, Path)), responses((status = 200, body = auth::Ok), Problems))]
async fn cancel_chat(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<MessageId>,
) -> ApiResult<Json<auth::Ok>> {
    let mut tx = assistant.identity.db.read().await?;
    let turn = store::get(&mut tx, member.org, member.user, id).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    if turn.is_active() {
        cancel::cancel(&assistant, member.org, id).await?;
    }
    Ok(Json(auth::Ok { ok: true }))
}

/// Rate an answer, or take the rating back.
#[utoipa::path(post, path = "/api/chat/{msgId}/feedback", tag = "Chat", params(("msgId" = MessageId, Path)), request_body = Feedback, responses((status = 200, body = auth::Ok), Problems))]
async fn create_feedback(
    State(assistant): State<Assistant>,
    member: Member,
    Path(id): Path<MessageId>,
    Json(feedback): Json<Feedback>,
) -> ApiResult<Json<auth::Ok>> {
    if feedback.comment.as_ref().is_some_and(|comment| comment.chars().count() > MAX_COMMENT_CHARS) {
        return Err(ApiError::validation(&[FieldError::new(
            "comment",
            "too_long",
            "The comment may have at most 2,000 characters.",
        )]));
    }
    let mut tx = assistant.identity.db.write().await?;
    if !messages::store::rate(&mut tx, member.org, member.user, id, &feedback).await? {
        return Err(ApiError::not_found());
    }
    tx.commit().await?;
    Ok(Json(auth::Ok { ok: true }))
}

async fn reader(assistant: &Assistant, principal: &Principal, after: EventId) -> ApiResult<Reader> {
    let mut tx = assistant.identity.db.read().await?;
    let turn =
        store::get(&mut tx, principal.org, principal.user, after.message_id).await?.ok_or_else(ApiError::not_found)?;
    // Also when more was shown than is stored, which happens when another process had to end the turn.
    if !turn.is_active()
        && crate::log::store::last(&mut tx, after.message_id).await?.is_none_or(|last| last < after.seq)
    {
        return Err(ApiError::new(
            ErrorCode::Expired,
            "The events of this answer are no longer kept; read the message.",
        )
        .with_details(serde_json::json!({"conversationId": turn.conversation()})));
    }
    Ok(Reader::new(assistant, after.message_id, after.seq))
}

fn after_seq(text: &str, message: MessageId) -> ApiResult<u64> {
    let seq = match text.parse::<EventId>() {
        Ok(id) if id.message_id == message => Some(id.seq),
        Ok(_) => None,
        Err(_) => text.parse().ok(),
    };
    seq.ok_or_else(|| ApiError::bad_request("`after` must be an event of this message."))
}

/// The events as a stream.
fn events(reader: Reader) -> Response {
    let body = stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        match reader.next().await {
            Ok(Next::Events(bytes)) => Some((Ok::<_, Infallible>(bytes), Some(reader))),
            Ok(Next::Beat) => Some((Ok(Bytes::from_static(b": beat\n\n")), Some(reader))),
            Ok(Next::End) => None,
            Err(error) => {
                // The client resumes when the connection ends without a last event.
                tracing::warn!(%error, "an event stream broke off");
                None
            }
        }
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The answer in one piece, when it is complete.
async fn whole(assistant: &Assistant, principal: &Principal, id: MessageId, mut reader: Reader) -> ApiResult<Response> {
    while reader.next().await? != Next::End {}
    let mut tx = assistant.identity.db.read().await?;
    let message =
        messages::store::read(&mut tx, principal.org, principal.user, id).await?.ok_or_else(ApiError::not_found)?;
    if let Some(error) = message.error {
        return Err(ApiError::new(words::api_code(error.code), error.message).with_details(
            serde_json::json!({"code": error.code, "messageId": id, "conversationId": message.conversation_id}),
        ));
    }
    let usage = message.usage.unwrap_or_default();
    Ok(Json(ChatResponse {
        usage,
        citations: message.citations.clone(),
        tool_calls: message.tool_calls.clone(),
        message,
    })
    .into_response())
}

fn numbered(bytes: &[u8]) -> ApiResult<Vec<NumberedEvent>> {
    let mut items = Vec::new();
    for event in SseParser::new().push(bytes).map_err(ApiError::internal)? {
        if let Some(parsed) = ChatEvent::parse(&event.event, &event.data).map_err(ApiError::internal)? {
            items.push(NumberedEvent { id: event.id.unwrap_or_default(), event: parsed });
        }
    }
    Ok(items)
}
