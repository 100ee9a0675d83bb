//! SQL of turns.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{
    ConversationId, MessageId, Timestamp, UserId,
    chat::{TurnError, Usage},
    conversation::MessageStatus,
};
use uuid::Uuid;

use crate::{conversations, messages};

/// A turn to be written.
pub(super) struct NewTurn {
    pub message: MessageId,
    pub user: UserId,
    pub conversation: ConversationId,
    pub user_message: MessageId,
    pub owner: Uuid,
    pub lease_until: Timestamp,
}

/// Writes a turn. Fails by the unique key when the conversation has an active one.
pub(super) async fn insert(tx: &mut Tx, org: OrgId, turn: &NewTurn, now: Timestamp) -> DbResult<()> {
    let sql = "INSERT INTO turns (message_id, org_id, user_id, conversation_id, user_message_id, status, owner, lease_until, started_at)
               VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8)";
    on!(tx, |c| sqlx::query(sql)
        .bind(turn.message.uuid())
        .bind(org.uuid())
        .bind(turn.user.uuid())
        .bind(turn.conversation.uuid())
        .bind(turn.user_message.uuid())
        .bind(turn.owner)
        .bind(turn.lease_until.micros())
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The active turn of a conversation.
pub(crate) async fn active(tx: &mut Tx, org: OrgId, conversation: ConversationId) -> DbResult<Option<MessageId>> {
    let sql = "SELECT message_id FROM turns WHERE org_id = $1 AND conversation_id = $2 AND status = 'active'";
    let found: Option<Uuid> =
        on!(tx, |c| sqlx::query_scalar(sql).bind(org.uuid()).bind(conversation.uuid()).fetch_optional(c).await)?;
    Ok(found.map(MessageId::from))
}

/// A turn as its owner may know it.
#[derive(sqlx::FromRow)]
pub(super) struct Known {
    status: String,
    conversation_id: Uuid,
}

impl Known {
    pub(super) fn is_active(&self) -> bool {
        self.status == "active"
    }

    pub(super) fn conversation(&self) -> ConversationId {
        self.conversation_id.into()
    }
}

/// The turn, if it is this person's.
pub(super) async fn get(tx: &mut Tx, org: OrgId, user: UserId, message: MessageId) -> DbResult<Option<Known>> {
    let sql = "SELECT status, conversation_id FROM turns WHERE org_id = $1 AND user_id = $2 AND message_id = $3";
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(message.uuid())
        .fetch_optional(c)
        .await)?)
}

/// Whether the turn has ended. Whose it is was checked when the reader was made.
pub(crate) async fn has_ended(tx: &mut Tx, message: MessageId) -> DbResult<bool> {
    let sql = "SELECT COUNT(*) FROM turns WHERE message_id = $1 AND status = 'active'";
    let active: i64 = on!(tx, |c| sqlx::query_scalar(sql).bind(message.uuid()).fetch_one(c).await)?;
    Ok(active == 0)
}

/// Asks whoever runs the turn to stop it.
pub(super) async fn mark_cancelled(tx: &mut Tx, org: OrgId, message: MessageId, now: Timestamp) -> DbResult<()> {
    let sql = "UPDATE turns SET cancel_requested_at = $3 WHERE org_id = $1 AND message_id = $2 AND status = 'active'";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(message.uuid()).bind(now.micros()).execute(c).await.map(drop))?;
    Ok(())
}

/// How a turn ended.
pub(crate) struct Ended<'a> {
    /// The text so far.
    pub content: &'a str,
    /// What became of the message.
    pub status: MessageStatus,
    /// Why it broke off.
    pub error: Option<&'a TurnError>,
    /// The model that answered.
    pub model: Option<&'a str>,
    /// Tokens that it took.
    pub usage: Option<Usage>,
}

/// Writes the end of a turn: message, conversation, turn. False when it had ended before.
pub(crate) async fn end(
    tx: &mut Tx,
    org: OrgId,
    message: MessageId,
    conversation: ConversationId,
    ended: &Ended<'_>,
    now: Timestamp,
) -> DbResult<bool> {
    let sql = "UPDATE turns SET status = $3, finished_at = $4 WHERE org_id = $1 AND message_id = $2 AND status IN ('active', 'ending')";
    let rows = on!(&mut *tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(message.uuid())
        .bind(messages::status_text(ended.status))
        .bind(now.micros())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if rows == 0 {
        return Ok(false);
    }
    messages::store::finish(tx, org, message, ended).await?;
    conversations::store::after_turn(tx, org, conversation, ended.content, ended.status, now).await?;
    Ok(true)
}

/// A turn of a dead process.
#[derive(sqlx::FromRow)]
pub(crate) struct Abandoned {
    org_id: Uuid,
    conversation_id: Uuid,
}

impl Abandoned {
    #[expect(clippy::disallowed_methods, reason = "the turn was begun by a request that was verified for it")]
    pub(crate) fn org(&self) -> OrgId {
        OrgId::vouched(self.org_id)
    }

    pub(crate) fn conversation(&self) -> ConversationId {
        self.conversation_id.into()
    }
}

/// Takes an active turn that nobody runs, so that only one process ends it.
pub(crate) async fn take_abandoned(
    tx: &mut Tx,
    message: MessageId,
    process: Uuid,
    now: Timestamp,
) -> DbResult<Option<Abandoned>> {
    let sql = "UPDATE turns SET status = 'ending', owner = $2, lease_until = $3
               WHERE message_id = $1 AND status = 'active' RETURNING org_id, conversation_id";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(message.uuid()).bind(process).bind(now.micros()).fetch_optional(c).await)?)
}
