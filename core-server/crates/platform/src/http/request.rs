//! The outermost layer: gives every request an id, writes error bodies, logs and counts answers.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics::{counter, histogram};
use shared_protocol::{ErrorBody, ErrorCode, RequestId, api::REQUEST_ID_HEADER};
use tracing::Instrument as _;

use super::client_address::TrustedProxies;
use crate::{
    ApiError, Ids,
    metrics::{HTTP_DURATION, HTTP_REQUESTS},
    telemetry,
};

const ID_HEADER: HeaderName = HeaderName::from_static(REQUEST_ID_HEADER);
/// The longest request id that is taken over from a caller.
const MAX_ID_CHARS: usize = 64;

/// What the layer needs.
#[derive(Clone)]
pub struct RequestLayer {
    /// Makes request ids.
    pub ids: Ids,
    /// Proxies whose word about the caller is believed.
    pub trusted: TrustedProxies,
}

/// Gives the request an id, runs it, and finishes the answer.
pub async fn run(State(layer): State<RequestLayer>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = given_id(request.headers()).unwrap_or_else(|| RequestId::from(layer.ids.uuid()).to_string());
    request.extensions_mut().insert(layer.trusted);
    let method = known(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", method, route, request_id = id);
    telemetry::join_trace(&span, request.headers());
    let response = next.run(request).instrument(span.clone()).await;
    let _entered = span.enter();
    let mut response = with_body(response, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(ID_HEADER, value);
    }
    telemetry::set_status(&span, response.status());
    let status = response.status().as_u16();
    let taken = started.elapsed();
    tracing::info!(status, duration_ms = taken.as_secs_f64() * 1e3, "request");
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    counter!(HTTP_REQUESTS, &labels).increment(1);
    histogram!(HTTP_DURATION, &labels).record(taken);
    response
}

/// The answer to a handler that panicked.
pub fn after_panic(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    ApiError::internal("a handler panicked").into_response()
}

/// The method's name, if it is one of HTTP's own. Any token may stand in its place, and what strangers choose
/// must become neither a metric's label nor part of a log line.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "other",
    }
}

fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(ID_HEADER)?.to_str().ok()?;
    let sane = |symbol: u8| symbol.is_ascii_alphanumeric() || matches!(symbol, b'.' | b'_' | b'-');
    (!id.is_empty() && id.len() <= MAX_ID_CHARS && id.bytes().all(sane)).then(|| id.to_owned())
}

/// Writes the body of an error answer, ours or one that a library made without a body of ours.
fn with_body(response: Response, id: &str) -> Response {
    let Some(error) = response.extensions().get::<Arc<ApiError>>().cloned().or_else(|| foreign(&response)) else {
        return response;
    };
    if error.status().is_server_error() {
        tracing::error!(code = error.code.as_str(), cause = error.cause_chain(), "request failed");
    }
    let body = ErrorBody {
        error: error.code,
        message: error.message.clone(),
        details: error.details.clone(),
        request_id: id.to_owned(),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = error.retry_after {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    Response::from_parts(parts, Body::from(serde_json::to_vec(&body).unwrap_or_default()))
}

fn foreign(response: &Response) -> Option<Arc<ApiError>> {
    let (code, message) = match response.status() {
        StatusCode::BAD_REQUEST => (ErrorCode::BadRequest, "The request cannot be read."),
        StatusCode::NOT_FOUND => (ErrorCode::NotFound, "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => (ErrorCode::MethodNotAllowed, "This address does not take that method."),
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::PayloadTooLarge, "The body is larger than this server takes."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (ErrorCode::UnsupportedMediaType, "This address does not read that type.")
        }
        StatusCode::INTERNAL_SERVER_ERROR => (ErrorCode::Internal, "Something went wrong on the server."),
        _ => return None,
    };
    Some(Arc::new(ApiError::new(code, message)))
}
