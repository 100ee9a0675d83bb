//! A verified caller.

use db::OrgId;
use shared_protocol::{SessionId, Tier, Timestamp, UserId, auth::Role};

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// May work.
    Active,
    /// Waits for approval.
    Pending,
    /// Switched off or deleted.
    Disabled,
}

impl UserStatus {
    /// From the column `users.status`.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "pending" | "waitlist" | "invited" => Self::Pending,
            _ => Self::Disabled,
        }
    }
}

/// How the caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// A session JWT.
    Session,
    /// A session token for frames.
    SessionToken,
}

/// A verified caller, whatever the state of the account.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The organisation that the session works in.
    pub org: OrgId,
    /// The account.
    pub user: UserId,
    /// The sign-in behind the credential.
    pub session: Option<SessionId>,
    /// How they proved it.
    pub login: Login,
    /// Role in the organisation.
    pub role: Role,
    /// Finer role, or empty.
    pub org_role: String,
    /// Whether they run the installation.
    pub is_system_admin: bool,
    /// Where the account stands.
    pub status: UserStatus,
    /// The organisation's tier.
    pub tier: Tier,
    /// Name as others see it.
    pub display_name: String,
    /// The organisation's name.
    pub org_name: String,
    /// When the credential ends in the database.
    pub(crate) expires_at: Timestamp,
}
