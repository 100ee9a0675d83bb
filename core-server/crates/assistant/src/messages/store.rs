//! SQL of messages.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{
    ConversationId, MessageId, Timestamp, UserId,
    chat::{TurnError, TurnErrorCode, Usage},
    conversation::{Feedback, Message, MessageRole, MessageStatus, Rating},
};
use uuid::Uuid;

use super::status_text;
use crate::{folding::folded, turns::store::Ended};

/// A message to be written.
pub(crate) struct NewRow<'a> {
    pub id: MessageId,
    pub role: MessageRole,
    pub content: &'a str,
    pub parent: Option<MessageId>,
    pub status: MessageStatus,
}

const fn role_text(role: MessageRole) -> &'static str {
    match role {
        MessageRole::User => "user",
        MessageRole::Assistant => "assistant",
        MessageRole::Tool => "tool",
    }
}

fn parse_role(text: &str) -> MessageRole {
    match text {
        "user" => MessageRole::User,
        "tool" => MessageRole::Tool,
        _ => MessageRole::Assistant,
    }
}

pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    row: &NewRow<'_>,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO messages (id, org_id, conversation_id, role, content, parent_id, status, created_at, content_folded)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    on!(tx, |c| sqlx::query(sql)
        .bind(row.id.uuid())
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(role_text(row.role))
        .bind(row.content)
        .bind(row.parent.map(MessageId::uuid))
        .bind(status_text(row.status))
        .bind(now.micros())
        .bind(folded(row.content))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Writes what became of an answer.
pub(crate) async fn finish(tx: &mut Tx, org: OrgId, id: MessageId, ended: &Ended<'_>) -> DbResult<()> {
    let sql = "UPDATE messages SET content = $3, status = $4, error_code = $5, error_message = $6, model = $7,
                 input_tokens = $8, output_tokens = $9, content_folded = $10 WHERE org_id = $1 AND id = $2";
    let tokens = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(id.uuid())
        .bind(ended.content)
        .bind(status_text(ended.status))
        .bind(ended.error.map(|error| error.code.as_str()))
        .bind(ended.error.map(|error| error.message.as_str()))
        .bind(ended.model)
        .bind(ended.usage.map(|usage| tokens(usage.input)))
        .bind(ended.usage.map(|usage| tokens(usage.output)))
        .bind(folded(ended.content))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A message as its place in the line.
#[derive(sqlx::FromRow)]
pub(crate) struct Placed {
    role: String,
    parent_id: Option<Uuid>,
}

impl Placed {
    pub(crate) fn role(&self) -> MessageRole {
        parse_role(&self.role)
    }

    pub(crate) fn parent(&self) -> Option<MessageId> {
        self.parent_id.map(MessageId::from)
    }
}

pub(crate) async fn get(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    id: MessageId,
) -> DbResult<Option<Placed>> {
    let sql = "SELECT role, parent_id FROM messages
               WHERE org_id = $1 AND conversation_id = $2 AND id = $3 AND superseded_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(id.uuid())
        .fetch_optional(c)
        .await)?)
}

/// Takes everything after a message out of the line, and the message itself if it is `included`.
pub(crate) async fn supersede(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    from: MessageId,
    included: bool,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "UPDATE messages SET superseded_at = $5 WHERE org_id = $1 AND conversation_id = $2
               AND (id > $3 OR ($4 AND id = $3)) AND superseded_at IS NULL";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(from.uuid())
        .bind(included)
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What the model is told of a message.
#[derive(sqlx::FromRow)]
pub(crate) struct HistoryRow {
    role: String,
    /// The text.
    pub content: String,
}

impl HistoryRow {
    pub(crate) fn role(&self) -> MessageRole {
        parse_role(&self.role)
    }
}

/// The newest messages before one, newest first.
pub(crate) async fn history(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    before: MessageId,
    limit: i64,
) -> DbResult<Vec<HistoryRow>> {
    let sql = "SELECT role, content FROM messages WHERE conversation_id = $2 AND org_id = $1 AND id < $3 AND superseded_at IS NULL
               ORDER BY id DESC LIMIT $4";
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(before.uuid())
        .bind(limit)
        .fetch_all(c)
        .await)?)
}

/// The first messages.
pub(crate) async fn first(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    limit: i64,
) -> DbResult<Vec<HistoryRow>> {
    let sql = "SELECT role, content FROM messages WHERE conversation_id = $2 AND org_id = $1 AND superseded_at IS NULL ORDER BY id LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(conversation.uuid()).bind(limit).fetch_all(c).await)?)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    conversation_id: Uuid,
    role: String,
    content: String,
    parent_id: Option<Uuid>,
    model: Option<String>,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    status: String,
    error_code: Option<String>,
    error_message: Option<String>,
    rating: Option<String>,
    feedback_comment: Option<String>,
    created_at: i64,
}

impl Row {
    fn into_message(self) -> Message {
        let tokens = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
        let is_answer = self.role == "assistant" && self.output_tokens.is_some();
        let rating = self.rating.as_deref().map(|rating| if rating == "up" { Rating::Up } else { Rating::Down });
        let code: Option<TurnErrorCode> =
            self.error_code.and_then(|code| serde_json::from_value(serde_json::Value::String(code)).ok());
        Message {
            id: self.id.into(),
            conversation_id: self.conversation_id.into(),
            role: parse_role(&self.role),
            content: self.content,
            parent_id: self.parent_id.map(MessageId::from),
            created_at: Timestamp::from_micros(self.created_at),
            model: self.model,
            usage: is_answer.then(|| Usage { input: tokens(self.input_tokens), output: tokens(self.output_tokens) }),
            tool_calls: Vec::new(),
            citations: Vec::new(),
            redaction: None,
            feedback: rating.map(|rating| Feedback { rating: Some(rating), comment: self.feedback_comment }),
            status: match self.status.as_str() {
                "generating" => MessageStatus::Generating,
                "cancelled" => MessageStatus::Cancelled,
                "failed" => MessageStatus::Failed,
                "interrupted" => MessageStatus::Interrupted,
                _ => MessageStatus::Completed,
            },
            error: code.map(|code| TurnError { code, message: self.error_message.unwrap_or_default() }),
        }
    }
}

/// Which page of messages.
pub(crate) enum From {
    /// The newest.
    End,
    /// The newest before that one.
    Before(MessageId),
    /// The oldest after that one.
    After(MessageId),
}

/// A page, oldest first. The caller has checked whose conversation it is.
pub(crate) async fn page(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    from: &From,
    limit: i64,
) -> DbResult<Vec<Message>> {
    let (sql, edge) = match from {
        From::End | From::Before(_) => (
            "SELECT id, conversation_id, role, content, parent_id, model, input_tokens, output_tokens, status, error_code,
                    error_message, rating, feedback_comment, created_at
             FROM messages WHERE conversation_id = $2 AND org_id = $1 AND superseded_at IS NULL AND id < $3 ORDER BY id DESC LIMIT $4",
            match from {
                From::Before(id) => id.uuid(),
                _ => Uuid::max(),
            },
        ),
        From::After(id) => (
            "SELECT id, conversation_id, role, content, parent_id, model, input_tokens, output_tokens, status, error_code,
                    error_message, rating, feedback_comment, created_at
             FROM messages WHERE conversation_id = $2 AND org_id = $1 AND superseded_at IS NULL AND id > $3 ORDER BY id LIMIT $4",
            id.uuid(),
        ),
    };
    let mut rows: Vec<Row> = on!(tx, |c| sqlx::query_as(sql)
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(edge)
        .bind(limit)
        .fetch_all(c)
        .await)?;
    if !matches!(from, From::After(_)) {
        rows.reverse();
    }
    Ok(rows.into_iter().map(Row::into_message).collect())
}

/// One message of a conversation of this person.
pub(crate) async fn read(tx: &mut Tx, org: OrgId, user: UserId, id: MessageId) -> DbResult<Option<Message>> {
    let sql = "SELECT m.id, m.conversation_id, m.role, m.content, m.parent_id, m.model, m.input_tokens, m.output_tokens, m.status,
                      m.error_code, m.error_message, m.rating, m.feedback_comment, m.created_at
               FROM messages m JOIN conversations c ON c.id = m.conversation_id
               WHERE m.org_id = $1 AND c.user_id = $2 AND m.id = $3 AND c.deleted_at IS NULL";
    let row: Option<Row> =
        on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(user.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.map(Row::into_message))
}

/// Rates an answer in a conversation of this person. False when there is no such answer.
pub(crate) async fn rate(tx: &mut Tx, org: OrgId, user: UserId, id: MessageId, feedback: &Feedback) -> DbResult<bool> {
    let sql = "UPDATE messages SET rating = $4, feedback_comment = $5
               WHERE org_id = $1 AND id = $3 AND role = 'assistant' AND superseded_at IS NULL AND conversation_id IN
                 (SELECT id FROM conversations WHERE org_id = $1 AND user_id = $2 AND deleted_at IS NULL)";
    let rating = feedback.rating.map(|rating| if rating == Rating::Up { "up" } else { "down" });
    let comment = feedback.rating.and(feedback.comment.as_deref());
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(id.uuid())
        .bind(rating)
        .bind(comment)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// A message to be copied into a branch.
#[derive(sqlx::FromRow)]
pub(crate) struct Copied {
    /// The message.
    pub id: Uuid,
    parent_id: Option<Uuid>,
}

/// The messages up to and including one, oldest first.
pub(crate) async fn up_to(
    tx: &mut Tx,
    org: OrgId,
    conversation: ConversationId,
    last: MessageId,
) -> DbResult<Vec<Copied>> {
    let sql = "SELECT id, parent_id FROM messages WHERE conversation_id = $2 AND org_id = $1 AND superseded_at IS NULL AND id <= $3
               AND status <> 'generating' ORDER BY id";
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(org.uuid())
        .bind(conversation.uuid())
        .bind(last.uuid())
        .fetch_all(c)
        .await)?)
}

/// Copies a message under a new id into another conversation.
pub(crate) async fn copy(
    tx: &mut Tx,
    org: OrgId,
    original: &Copied,
    id: MessageId,
    into: ConversationId,
    parent: Option<MessageId>,
) -> DbResult<()> {
    let sql = "INSERT INTO messages (id, org_id, conversation_id, role, content, parent_id, model, input_tokens, output_tokens, status,
                 error_code, error_message, created_at, content_folded)
               SELECT $3, org_id, $4, role, content, $5, model, input_tokens, output_tokens, status, error_code, error_message,
                 created_at, content_folded
               FROM messages WHERE org_id = $1 AND id = $2";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(original.id)
        .bind(id.uuid())
        .bind(into.uuid())
        .bind(parent.map(MessageId::uuid))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

impl Copied {
    /// The message that it answers.
    pub(crate) fn parent(&self) -> Option<Uuid> {
        self.parent_id
    }
}
