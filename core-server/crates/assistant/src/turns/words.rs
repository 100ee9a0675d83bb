//! The one table from model errors to the codes and sentences of a turn's end.

use models::ModelError;
use shared_protocol::{
    ErrorCode,
    chat::{TurnError, TurnErrorCode},
};

/// What a person is told.
pub(crate) const fn words(code: TurnErrorCode) -> &'static str {
    match code {
        TurnErrorCode::Cancelled => "The answer was stopped.",
        TurnErrorCode::Interrupted => "The server was restarted while it answered.",
        TurnErrorCode::ProviderUnavailable => "The model cannot be reached at the moment.",
        TurnErrorCode::RateLimit => "The model provider takes no more requests at the moment.",
        TurnErrorCode::Overloaded => "The model has too much to do at the moment.",
        TurnErrorCode::Timeout => "The model did not answer in time.",
        TurnErrorCode::ContextOverflow => "This message is too long for the model.",
        TurnErrorCode::PayloadTooLarge => "This message is too large for the model provider.",
        TurnErrorCode::BadRequest => "The model provider refused the request.",
        TurnErrorCode::Auth => "The model provider refused our credentials.",
        TurnErrorCode::ToolLimit => "The tools were called too often.",
        TurnErrorCode::ModerationBlocked => "The model provider's own filter held the answer back.",
        TurnErrorCode::Internal => "Something went wrong on the server.",
    }
}

/// A turn's end with that code.
pub(super) fn error(code: TurnErrorCode) -> TurnError {
    TurnError { code, message: words(code).to_owned() }
}

/// The end that a model error makes.
pub(super) fn of_model(fault: &ModelError) -> TurnError {
    let code = match fault {
        ModelError::Unavailable(_) | ModelError::UnknownModel | ModelError::Malformed(_) => {
            TurnErrorCode::ProviderUnavailable
        }
        ModelError::TooLarge => TurnErrorCode::PayloadTooLarge,
        ModelError::RateLimited { .. } => TurnErrorCode::RateLimit,
        ModelError::Overloaded => TurnErrorCode::Overloaded,
        ModelError::Timeout => TurnErrorCode::Timeout,
        ModelError::Auth => TurnErrorCode::Auth,
        ModelError::ContextOverflow => TurnErrorCode::ContextOverflow,
        ModelError::BadRequest(_) => TurnErrorCode::BadRequest,
        ModelError::NotConfigured(_) => {
            return TurnError {
                code: TurnErrorCode::ProviderUnavailable,
                message: format!("No model is ready: {fault}."),
            };
        }
    };
    error(code)
}

/// The code of an answer without a stream.
pub(super) const fn api_code(code: TurnErrorCode) -> ErrorCode {
    match code {
        TurnErrorCode::Cancelled | TurnErrorCode::Interrupted => ErrorCode::Conflict,
        TurnErrorCode::ProviderUnavailable
        | TurnErrorCode::RateLimit
        | TurnErrorCode::Overloaded
        | TurnErrorCode::BadRequest
        | TurnErrorCode::Auth => ErrorCode::ProviderUnavailable,
        TurnErrorCode::Timeout => ErrorCode::Timeout,
        TurnErrorCode::ContextOverflow | TurnErrorCode::PayloadTooLarge => ErrorCode::PayloadTooLarge,
        TurnErrorCode::ModerationBlocked => ErrorCode::ValidationFailed,
        TurnErrorCode::ToolLimit | TurnErrorCode::Internal => ErrorCode::Internal,
    }
}
