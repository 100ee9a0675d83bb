//! SQL of organisations and people.

use db::{DbResult, OrgId, Tx, on};
use shared_protocol::{
    Tier, Timestamp, UserId,
    auth::{AvatarType, ProfileUpdate, Role},
};

use super::NewUser;

pub(super) async fn insert_organisation(
    tx: &mut Tx,
    org: OrgId,
    name: &str,
    slug: &str,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "INSERT INTO organisations (id, name, slug, tier, settings, created_at, updated_at)
               VALUES ($1, $2, $3, 'community', '{}', $4, $4)";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(name).bind(slug).bind(now.micros()).execute(c).await.map(drop))?;
    Ok(())
}

pub(super) async fn insert_user(tx: &mut Tx, org: OrgId, user: UserId, new: &NewUser, now: Timestamp) -> DbResult<()> {
    let sql =
        "INSERT INTO users (id, org_id, email, display_name, role, org_role, is_system_admin, status, source, provider,
                                  password_hash, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', 'manual', 'password', $8, $9, $9)";
    let (role, org_role) = match new.role {
        Role::Admin => ("admin", "org_admin"),
        Role::User => ("user", ""),
    };
    on!(tx, |c| sqlx::query(sql)
        .bind(user.uuid())
        .bind(org.uuid())
        .bind(&new.email)
        .bind(&new.display_name)
        .bind(role)
        .bind(org_role)
        .bind(new.is_system_admin)
        .bind(&new.password_hash)
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// A person's own data.
#[derive(sqlx::FromRow)]
pub struct Person {
    /// Mail address.
    pub email: String,
    /// Name as others see it.
    pub display_name: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Picture address or emoji.
    pub avatar: Option<String>,
    /// How to read it.
    pub avatar_type: Option<String>,
    /// Language code.
    pub language: Option<String>,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// How the account came about.
    pub provider: String,
}

/// Reads a person.
///
/// # Errors
/// Fails when the database does.
pub async fn person(tx: &mut Tx, org: OrgId, user: UserId) -> DbResult<Option<Person>> {
    let sql = "SELECT email, display_name, first_name, last_name, avatar, avatar_type, language, timezone, provider
               FROM users WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(sql).bind(org.uuid()).bind(user.uuid()).fetch_optional(c).await)?)
}

/// Changes what the update names.
///
/// # Errors
/// Fails when the database does.
pub async fn update_person(
    tx: &mut Tx,
    org: OrgId,
    user: UserId,
    update: &ProfileUpdate,
    now: Timestamp,
) -> DbResult<()> {
    let sql = "UPDATE users SET display_name = COALESCE($3, display_name),
                 avatar = CASE WHEN $4 THEN $5 ELSE avatar END,
                 avatar_type = COALESCE($6, CASE WHEN $4 AND $5 IS NULL THEN NULL ELSE avatar_type END),
                 language = COALESCE($7, language), timezone = COALESCE($8, timezone), updated_at = $9
               WHERE org_id = $1 AND id = $2";
    let kind = update.avatar_type.map(|kind| match kind {
        AvatarType::Url => "url",
        AvatarType::Emoji => "emoji",
        AvatarType::Upload => "upload",
    });
    on!(tx, |c| sqlx::query(sql)
        .bind(org.uuid())
        .bind(user.uuid())
        .bind(update.display_name.as_deref().map(str::trim))
        .bind(update.avatar.is_some())
        .bind(update.avatar.clone().flatten())
        .bind(kind)
        .bind(&update.language)
        .bind(&update.timezone)
        .bind(now.micros())
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Sets the organisation's tier.
///
/// # Errors
/// Fails when the database does.
pub async fn set_tier(tx: &mut Tx, org: OrgId, tier: Tier) -> DbResult<()> {
    let sql = "UPDATE organisations SET tier = $2 WHERE id = $1";
    on!(tx, |c| sqlx::query(sql).bind(org.uuid()).bind(tier.as_str()).execute(c).await.map(drop))?;
    Ok(())
}
