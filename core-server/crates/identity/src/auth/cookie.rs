//! The session cookie of browsers.

use axum_extra::extract::cookie::{Cookie, SameSite};
use shared_protocol::api::SESSION_COOKIE;
use time::Duration;

use crate::Identity;

/// The cookie that carries a session.
pub fn session(identity: &Identity, token: &str) -> Cookie<'static> {
    let age = i64::try_from(identity.config.auth.session_max_age.as_secs()).unwrap_or(i64::MAX);
    build(identity, token.to_owned(), age)
}

/// The cookie that removes it.
pub fn removal(identity: &Identity) -> Cookie<'static> {
    build(identity, String::new(), 0)
}

fn build(identity: &Identity, value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(identity.config.server.is_https())
        .max_age(Duration::seconds(seconds))
        .build()
}
