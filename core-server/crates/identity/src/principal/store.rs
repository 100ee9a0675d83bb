//! Reads principals. These are the queries that find out the organisation, so they take none.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{SessionId, Tier, Timestamp, auth::Role};
use uuid::Uuid;

use super::{Login, Principal, UserStatus};
use crate::Identity;

#[derive(sqlx::FromRow)]
struct Row {
    session_id: Option<Uuid>,
    org_id: Uuid,
    user_id: Uuid,
    role: String,
    org_role: String,
    is_system_admin: bool,
    status: String,
    tier: String,
    email: String,
    display_name: String,
    org_name: String,
    expires_at: i64,
}

impl Row {
    #[expect(clippy::disallowed_methods, reason = "a verified credential vouches for the organisation")]
    fn into_principal(self, identity: &Identity, login: Login) -> Principal {
        Principal {
            org: OrgId::vouched(self.org_id),
            user: self.user_id.into(),
            session: self.session_id.map(SessionId::from),
            login,
            role: if self.role == "admin" { Role::Admin } else { Role::User },
            org_role: self.org_role,
            is_system_admin: self.is_system_admin || identity.is_listed_admin(self.user_id.into(), &self.email),
            status: UserStatus::parse(&self.status),
            tier: Tier::parse(&self.tier).unwrap_or_default(),
            display_name: self.display_name,
            org_name: self.org_name,
            expires_at: Timestamp::from_micros(self.expires_at),
        }
    }
}

/// The principal of a sign-in that was not revoked.
pub(super) async fn by_session(tx: &mut Tx, identity: &Identity, id: SessionId) -> DbResult<Option<Principal>> {
    let sql = "SELECT s.id AS session_id, s.org_id, s.user_id, u.role, u.org_role, u.is_system_admin, u.status, o.tier,
                      u.email, u.display_name, o.name AS org_name, s.expires_at
               FROM sessions s JOIN users u ON u.id = s.user_id JOIN organisations o ON o.id = s.org_id
               WHERE s.id = $1 AND s.revoked_at IS NULL AND u.deleted_at IS NULL AND o.deleted_at IS NULL";
    let row: Option<Row> = on!(tx, |c| sqlx::query_as(sql).bind(id.uuid()).fetch_optional(c).await)?;
    Ok(row.map(|row| row.into_principal(identity, Login::Session)))
}

/// The principal of a session token whose sign-in was not revoked. It ends with the sign-in at the latest.
pub(super) async fn by_token(tx: &mut Tx, identity: &Identity, hash: &str) -> DbResult<Option<Principal>> {
    let sql = "SELECT t.session_id, t.org_id, t.user_id, u.role, u.org_role, u.is_system_admin, u.status, o.tier,
                      u.email, u.display_name, o.name AS org_name,
                      CASE WHEN s.expires_at < t.expires_at THEN s.expires_at ELSE t.expires_at END AS expires_at
               FROM session_tokens t JOIN users u ON u.id = t.user_id JOIN organisations o ON o.id = t.org_id
               LEFT JOIN sessions s ON s.id = t.session_id
               WHERE t.token_hash = $1 AND s.revoked_at IS NULL AND u.deleted_at IS NULL AND o.deleted_at IS NULL";
    let row: Option<Row> = on!(tx, |c| sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?;
    Ok(row.map(|row| row.into_principal(identity, Login::SessionToken)))
}
