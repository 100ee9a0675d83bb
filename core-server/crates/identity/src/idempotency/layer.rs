//! The layer around creating routes.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use platform::{ApiError, ApiResult};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared_protocol::{ErrorCode, api::IDEMPOTENCY_KEY_HEADER};
use uuid::Uuid;

use super::store::{self, Claim};
use crate::{Identity, Member};

const KEEP: Duration = Duration::from_secs(24 * 3600);
const LEASE: Duration = Duration::from_secs(60);
/// Answers of creating routes are small; a larger one is a fault of ours.
const MAX_STORED_BYTES: usize = 1 << 20;
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Whether keys mean something at this path. Signing in and issuing tokens makes secrets, of which no copy is
/// kept, not even for a day.
fn is_keyed(path: &str) -> bool {
    !path.starts_with("/auth/") && path != "/api/session-token"
}

/// Gives the stored answer to a repeated POST with the header `Idempotency-Key`.
pub async fn replay(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    let has_key = request.headers().contains_key(IDEMPOTENCY_KEY_HEADER);
    if request.method() != Method::POST || !has_key || !is_keyed(request.uri().path()) {
        return next.run(request).await;
    }
    run(&identity, request, next).await.unwrap_or_else(ApiError::into_response)
}

/// Whether the answer is an event stream, which must not wait for its end and is resumed in its own way.
fn is_stream(path: &str, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Wish {
        stream: Option<bool>,
    }
    path == "/api/chat" && serde_json::from_slice::<Wish>(body).map_or(true, |wish| wish.stream != Some(false))
}

async fn run(identity: &Identity, request: Request, next: Next) -> ApiResult<Response> {
    let (mut parts, body) = request.into_parts();
    let key = parts.headers.get(IDEMPOTENCY_KEY_HEADER).and_then(|value| value.to_str().ok());
    let key: Uuid = key
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| ApiError::bad_request("The header Idempotency-Key must be a UUID."))?;
    let member = Member::from_request_parts(&mut parts, identity).await?;
    let body = to_bytes(body, identity.config.limits.body_bytes)
        .await
        .map_err(|_| ApiError::new(ErrorCode::PayloadTooLarge, "The body is larger than this server takes."))?;
    if is_stream(parts.uri.path(), &body) {
        return Ok(next.run(Request::from_parts(parts, Body::from(body))).await);
    }
    let scope = hash(&[
        member.org.uuid().as_bytes(),
        member.user.uuid().as_bytes(),
        parts.method.as_str().as_bytes(),
        parts.uri.path().as_bytes(),
        key.as_bytes(),
    ]);
    let content = hash(&[&body]);

    let now = identity.clock.now();
    let mut tx = identity.db.write().await?;
    // An answer of the chat may take as long as a turn may.
    let lease = LEASE.max(identity.config.limits.turn_timeout);
    let claim = store::claim(&mut tx, member.org, &scope, &content, now, now.plus(lease), now.plus(KEEP)).await?;
    tx.commit().await?;
    match claim {
        Claim::Ours => {}
        Claim::Answered { request_hash, .. } | Claim::Running { request_hash } if request_hash != content => {
            return Err(ApiError::new(
                ErrorCode::IdempotencyConflict,
                "This Idempotency-Key was used with another request.",
            ));
        }
        Claim::Answered { status, body, .. } => {
            let body = identity.secrets.open(&seal_context(&scope), &body).map_err(ApiError::internal)?;
            return Ok(stored(status, body));
        }
        Claim::Running { .. } => {
            return Err(ApiError::new(
                ErrorCode::IdempotencyInProgress,
                "The first request with this Idempotency-Key still runs.",
            )
            .with_retry_after(Duration::from_secs(1)));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    keep(identity, &member, &scope, response).await
}

/// Stores a final answer, sealed, since it may show a secret that is shown once. An error gives the key free
/// again: the request was not done, and its cause may pass.
async fn keep(identity: &Identity, member: &Member, scope: &str, response: Response) -> ApiResult<Response> {
    let is_final = response.status().is_success();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_STORED_BYTES).await.map_err(ApiError::internal)?;
    let storing = async {
        let mut tx = identity.db.write().await?;
        if is_final {
            let sealed = identity.secrets.seal(&seal_context(scope), &body).map_err(ApiError::internal)?;
            store::answer(&mut tx, member.org, scope, parts.status.as_u16(), &sealed).await?;
        } else {
            store::release(&mut tx, member.org, scope).await?;
        }
        ApiResult::Ok(tx.commit().await?)
    };
    if let Err(error) = storing.await {
        // The request was done, and saying otherwise would have it done twice.
        tracing::warn!(%error, cause = error.cause_chain(), "an answer could not be kept for its repetition");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn seal_context(scope: &str) -> String {
    format!("idempotency_keys:{scope}:body")
}

fn stored(status: i64, body: Vec<u8>) -> Response {
    let status =
        u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut response = (status, Bytes::from(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// A hash over parts of any length, each with its length in front so that none can flow into the next.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}
