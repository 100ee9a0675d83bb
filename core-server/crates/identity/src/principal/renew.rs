//! Sliding sessions: a token that is used gets a younger one with the same sign-in behind it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use shared_protocol::{Timestamp, api::RENEWED_TOKEN_HEADER};

use crate::{
    Identity,
    auth::{cookie, jwt::Claims, sessions},
};

/// Where the extractor leaves the session that the request came with.
#[derive(Clone, Default)]
pub(crate) struct Renewal(Arc<Mutex<Option<Proposal>>>);

#[derive(Clone)]
struct Proposal {
    claims: Claims,
    by_cookie: bool,
    stored_end: Timestamp,
}

impl Renewal {
    pub(super) fn propose(&self, claims: &Claims, by_cookie: bool, stored_end: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Proposal { claims: claims.clone(), by_cookie, stored_end });
    }

    fn take(&self) -> Option<Proposal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Adds a renewed token to successful answers once the present one is old enough.
pub async fn renew(State(identity): State<Identity>, mut request: Request, next: Next) -> Response {
    let renewal = Renewal::default();
    request.extensions_mut().insert(renewal.clone());
    let mut response = next.run(request).await;
    let config = &identity.config.auth;
    let now = identity.clock.now();
    let due =
        |claims: &Claims| now.seconds() - claims.iat >= i64::try_from(config.renew_after.as_secs()).unwrap_or(i64::MAX);
    if !config.session_rolling || !response.status().is_success() || response.headers().contains_key(SET_COOKIE) {
        return response;
    }
    let Some(Proposal { claims, by_cookie, stored_end }) = renewal.take().filter(|proposal| due(&proposal.claims))
    else {
        return response;
    };
    // A session that cannot be prolonged now is prolonged by the next request.
    match sessions::prolong(&identity, &claims, stored_end).await {
        Ok(token) => {
            let (name, value) = if by_cookie {
                (SET_COOKIE, HeaderValue::from_str(&cookie::session(&identity, &token).to_string()))
            } else {
                (axum::http::HeaderName::from_static(RENEWED_TOKEN_HEADER), HeaderValue::from_str(&token))
            };
            if let Ok(value) = value {
                response.headers_mut().insert(name, value);
            }
        }
        Err(error) => tracing::warn!(%error, "a session could not be prolonged"),
    }
    response
}
