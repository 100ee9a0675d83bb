//! Requests that another site makes a browser send with our cookie.

use axum::http::{
    Method,
    header::{HOST, ORIGIN},
    request::Parts,
};
use platform::{ApiError, ApiResult, config::ServerConfig};
use shared_protocol::ErrorCode;
use url::Url;

/// Refuses changing requests by cookie that come from another site.
///
/// Browsers send `Sec-Fetch-Site` or at least `Origin` with every such request
/// (<https://www.w3.org/TR/fetch-metadata/>); a caller that sends neither is no browser, and nobody
/// can plant a cookie in it.
pub(super) fn check(parts: &Parts, config: &ServerConfig) -> ApiResult<()> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    if matches!(site, Some("same-origin" | "none")) {
        return Ok(());
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return if site.is_none() { Ok(()) } else { Err(refusal()) };
    };
    let known = origin == config.public_origin() || config.cors_origins.iter().any(|allowed| allowed == origin);
    if known || (site.is_none() && is_host(origin, text(HOST.as_str()))) { Ok(()) } else { Err(refusal()) }
}

fn is_host(origin: &str, host: Option<&str>) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    let authority = &origin[url::Position::BeforeHost..url::Position::AfterPort];
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

fn refusal() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "This request came from another site.")
}
