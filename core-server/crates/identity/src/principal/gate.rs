//! The router is closed: without a credential nothing is known but the open routes.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::credential::{Credential, missing};

/// Paths that answer without a credential. A pattern's last segment may be `*`.
pub type OpenPaths = &'static [&'static str];

/// Answers 401 to callers without a credential, unless the path is open or a page.
pub async fn close(State(open): State<OpenPaths>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let guarded = ["/api", "/auth", "/admin", "/webhook"].iter().any(|area| is_within(path, area));
    if !guarded || open.iter().any(|pattern| matches(path, pattern)) {
        return next.run(request).await;
    }
    // The one route that takes the session in its query verifies it itself.
    let in_query = path == "/api/chat" && request.uri().query().is_some_and(|query| query.contains("token="));
    match Credential::of(request.headers()) {
        Ok(None) if !in_query => missing().into_response(),
        Ok(_) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn is_within(path: &str, area: &str) -> bool {
    path.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn matches(path: &str, pattern: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some(area) => is_within(path, area),
        None => path == pattern,
    }
}
