//! The rate limit by the caller's address, for all routes.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::ClientAddress;
use crate::rate_limit::{Decision, Family, RateLimiter};

/// Counts the request for the caller's address and refuses it over the limit.
pub async fn by_address(State(limiter): State<RateLimiter>, request: Request, next: Next) -> Response {
    let Some(family) = Family::of(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let ClientAddress(address) = ClientAddress::of(&parts);
    let decision = limiter.check(family, &format!("ip:{address}")).await;
    let mut response = match decision.refusal() {
        Some(error) => error.into_response(),
        None => next.run(Request::from_parts(parts, body)).await,
    };
    describe(&decision, &mut response);
    response
}

/// Names and meaning: <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>, in
/// the three-header form that clients know.
fn describe(decision: &Decision, response: &mut Response) {
    let Some(limit) = decision.limit else { return };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(limit));
    headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(decision.remaining));
    headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(decision.reset.as_secs()));
}
