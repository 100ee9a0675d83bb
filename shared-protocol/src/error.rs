//! The one table of error codes, and the body that carries them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// Every code that an error answer of the API can carry. `docs/errors.md` has a paragraph for each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// All codes, in the order of their HTTP status.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as written on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with the code.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// The request cannot be read: malformed JSON, a missing field, a bad id.
    BadRequest = "bad_request", 400;
    /// The installation was set up before.
    AlreadySetUp = "already_set_up", 400;
    /// No credential was sent.
    MissingToken = "missing_token", 401;
    /// The credential is forged, revoked or unknown.
    InvalidToken = "invalid_token", 401;
    /// The credential was good once.
    ExpiredToken = "expired_token", 401;
    /// Name or password is wrong.
    InvalidCredentials = "invalid_credentials", 401;
    /// A licence limit is reached.
    TierLimit = "tier_limit", 402;
    /// The caller's role does not allow this.
    Forbidden = "forbidden", 403;
    /// The licence does not include this feature.
    LicenseFeatureRequired = "license_feature_required", 403;
    /// The installation does not sign in by password.
    PasswordLoginDisabled = "password_login_disabled", 403;
    /// The account waits for approval.
    AccountPending = "account_pending", 403;
    /// The agent does not allow branches.
    ThreadsDisabled = "threads_disabled", 403;
    /// Nothing here, or nothing that the caller may know of.
    NotFound = "not_found", 404;
    /// The address exists but not for this method.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The request contradicts the present state.
    Conflict = "conflict", 409;
    /// An object with this name exists.
    AlreadyExists = "already_exists", 409;
    /// The conversation is being answered at the moment.
    TurnInProgress = "turn_in_progress", 409;
    /// The idempotency key was used with another request.
    IdempotencyConflict = "idempotency_conflict", 409;
    /// The first request with this idempotency key still runs.
    IdempotencyInProgress = "idempotency_in_progress", 409;
    /// The thing existed and its time is over.
    Expired = "expired", 410;
    /// The body is larger than allowed.
    PayloadTooLarge = "payload_too_large", 413;
    /// The body is not of a type that this route reads.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// The request was read, but its values cannot be accepted; `details` lists the fields.
    ValidationFailed = "validation_failed", 422;
    /// Too many requests; `Retry-After` says when to come again.
    RateLimited = "rate_limited", 429;
    /// A fault of ours; the request id finds it in the log.
    Internal = "internal", 500;
    /// The database or another part that we need is away for the moment.
    Unavailable = "unavailable", 503;
    /// The model provider is down, overloaded or not configured.
    ProviderUnavailable = "provider_unavailable", 503;
    /// The work did not end in time.
    Timeout = "timeout", 504;
}

// The derive does not see texts that a macro puts into attributes.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ErrorCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("Every code that an error answer of the API can carry."))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ErrorCode {}

/// The body of every error answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The code to decide by.
    pub error: ErrorCode,
    /// A sentence for people; not stable.
    pub message: String,
    /// More about some codes: a list of [`FieldError`] for `validation_failed`, an object elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
    /// Names the request in the server's log.
    #[serde(default)]
    pub request_id: String,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name as sent.
    pub field: String,
    /// A short code such as `too_long`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl FieldError {
    /// A fault of `field`.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), message: message.into() }
    }
}
