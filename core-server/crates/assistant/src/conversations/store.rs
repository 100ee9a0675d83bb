//! SQL of conversations.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{
    AgentId, ConversationId, MessageId, Timestamp, UserId,
    conversation::{Conversation, ConversationStatus, ConversationUpdate, MessageStatus, Workspace},
};
use uuid::Uuid;

use crate::folding::{folded, pattern};

/// Characters of the preview in lists.
const PREVIEW_CHARS: usize = 120;
const UNTITLED: &str = "";

/// A conversation as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    agent_id: Uuid,
    /// Title; empty while there is no message.
    pub title: String,
    title_placeholder: bool,
    pinned: bool,
    labels: String,
    status: String,
    workspace: Option<String>,
    last_message_preview: Option<String>,
    parent_conversation_id: Option<Uuid>,
    branch_point_message_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
    active_message_id: Option<Uuid>,
}

impl Row {
    pub(crate) fn id(&self) -> ConversationId {
        self.id.into()
    }

    pub(crate) fn agent_id(&self) -> AgentId {
        self.agent_id.into()
    }

    /// Whether the first message's words are to become the title.
    pub(crate) fn wants_placeholder(&self) -> bool {
        self.title_placeholder && self.title.is_empty()
    }

    pub(crate) fn workspace(&self) -> Option<Workspace> {
        self.workspace.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    pub(crate) fn into_wire(self) -> Conversation {
        Conversation {
            id: self.id.into(),
            title: self.title,
            title_placeholder: self.title_placeholder,
            agent_id: self.agent_id.into(),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
            last_message_preview: self.last_message_preview,
            pinned: self.pinned,
            labels: serde_json::from_str(&self.labels).unwrap_or_default(),
            status: match self.status.as_str() {
                "active" => ConversationStatus::Active,
                "completed" => ConversationStatus::Completed,
                "cancelled" => ConversationStatus::Cancelled,
                _ => ConversationStatus::Created,
            },
            active_message_id: self.active_message_id.map(MessageId::from),
            parent_conversation_id: self.parent_conversation_id.map(ConversationId::from),
            branch_point_message_id: self.branch_point_message_id.map(MessageId::from),
        }
    }
}

/// A conversation to be written.
pub(crate) struct NewRow {
    id: ConversationId,
    agent: AgentId,
    title: Option<String>,
    /// The conversation and the message that it branched from.
    pub branched_from: Option<(ConversationId, MessageId)>,
}

impl NewRow {
    pub(crate) fn titled(id: ConversationId, agent: AgentId, title: Option<String>) -> Self {
        Self { id, agent, title, branched_from: None }
    }
}

pub(crate) async fn insert(tx: &mut Tx, org: OrgId, user: UserId, new: &NewRow, now: Timestamp) -> DbResult<Row> {
    let sql = "INSERT INTO conversations (id, org_id, user_id, agent_id, title, title_placeholder, pinned, labels, status,
                 parent_conversation_id, branch_point_message_id, created_at, updated_at, title_folded)
               VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', 'created', $8, $9, $10, $10, $11)
               RETURNING id, agent_id, title, title_placeholder, pinned, labels, status, workspace, last_message_preview,
                 parent_conversation_id, branch_point_message_id, created_at, updated_at, NULL AS active_message_id";
    // SQLite gives a bare NULL no type, and the row reads it as an absent id either way.
    let sql = tx.dialect(
        sql,
        "INSERT INTO conversations (id, org_id, user_id, agent_id, title, title_placeholder, pinned, labels, status,
                 parent_conversation_id, branch_point_message_id, created_at, updated_at, title_folded)
               VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', 'created', $8, $9, $10, $10, $11)
               RETURNING id, agent_id, title, title_placeholder, pinned, labels, status, workspace, last_message_preview,
                 parent_conversation_id, branch_point_message_id, created_at, updated_at, NULL::uuid AS active_message_id",
    );
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(new.id.uuid())
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(new.agent.uuid())
        .bind(new.title.as_deref().unwrap_or(UNTITLED))
        .bind(new.title.is_none())
        .bind(false)
        .bind(new.branched_from.map(|(conversation, _)| conversation.uuid()))
        .bind(new.branched_from.map(|(_, message)| message.uuid()))
        .bind(now.micros())
        .bind(new.title.as_deref().and_then(folded))
        .fetch_one(c)
        .await)?)
}

pub(crate) async fn get(tx: &mut Tx, org: OrgId, user: UserId, id: ConversationId) -> DbResult<Option<Row>> {
    let sql = "SELECT c.id, c.agent_id, c.title, c.title_placeholder, c.pinned, c.labels, c.status, c.workspace,
                 c.last_message_preview, c.parent_conversation_id, c.branch_point_message_id, c.created_at, c.updated_at,
                 (SELECT t.message_id FROM turns t WHERE t.conversation_id = c.id AND t.status = 'active') AS active_message_id
               FROM conversations c WHERE c.org_id = $1 AND c.user_id = $2 AND c.id = $3 AND c.deleted_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(user.uuid()).bind(id.uuid()).fetch_optional(c).await)?)
}

/// What a list is narrowed by.
#[derive(Default)]
pub(crate) struct Filter {
    pub agent: Option<AgentId>,
    pub text: Option<String>,
    pub pinned: Option<bool>,
    pub label: Option<String>,
    pub parent: Option<ConversationId>,
}

/// A page of a person's conversations, pinned first, then newest first; and how many there are.
pub(crate) async fn list(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> DbResult<(Vec<Row>, i64)> {
    let text = filter.text.as_deref().map(pattern);
    // Labels are stored as JSON, and one is found with its quotes.
    let label = filter.label.as_ref().map(|label| pattern(&serde_json::json!(label).to_string()));
    macro_rules! narrowed {
        ($start:expr) => {{
            let mut query = sqlx::QueryBuilder::new($start);
            query.push(" FROM conversations c WHERE c.org_id = ").push_bind(org.uuid());
            query.push(" AND c.user_id = ").push_bind(user.uuid()).push(" AND c.deleted_at IS NULL");
            if let Some(agent) = filter.agent {
                query.push(" AND c.agent_id = ").push_bind(agent.uuid());
            }
            if let Some(pinned) = filter.pinned {
                query.push(" AND c.pinned = ").push_bind(pinned);
            }
            if let Some(parent) = filter.parent {
                query.push(" AND c.parent_conversation_id = ").push_bind(parent.uuid());
            }
            if let Some(label) = &label {
                query.push(" AND (LOWER(c.labels) LIKE ").push_bind(label.clone()).push(" ESCAPE '\\'");
                query.push(" OR c.labels_folded LIKE ").push_bind(label.clone()).push(" ESCAPE '\\')");
            }
            if let Some(text) = &text {
                query.push(" AND (LOWER(c.title) LIKE ").push_bind(text.clone()).push(" ESCAPE '\\'");
                query.push(" OR c.title_folded LIKE ").push_bind(text.clone()).push(" ESCAPE '\\'");
                query.push(
                    " OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.superseded_at IS NULL",
                );
                query.push(" AND (LOWER(m.content) LIKE ").push_bind(text.clone()).push(" ESCAPE '\\'");
                query.push(" OR m.content_folded LIKE ").push_bind(text.clone()).push(" ESCAPE '\\')))");
            }
            query
        }};
    }
    let total: i64 = on!(&mut *tx, |c| narrowed!("SELECT COUNT(*)").build_query_scalar().fetch_one(c).await)?;
    let rows = on!(tx, |c| {
        let mut query = narrowed!(
            "SELECT c.id, c.agent_id, c.title, c.title_placeholder, c.pinned, c.labels, c.status, c.workspace,
               c.last_message_preview, c.parent_conversation_id, c.branch_point_message_id, c.created_at, c.updated_at,
               (SELECT t.message_id FROM turns t WHERE t.conversation_id = c.id AND t.status = 'active') AS active_message_id"
        );
        query.push(" ORDER BY c.pinned DESC, c.updated_at DESC, c.id DESC LIMIT ").push_bind(limit);
        query.push(" OFFSET ").push_bind(offset);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok((rows, total))
}

pub(crate) async fn update(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    id: ConversationId,
    update: &ConversationUpdate,
    now: Timestamp,
) -> DbResult<bool> {
    let sql = "UPDATE conversations SET title = COALESCE($4, title),
                 title_placeholder = CASE WHEN $4 IS NULL THEN title_placeholder ELSE $5 END,
                 pinned = COALESCE($6, pinned), labels = COALESCE($7, labels),
                 workspace = CASE WHEN $8 THEN $9 ELSE workspace END, updated_at = CASE WHEN $10 THEN $11 ELSE updated_at END,
                 title_folded = CASE WHEN $4 IS NULL THEN title_folded ELSE $12 END,
                 labels_folded = CASE WHEN $7 IS NULL THEN labels_folded ELSE $13 END
               WHERE org_id = $1 AND user_id = $2 AND id = $3 AND deleted_at IS NULL";
    let (title, labels) = (update.title.as_deref().map(str::trim), update.labels.as_ref().and_then(json));
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(id.uuid())
        .bind(title)
        .bind(false)
        .bind(update.pinned)
        .bind(&labels)
        .bind(update.workspace.is_some())
        .bind(update.workspace.as_ref().and_then(Option::as_ref).and_then(json))
        .bind(update.workspace.is_some())
        .bind(now.micros())
        .bind(title.and_then(folded))
        .bind(labels.as_deref().and_then(folded))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

pub(crate) async fn set_title(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    id: ConversationId,
    title: &str,
    placeholder: bool,
) -> DbResult<()> {
    let sql = "UPDATE conversations SET title = $4, title_placeholder = $5, title_folded = $6
               WHERE org_id = $1 AND user_id = $2 AND id = $3";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(id.uuid())
        .bind(title)
        .bind(placeholder)
        .bind(folded(title))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives a title to a conversation that still has its placeholder, and to no other.
pub(crate) async fn replace_placeholder(tx: &mut Tx, org: OrgId, id: ConversationId, title: &str) -> DbResult<()> {
    let sql = "UPDATE conversations SET title = $3, title_placeholder = $4, title_folded = $5
               WHERE org_id = $1 AND id = $2 AND title_placeholder = $6";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(id.uuid())
        .bind(title)
        .bind(false)
        .bind(folded(title))
        .bind(true)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

pub(crate) async fn has_placeholder(tx: &mut Tx, org: OrgId, id: ConversationId) -> DbResult<bool> {
    let sql = "SELECT COUNT(*) FROM conversations WHERE org_id = $1 AND id = $2 AND title_placeholder = $3 AND deleted_at IS NULL";
    let found: i64 =
        on!(tx, |c| sqlx::query_scalar(sql).bind(org.uuid()).bind(id.uuid()).bind(true).fetch_one(c).await)?;
    Ok(found == 1)
}

/// The conversation is being answered.
pub(crate) async fn begin_turn(
    tx: &mut Tx,
    org: OrgId,
    id: ConversationId,
    question: Option<&str>,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "UPDATE conversations SET status = 'active', last_message_preview = COALESCE($3, last_message_preview), updated_at = $4
               WHERE org_id = $1 AND id = $2";
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(id.uuid())
        .bind(question.map(preview))
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The answer has ended.
pub(crate) async fn after_turn(
    tx: &mut Tx,
    org: OrgId,
    id: ConversationId,
    content: &str,
    status: MessageStatus,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "UPDATE conversations SET status = $3, last_message_preview = COALESCE($4, last_message_preview), updated_at = $5
               WHERE org_id = $1 AND id = $2";
    let status = if status == MessageStatus::Completed { "completed" } else { "cancelled" };
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(id.uuid())
        .bind(status)
        .bind((!content.is_empty()).then(|| preview(content)))
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes the preview from the newest message.
pub(crate) async fn set_preview(tx: &mut Tx, org: OrgId, id: ConversationId, now: Timestamp) -> DbResult<()> {
    let sql = "UPDATE conversations SET status = 'completed', updated_at = $3, last_message_preview =
                 (SELECT SUBSTR(m.content, 1, 120) FROM messages m WHERE m.conversation_id = $2 ORDER BY m.id DESC LIMIT 1)
               WHERE org_id = $1 AND id = $2";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(id.uuid()).bind(now.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// Hides a conversation. False when there is none.
pub(crate) async fn delete(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    id: ConversationId,
    now: Timestamp,
) -> DbResult<bool> {
    let sql = "UPDATE conversations SET deleted_at = $4 WHERE org_id = $1 AND user_id = $2 AND id = $3 AND deleted_at IS NULL";
    let rows = on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(id.uuid())
        .bind(now.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Conversations of all organisations that were deleted before that time, at most so many.
pub(crate) async fn deleted_before(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<Vec<ConversationId>> {
    let sql = "SELECT id FROM conversations WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2";
    let ids: Vec<Uuid> = on!(tx, |c| sqlx::query_scalar(sql).bind(before.micros()).bind(limit).fetch_all(c).await)?;
    Ok(ids.into_iter().map(ConversationId::from).collect())
}

/// Removes a deleted conversation, of whatever organisation, with everything in it.
pub(crate) async fn purge(tx: &mut Tx, id: ConversationId) -> DbResult<()> {
    for sql in [
        "DELETE FROM tool_calls WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = $1)",
        "DELETE FROM turn_chunks WHERE message_id IN (SELECT message_id FROM turns WHERE conversation_id = $1)",
        "DELETE FROM turns WHERE conversation_id = $1",
        "DELETE FROM messages WHERE conversation_id = $1",
        "UPDATE conversations SET parent_conversation_id = NULL WHERE parent_conversation_id = $1",
        "DELETE FROM conversations WHERE id = $1 AND deleted_at IS NOT NULL",
    ] {
        on!(&mut *tx, |c| sqlx::query(sql).bind(id.uuid()).execute(c).await.map(drop))?;
    }
    Ok(())
}

fn preview(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().take(PREVIEW_CHARS).collect();
    line.join(" ").chars().take(PREVIEW_CHARS).collect()
}

fn json(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}
