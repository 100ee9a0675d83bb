//! Why a call did not work, in the few kinds that people have to be told apart.

use serde_json::Value;
use shared_protocol::{ErrorBody, ErrorCode, FieldError};

/// A call that did not work.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// No answer came: the network or the server is away.
    Offline,
    /// The server answered with one of its errors.
    Refused {
        /// The error's body.
        body: Box<ErrorBody>,
        /// Seconds to wait before the next try, where the server said so.
        retry_after: Option<u64>,
    },
    /// Something else answered: a proxy, or another version of the server.
    Unexpected {
        /// The HTTP status, 0 when the answer could not be read.
        status: u16,
    },
    /// The person, or the page's end, stopped the call.
    Aborted,
}

impl Failure {
    /// Reads an answer that is not a success.
    pub fn from_answer(status: u16, retry_after: Option<&str>, text: &str) -> Self {
        match serde_json::from_str::<ErrorBody>(text) {
            Ok(body) => Self::Refused {
                body: Box::new(body),
                retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()),
            },
            // Gateways answer these when the server behind them is away.
            Err(_) if matches!(status, 502..=504) => Self::Offline,
            Err(_) => Self::Unexpected { status },
        }
    }

    /// The server's code, if it was the server that answered.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { body, .. } => Some(body.error),
            _ => None,
        }
    }

    /// Whether the sign-in is over.
    pub fn is_signed_out(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::MissingToken | ErrorCode::InvalidToken | ErrorCode::ExpiredToken))
    }

    /// Whether the same call may work in a moment.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Offline => true,
            Self::Unexpected { status } => *status >= 500 || *status == 0,
            Self::Refused { body, .. } => {
                matches!(body.error, ErrorCode::Unavailable | ErrorCode::Timeout | ErrorCode::RateLimited)
            }
            Self::Aborted => false,
        }
    }

    /// Seconds that the server asks to wait.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What is wrong with single fields.
    pub fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Refused { body, .. } if body.error == ErrorCode::ValidationFailed => {
                body.details.clone().and_then(|details| serde_json::from_value(details).ok()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A value of the error's details.
    pub fn detail(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Refused { body, .. } => body.details.as_ref()?.get(name),
            _ => None,
        }
    }

    /// The name under which the server's log knows the request.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { body, .. } if !body.request_id.is_empty() => Some(&body.request_id),
            _ => None,
        }
    }

    /// Whether a licence limit is reached.
    pub fn is_limit(&self) -> bool {
        self.code() == Some(ErrorCode::TierLimit)
    }

    /// The key of the sentence that tells a person what happened and what to do.
    pub fn text_key(&self) -> &'static str {
        match self {
            Self::Offline | Self::Aborted => "error-offline",
            Self::Unexpected { .. } => "error-unexpected",
            Self::Refused { body, .. } => match body.error {
                ErrorCode::InvalidCredentials => "error-credentials",
                ErrorCode::RateLimited => "error-rate-limited",
                ErrorCode::TierLimit => "error-tier-limit",
                ErrorCode::TurnInProgress => "error-turn-in-progress",
                ErrorCode::ProviderUnavailable => "error-provider",
                ErrorCode::Unavailable | ErrorCode::Timeout => "error-unavailable",
                ErrorCode::PayloadTooLarge => "error-too-large",
                ErrorCode::NotFound | ErrorCode::Expired => "error-not-found",
                ErrorCode::ValidationFailed | ErrorCode::BadRequest => "error-invalid",
                ErrorCode::PasswordLoginDisabled => "error-password-disabled",
                ErrorCode::AccountPending => "error-account-pending",
                ErrorCode::ThreadsDisabled => "error-threads-disabled",
                ErrorCode::AlreadySetUp => "error-already-set-up",
                ErrorCode::Forbidden | ErrorCode::LicenseFeatureRequired => "error-forbidden",
                ErrorCode::MissingToken | ErrorCode::InvalidToken | ErrorCode::ExpiredToken => "error-signed-out",
                _ => "error-internal",
            },
        }
    }
}

/// What a person is told about a field: a text of ours, or, for faults that this version does not
/// know, the server's own sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(FieldError);

impl Fault {
    /// The fault of a field, if it has one.
    pub fn of(failure: Option<&Failure>, field: &str) -> Option<Self> {
        failure?.fields().into_iter().find(|fault| fault.field == field).map(Self)
    }

    /// The key of the sentence, if there is one.
    fn key(&self) -> Option<&'static str> {
        Some(match (self.0.field.as_str(), self.0.code.as_str()) {
            ("password", "too_short") => "fault-password-short",
            ("password", "too_simple") => "fault-password-simple",
            ("email", "invalid") => "fault-email",
            ("avatar", "invalid") => "fault-avatar",
            (_, "blank" | "missing") => "fault-blank",
            (_, "too_long") => "fault-too-long",
            (_, "unknown") => "fault-unknown",
            (_, "invalid" | "format" | "forbidden") => "fault-invalid",
            _ => return None,
        })
    }

    /// The sentence in the reader's language.
    pub fn text(&self, texts: &crate::i18n::Texts) -> String {
        self.key().map_or_else(|| self.0.message.clone(), |key| texts.t(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str, details: &str) -> Failure {
        let body = format!(r#"{{"error":"{code}","message":"m","details":{details},"requestId":"req_1"}}"#);
        Failure::from_answer(422, Some("7"), &body)
    }

    #[test]
    fn an_error_body_is_read_with_its_wait_and_its_fields() {
        let failure = refused("validation_failed", r#"[{"field":"email","code":"format","message":"no"}]"#);
        assert_eq!(failure.code(), Some(ErrorCode::ValidationFailed));
        assert_eq!(failure.retry_after(), Some(7));
        assert_eq!(failure.fields()[0].field, "email");
        assert_eq!(failure.request_id(), Some("req_1"));
    }

    #[test]
    fn faults_of_fields_are_told_by_field_and_code() {
        let failure = refused(
            "validation_failed",
            r#"[{"field":"password","code":"too_short","message":"a"},{"field":"orgName","code":"too_long","message":"b"},{"field":"x","code":"odd","message":"c"}]"#,
        );
        let key = |field: &str| Fault::of(Some(&failure), field).and_then(|fault| fault.key());
        assert_eq!(key("password"), Some("fault-password-short"));
        assert_eq!(key("orgName"), Some("fault-too-long"));
        let german = crate::i18n::Texts::of(crate::i18n::Language::German);
        let odd = Fault::of(Some(&failure), "x").expect("a fault");
        assert_eq!(odd.text(&german), "c");
        assert_eq!(Fault::of(Some(&failure), "email"), None);
    }

    #[test]
    fn a_gateway_page_means_that_the_server_is_away() {
        assert_eq!(Failure::from_answer(502, None, "<html>"), Failure::Offline);
        assert_eq!(Failure::from_answer(404, None, "<html>"), Failure::Unexpected { status: 404 });
        assert!(Failure::Offline.is_passing());
    }

    #[test]
    fn only_token_codes_end_the_session() {
        assert!(refused("expired_token", "null").is_signed_out());
        assert!(!refused("invalid_credentials", "null").is_signed_out());
    }
}
