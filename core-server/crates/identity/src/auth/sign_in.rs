//! Sign-in by mail address and password.

use std::net::IpAddr;

use db::OrgId;
use platform::{ApiError, ApiResult};
use shared_protocol::{
    ErrorCode,
    auth::{LoginRequest, LoginResponse, Role, UserSummary},
};

use super::{password, sessions, store, throttle::Buckets};
use crate::{Identity, orgs, principal::UserStatus};

/// Signs in, or says why not. An unknown account and a wrong password are told apart by nothing.
pub(super) async fn sign_in(
    identity: &Identity,
    request: LoginRequest,
    address: IpAddr,
    client: Option<&str>,
) -> ApiResult<LoginResponse> {
    let name = request.email.or(request.username).unwrap_or_default();
    let email = orgs::normal_email(&name);
    if email.is_empty() || request.password.is_empty() {
        return Err(ApiError::bad_request("Mail address and password are needed."));
    }
    let buckets = Buckets::of(&email, address);
    let mut tx = identity.db.write().await?;
    buckets.count(&mut tx, identity.clock.now()).await?;
    let account = store::account_by_email(&mut tx, &email).await?;
    tx.commit().await?;

    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let matches = password::matches(identity, request.password, stored).await?;
    let Some(account) = account.filter(|account| matches && UserStatus::parse(&account.status) != UserStatus::Disabled)
    else {
        tracing::info!(%address, "a sign-in failed");
        return Err(ApiError::new(ErrorCode::InvalidCredentials, "Mail address or password is wrong."));
    };
    let runs_installation = account.is_system_admin || identity.is_listed_admin(account.id.into(), &account.email);
    if !identity.config.auth.allow_password_login && !runs_installation {
        return Err(ApiError::new(ErrorCode::PasswordLoginDisabled, "Signing in by password is switched off here."));
    }
    if UserStatus::parse(&account.status) == UserStatus::Pending {
        return Err(ApiError::new(ErrorCode::AccountPending, "Your account waits for approval."));
    }

    let role = if account.role == "admin" { Role::Admin } else { Role::User };
    #[expect(clippy::disallowed_methods, reason = "the password vouches for the account and its organisation")]
    let org = OrgId::vouched(account.org_id);
    let mut tx = identity.db.write().await?;
    buckets.clear(&mut tx).await?;
    let token = sessions::begin(identity, &mut tx, org, account.id.into(), role, client).await?;
    tx.commit().await?;
    tracing::info!(user = %shared_protocol::UserId::from(account.id), "signed in");
    let user = UserSummary { id: account.id.into(), email: account.email, display_name: account.display_name, role };
    Ok(LoginResponse { token, user })
}
