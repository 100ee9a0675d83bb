//! Extractors that refuse bad input in our error form.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, path::ErrorKind, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use shared_protocol::ErrorCode;

use crate::ApiError;

/// A JSON body, in and out.
///
/// Refuses another content type with 415, a body over the limit with 413 and what cannot be read with 400.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// A JSON body that may be missing; an empty one is the default value.
#[derive(Clone, Copy, Debug)]
pub struct OptionalJson<T>(pub T);

/// Values from the path. A value that cannot be one is 404: no such object can exist.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// Values from the query. A value that cannot be read is 400.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ErrorCode::UnsupportedMediaType,
                "The body must be JSON and say so: Content-Type: application/json.",
            ));
        }
        parse(&read(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = is_json(request.headers());
        let body = read(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(ApiError::new(
                ErrorCode::UnsupportedMediaType,
                "The body must be JSON and say so: Content-Type: application/json.",
            ));
        }
        parse(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(fault)) if is_our_fault(fault.kind()) => {
                Err(ApiError::internal(fault))
            }
            Err(_) => Err(ApiError::not_found()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(ApiError::bad_request("The query must not hold the character NUL."));
        }
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|fault| ApiError::bad_request(format!("The query cannot be read: {}", fault.body_text())))
    }
}

/// A handler that asks for other values than its route has.
fn is_our_fault(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|fault| {
        if fault.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::new(ErrorCode::PayloadTooLarge, "The body is larger than this server takes.")
        } else {
            ApiError::bad_request("The body could not be read to its end.")
        }
    })
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // Every body of the API is an object. A list would pass for one whose fields stand in order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ApiError::bad_request("The body must be a JSON object."));
    }
    let unreadable = |fault: serde_json::Error| ApiError::bad_request(format!("The body cannot be read: {fault}."));
    // PostgreSQL has no text with this character, and nobody can type it.
    if body.windows(6).any(|part| part == br"\u0000") && has_nul(&serde_json::from_slice(body).map_err(unreadable)?) {
        return Err(ApiError::bad_request("The body must not hold the character NUL."));
    }
    serde_json::from_slice(body).map_err(unreadable)
}

fn has_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}
