//! Setup, sign-in and the signed-in person.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{GroupId, OrganisationId, Tier, Timestamp, UserId};

/// A language the UI can speak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Locale {
    /// Language code, for example `nl`.
    pub code: String,
    /// The language's own name.
    pub name: String,
}

/// `GET /auth/setup-status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the documented body of the route")]
pub struct SetupStatus {
    /// Whether the first admin exists.
    pub is_setup_complete: bool,
    /// Whether sign-in by a Nextcloud account is configured.
    pub is_o_auth_configured: bool,
    /// Whether sign-in by Google is configured.
    pub is_google_configured: bool,
    /// Whether sign-in by Microsoft is configured.
    pub is_microsoft_configured: bool,
    /// Whether sign-in by GitHub is configured.
    pub is_github_configured: bool,
    /// Whether sign-in by SAML is configured.
    pub is_saml_configured: bool,
    /// The origin for redirects; empty means the origin that was asked.
    pub server_url: String,
    /// `cloud` or `self-hosted`.
    pub deployment_mode: String,
    /// Whether anybody may sign up.
    pub allow_signups: bool,
    /// Whether signing up may create an organisation.
    pub allow_org_signups: bool,
    /// Whether signing up without an organisation is possible.
    pub allow_consumer_signups: bool,
    /// Whether new accounts wait for approval.
    pub waitlist_enabled: bool,
    /// Ways to sign in for accounts without an organisation.
    pub consumer_login_methods: Vec<String>,
    /// Whether sign-in by password is possible.
    pub allow_password_login: bool,
    /// Languages of the UI.
    pub available_locales: Vec<Locale>,
}

/// `POST /auth/setup`: makes the first admin, once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetupRequest {
    /// At least 8 characters with an upper-case letter, a lower-case letter and a digit.
    pub password: String,
    /// The admin's address; `admin@localhost` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The admin's name as others see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The first organisation's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_name: Option<String>,
}

/// An answer that says no more than that it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success {
    /// Always true; failures are error answers.
    pub success: bool,
}

/// The `{ok:true}` of the chat routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ok {
    /// Always true; failures are error answers.
    pub ok: bool,
}

/// `POST /auth/admin-login`. One of `email` and `username` is needed.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    /// The account's mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The same under its older name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password.
    pub password: String,
}

/// A successful sign-in; the session cookie is set as well.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LoginResponse {
    /// The session JWT, for callers that keep no cookies.
    pub token: String,
    /// Who signed in.
    pub user: UserSummary,
}

/// A person in few words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserSummary {
    /// The account.
    pub id: UserId,
    /// Mail address.
    pub email: String,
    /// Name as others see it.
    pub display_name: String,
    /// `admin` or `user` of the organisation.
    pub role: Role,
}

/// What a person may do in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the organisation.
    Admin,
    /// Works in it.
    User,
}

/// Limits of the tier; -1 means without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TierLimits {
    /// Accounts.
    pub users: i64,
    /// Agents.
    pub agents: i64,
    /// Chat turns a month.
    pub messages: i64,
    /// Knowledge bases.
    pub knowledge_bases: i64,
}

/// How an avatar is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum AvatarType {
    /// An address of a picture.
    Url,
    /// An emoji.
    Emoji,
    /// A picture that was uploaded here.
    Upload,
}

/// The Nextcloud binding that waits for an admin's word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NcBinding {
    /// The pending binding, if any.
    pub pending: Option<Value>,
}

/// Whether the first-run wizard has to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NcOnboarding {
    /// Whether it must run before anything else.
    pub required: bool,
    /// When it ran.
    pub completed_at: Option<Timestamp>,
}

/// Whether the person has to agree to a privacy text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NcConsent {
    /// Whether agreement is missing.
    pub required: bool,
    /// The version in force.
    pub version: Option<String>,
    /// The version that was agreed to.
    pub accepted_version: Option<String>,
}

/// The model that answers, so that the UI can say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// `local`, `openai`, `anthropic`, `google`, `mistral` or `ollama`.
    pub provider: String,
    /// The model's name.
    pub name: String,
}

/// What an installation has switched on. A page for something that is off is not shown, whatever the tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the documented body of the route")]
pub struct FeatureFlags {
    /// Notebooks.
    pub notebooks: bool,
    /// Speaking and listening.
    pub voice: bool,
    /// The marketplace of agents.
    pub agent_marketplace: bool,
    /// The marketplace of knowledge bases.
    pub kb_marketplace: bool,
    /// Skills.
    pub skills: bool,
    /// Automations.
    pub automations: bool,
    /// Meeting notes.
    #[serde(rename = "meeting_notes")]
    pub meeting_notes: bool,
    /// Templates of agents.
    pub templates: bool,
    /// Tasks.
    pub tasks: bool,
    /// Monitoring.
    pub monitoring: bool,
    /// `cloud` or `self-hosted`.
    pub deployment_mode: String,
}

/// `GET /auth/user`: the signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the documented body of the route")]
pub struct CurrentUser {
    /// The account.
    pub id: UserId,
    /// Mail address.
    pub email: String,
    /// Name as others see it.
    pub display_name: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// `admin` or `user`.
    pub role: Role,
    /// Finer role: `org_admin`, `agent_admin`, `agent_editor` or empty.
    pub org_role: String,
    /// The organisation that the session works in.
    pub organization_id: OrganisationId,
    /// The organisation's name.
    pub organization_name: String,
    /// Picture address or emoji.
    pub avatar: Option<String>,
    /// How to read `avatar`.
    pub avatar_type: Option<AvatarType>,
    /// Language code of the UI; the browser decides when absent.
    pub language: Option<String>,
    /// IANA time zone.
    pub timezone: Option<String>,
    /// How the account came about: `password`, …
    pub provider: String,
    /// Whether `role` is `admin`.
    pub is_admin: bool,
    /// Whether the person runs the installation.
    pub is_system_admin: bool,
    /// The organisation's tier.
    pub tier: Tier,
    /// Features of the tier.
    pub features: Vec<String>,
    /// Limits of the tier.
    pub limits: TierLimits,
    /// Always true here; `?soft=1` answers `{authenticated:false}` for nobody.
    pub authenticated: bool,
    /// Whether the account waits for approval.
    pub pending_approval: bool,
    /// Whether the account has no organisation.
    pub no_organization: bool,
    /// Whether the account was made without an organisation on purpose.
    pub is_consumer_account: bool,
    /// What this installation has switched on, apart from the tier.
    pub feature_flags: FeatureFlags,
    /// Integrations that the organisation allows; null means all.
    pub enabled_integrations: Option<Vec<String>>,
    /// Beta features that are on.
    pub beta_features: Vec<String>,
    /// A Nextcloud binding that waits for approval.
    pub nc_binding: NcBinding,
    /// State of the first-run wizard.
    pub nc_onboarding: NcOnboarding,
    /// State of the privacy consent.
    pub nc_consent: NcConsent,
    /// The model that answers by default.
    pub model: ModelInfo,
}

/// `GET /auth/user?soft=1` when nobody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Anonymous {
    /// Always false.
    pub authenticated: bool,
}

/// The two answers of `GET /auth/user`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum WhoAmI {
    /// Somebody is signed in.
    Somebody(Box<CurrentUser>),
    /// Nobody is, and the caller asked softly.
    Nobody(Anonymous),
}

/// `GET /auth/my-permissions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// Permission ids; `all` stands for every one.
    pub permissions: Vec<String>,
    /// Groups of the person.
    pub groups: Vec<GroupId>,
    /// Organisations that the person can work in.
    pub organizations: Vec<OrganisationId>,
    /// Kinds of agents that the person may use; `all` stands for every one.
    pub allowed_agent_types: Vec<String>,
    /// Beta features that are on.
    pub beta_features: Vec<String>,
    /// Finer role, as in [`CurrentUser`].
    pub org_role: String,
}

/// `POST /auth/update-profile`: fields left out stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileUpdate {
    /// New name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// New avatar; null removes it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub avatar: Option<Option<String>>,
    /// How to read the new avatar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_type: Option<AvatarType>,
    /// New language code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// New IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// `POST /api/session-token`: a token for a frame that cannot hold the cookie.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionToken {
    /// 64 hexadecimal digits, for the header `X-Session-Token`.
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: u64,
}

/// Tells a field that is null (`Some(None)`) from one that is left out (`None`).
#[expect(clippy::option_option, reason = "an update must tell null from absent")]
pub(crate) fn present<'de, T, D>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    Option::<T>::deserialize(from).map(Some)
}
