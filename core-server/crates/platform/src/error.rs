//! The error that handlers return. It alone becomes an HTTP answer.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use shared_protocol::{ErrorCode, FieldError};

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// A failed request: what the caller is told, and apart from it what the log is told.
#[derive(Debug)]
pub struct ApiError {
    /// The code; it decides the status.
    pub code: ErrorCode,
    /// A sentence for people. It must not hold secrets or internals.
    pub message: String,
    /// More for some codes.
    pub details: Option<Value>,
    /// When it makes sense to come again.
    pub retry_after: Option<Duration>,
    /// The cause, for the log only.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ApiError {
    /// An error with that code and sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retry_after: None, source: None }
    }

    /// Nothing here, or nothing that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing at this address.")
    }

    /// The request cannot be read.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// The request was read, but these fields cannot be accepted.
    pub fn validation(fields: &[FieldError]) -> Self {
        let message = fields.first().map_or("The request cannot be accepted.", |field| field.message.as_str());
        Self::new(ErrorCode::ValidationFailed, message).with_details(json!(fields))
    }

    /// A fault of ours. The cause goes to the log, never to the caller.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::Internal, "Something went wrong on the server.");
        error.source = Some(cause.into());
        error
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Says when to come again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds the cause for the log.
    #[must_use]
    pub fn with_source(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// The status that goes with the code.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The chain of causes in one line, for the log.
    pub fn cause_chain(&self) -> String {
        let mut next: Option<&dyn StdError> = match &self.source {
            Some(source) => Some(&**source),
            None => None,
        };
        let mut texts = Vec::new();
        while let Some(error) = next {
            texts.push(error.to_string());
            next = error.source();
        }
        texts.join(": ")
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code.as_str(), self.message)
    }
}

impl StdError for ApiError {}

/// The error waits in the answer's extensions until the outermost layer, which knows the request
/// id, writes the body: see [`crate::http::request`].
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
