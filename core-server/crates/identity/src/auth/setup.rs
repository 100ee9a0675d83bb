//! The first admin of a fresh installation.

use platform::{ApiError, ApiResult};
use shared_protocol::{
    ErrorCode, FieldError,
    auth::{Role, SetupRequest},
};

use super::{password, store};
use crate::{
    Identity,
    orgs::{self, NewOrganisation, NewUser},
};

const DEFAULT_EMAIL: &str = "admin@localhost";

/// Makes the first organisation and its admin, once. Of two at the same time one succeeds.
pub(super) async fn set_up(identity: &Identity, request: SetupRequest) -> ApiResult<()> {
    let mut tx = identity.db.read().await?;
    if store::is_set_up(&mut tx).await? {
        return Err(already());
    }
    drop(tx);
    let email = orgs::normal_email(request.email.as_deref().unwrap_or(DEFAULT_EMAIL));
    let display_name = trimmed(request.display_name, "Administrator");
    let org_name = trimmed(request.org_name, "My organisation");
    let faults: Vec<FieldError> = [
        password::check_rule(&request.password),
        orgs::check_email("email", &email),
        orgs::check_name("displayName", &display_name),
        orgs::check_name("orgName", &org_name),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(fault) = faults.iter().find(|fault| fault.field == "password") {
        // The documented status for a weak password at set-up is 400.
        return Err(ApiError::bad_request(fault.message.clone()).with_details(serde_json::json!(faults)));
    }
    if !faults.is_empty() {
        return Err(ApiError::validation(&faults));
    }
    let hash = password::hash(identity, request.password).await?;
    let now = identity.clock.now();
    let mut tx = identity.db.write().await?;
    let org = orgs::create(identity, &mut tx, &NewOrganisation { name: org_name }).await?;
    let admin = NewUser { email, display_name, role: Role::Admin, is_system_admin: true, password_hash: Some(hash) };
    let user = match orgs::add_user(identity, &mut tx, org, &admin).await {
        Ok(user) => user,
        // Another request with the same address was faster; there were no accounts before the set-up.
        Err(error) if error.code == ErrorCode::AlreadyExists => return Err(already()),
        Err(error) => return Err(error),
    };
    if !store::take_setup(&mut tx, user, now).await? {
        return Err(already());
    }
    tx.commit().await?;
    tracing::info!(%user, "the installation was set up");
    Ok(())
}

/// Whether the first admin exists.
pub(super) async fn is_set_up(identity: &Identity) -> ApiResult<bool> {
    Ok(store::is_set_up(&mut identity.db.read().await?).await?)
}

fn trimmed(text: Option<String>, default: &str) -> String {
    let text = text.unwrap_or_default();
    if text.trim().is_empty() { default.to_owned() } else { text.trim().to_owned() }
}

fn already() -> ApiError {
    ApiError::new(ErrorCode::AlreadySetUp, "This installation was set up before. Please sign in.")
}
