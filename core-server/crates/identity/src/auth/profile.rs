//! The signed-in person's own data.

use platform::{ApiError, ApiResult};
use shared_protocol::{
    FieldError,
    auth::{
        AvatarType, CurrentUser, FeatureFlags, NcBinding, NcConsent, NcOnboarding, Permissions, ProfileUpdate, Role,
    },
};

use crate::{Identity, Principal, licensing::tiers, orgs, principal::UserStatus};

/// Languages of the UI with their own names.
pub(super) const LOCALES: [(&str, &str); 3] = [("en", "English"), ("nl", "Nederlands"), ("de", "Deutsch")];
const MAX_AVATAR_BYTES: usize = 100_000;

/// Everything that the UI shows of the person.
pub(super) async fn current(identity: &Identity, principal: &Principal) -> ApiResult<CurrentUser> {
    let mut tx = identity.db.read().await?;
    let person = orgs::person(&mut tx, principal.org, principal.user).await?.ok_or_else(crate::principal::invalid)?;
    Ok(CurrentUser {
        id: principal.user,
        email: person.email,
        display_name: person.display_name,
        first_name: person.first_name,
        last_name: person.last_name,
        role: principal.role,
        org_role: principal.org_role.clone(),
        organization_id: principal.org.wire(),
        organization_name: principal.org_name.clone(),
        avatar: person.avatar,
        avatar_type: person.avatar_type.as_deref().and_then(avatar_type),
        language: person.language,
        timezone: person.timezone,
        provider: person.provider,
        is_admin: principal.role == Role::Admin,
        is_system_admin: principal.is_system_admin,
        tier: principal.tier,
        features: tiers::features(principal.tier),
        limits: tiers::limits(principal.tier),
        authenticated: true,
        pending_approval: principal.status == UserStatus::Pending,
        no_organization: false,
        is_consumer_account: false,
        feature_flags: FeatureFlags {
            deployment_mode: identity.config.server.deployment_mode.clone(),
            // What is not there yet is off.
            ..FeatureFlags::default()
        },
        enabled_integrations: None,
        beta_features: Vec::new(),
        nc_binding: NcBinding { pending: None },
        nc_onboarding: NcOnboarding { required: false, completed_at: None },
        nc_consent: NcConsent { required: false, version: None, accepted_version: None },
        model: identity.model.clone(),
    })
}

/// What the person may do. Every person may chat; an admin may do everything in the organisation.
pub(super) fn permissions(principal: &Principal) -> Permissions {
    let is_admin = principal.role == Role::Admin || principal.is_system_admin;
    let permissions = if is_admin { vec!["all".to_owned()] } else { vec!["page_chat".to_owned()] };
    Permissions {
        permissions,
        groups: Vec::new(),
        organizations: vec![principal.org.wire()],
        allowed_agent_types: vec!["all".to_owned()],
        beta_features: Vec::new(),
        org_role: principal.org_role.clone(),
    }
}

/// Changes what the request names.
pub(super) async fn update(identity: &Identity, principal: &Principal, update: &ProfileUpdate) -> ApiResult<()> {
    let faults = faults(update);
    if faults.iter().any(|fault| fault.code == "blank") {
        // The documented status for a blank name is 400.
        return Err(ApiError::bad_request("The name must not be empty.").with_details(serde_json::json!(faults)));
    }
    if !faults.is_empty() {
        return Err(ApiError::validation(&faults));
    }
    let mut tx = identity.db.write().await?;
    orgs::update_person(&mut tx, principal.org, principal.user, update, identity.clock.now()).await?;
    tx.commit().await?;
    if let Some(session) = principal.session {
        identity.principals.forget(session);
    }
    Ok(())
}

fn faults(update: &ProfileUpdate) -> Vec<FieldError> {
    let name = update.display_name.as_deref().and_then(|name| orgs::check_name("displayName", name));
    let language = update
        .language
        .as_deref()
        .filter(|code| !LOCALES.iter().any(|(known, _)| known == code))
        .map(|_| FieldError::new("language", "unknown", "This language is not available."));
    let timezone = update
        .timezone
        .as_deref()
        .filter(|zone| zone.parse::<chrono_tz::Tz>().is_err())
        .map(|_| FieldError::new("timezone", "unknown", "This time zone is not known."));
    let avatar =
        update.avatar.as_ref().and_then(Option::as_deref).and_then(|avatar| check_avatar(avatar, update.avatar_type));
    [name, language, timezone, avatar].into_iter().flatten().collect()
}

fn check_avatar(avatar: &str, kind: Option<AvatarType>) -> Option<FieldError> {
    let is_picture = avatar.starts_with("https://") || avatar.starts_with("data:image/");
    let is_emoji = avatar.chars().count() <= 8 && !avatar.is_ascii();
    let fits = match kind {
        Some(AvatarType::Emoji) => is_emoji,
        Some(AvatarType::Url | AvatarType::Upload) => is_picture,
        None => is_picture || is_emoji,
    };
    (!fits || avatar.len() > MAX_AVATAR_BYTES).then(|| {
        FieldError::new("avatar", "invalid", "The avatar must be an https address, a small picture or an emoji.")
    })
}

fn avatar_type(text: &str) -> Option<AvatarType> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}
