//! Making organisations and accounts.

use db::{OrgId, Tx};
use platform::{ApiError, ApiResult};
use shared_protocol::{ErrorCode, FieldError, UserId, auth::Role};

use super::store;
use crate::{Identity, auth::password};

const MAX_NAME_CHARS: usize = 100;
/// The longest mail address: <https://www.rfc-editor.org/errata/eid1690>.
const MAX_EMAIL_CHARS: usize = 254;

/// An organisation to be made.
pub struct NewOrganisation {
    /// Its name.
    pub name: String,
}

/// An account to be made.
pub struct NewUser {
    /// Mail address, normalised.
    pub email: String,
    /// Name as others see it.
    pub display_name: String,
    /// Role in the organisation.
    pub role: Role,
    /// Whether they run the installation.
    pub is_system_admin: bool,
    /// Hash of the password, if there is one.
    pub password_hash: Option<String>,
}

/// Makes an organisation and lets the other features fill it.
///
/// # Errors
/// Fails when the database does.
pub async fn create(identity: &Identity, tx: &mut Tx, new: &NewOrganisation) -> ApiResult<OrgId> {
    let now = identity.clock.now();
    #[expect(clippy::disallowed_methods, reason = "the tenancy module makes the organisation")]
    let org = OrgId::vouched(identity.ids.uuid());
    store::insert_organisation(tx, org, &new.name, &slug(&new.name, org), now).await?;
    for seeder in &identity.seeders {
        seeder.seed(tx, org, now).await?;
    }
    Ok(org)
}

/// Adds an account.
///
/// # Errors
/// 409 `already_exists` when the address is taken, in whatever organisation.
pub async fn add_user(identity: &Identity, tx: &mut Tx, org: OrgId, new: &NewUser) -> ApiResult<UserId> {
    let user = UserId::from(identity.ids.uuid());
    match store::insert_user(tx, org, user, new, identity.clock.now()).await {
        Ok(()) => Ok(user),
        Err(error) if error.is_unique_violation() => {
            Err(ApiError::new(ErrorCode::AlreadyExists, "An account with this mail address exists."))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes an organisation with an admin who signs in by password.
///
/// # Errors
/// 422 for a weak password or a bad address, 409 for a taken one.
pub async fn create_with_admin(
    identity: &Identity,
    org_name: &str,
    email: &str,
    password: &str,
) -> ApiResult<(OrgId, UserId)> {
    let email = normal_email(email);
    let faults: Vec<FieldError> =
        [password::check_rule(password), check_email("email", &email), check_name("orgName", org_name)]
            .into_iter()
            .flatten()
            .collect();
    if !faults.is_empty() {
        return Err(ApiError::validation(&faults));
    }
    let hash = password::hash(identity, password.to_owned()).await?;
    let mut tx = identity.db.write().await?;
    let org = create(identity, &mut tx, &NewOrganisation { name: org_name.to_owned() }).await?;
    let display_name = email.split('@').next().unwrap_or_default().to_owned();
    let admin = NewUser { email, display_name, role: Role::Admin, is_system_admin: false, password_hash: Some(hash) };
    let user = add_user(identity, &mut tx, org, &admin).await?;
    tx.commit().await?;
    Ok((org, user))
}

/// The form in which addresses are stored and compared.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Checks a mail address as far as that makes sense without sending to it.
pub fn check_email(field: &str, email: &str) -> Option<FieldError> {
    let parts = email.split_once('@');
    let good = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && email.chars().count() <= MAX_EMAIL_CHARS
        && !email.chars().any(|symbol| symbol.is_whitespace() || symbol.is_control());
    (!good).then(|| FieldError::new(field, "invalid", "This is not a mail address."))
}

/// Checks a name of a person or an organisation.
pub fn check_name(field: &str, name: &str) -> Option<FieldError> {
    if name.trim().is_empty() {
        return Some(FieldError::new(field, "blank", "The name must not be empty."));
    }
    let good = name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(char::is_control);
    (!good).then(|| FieldError::new(field, "too_long", "The name may have at most 100 characters."))
}

/// A readable key with the end of the id, so that equal names do not clash.
fn slug(name: &str, org: OrgId) -> String {
    let letters: String = name
        .chars()
        .map(|symbol| if symbol.is_ascii_alphanumeric() { symbol.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    let id = org.uuid().simple().to_string();
    format!("{}-{}", words.join("-").chars().take(40).collect::<String>(), &id[20..])
}
