//! Finding the credential of a request.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use axum_extra::extract::CookieJar;
use platform::{ApiError, ApiResult};
use shared_protocol::{
    ErrorCode,
    api::{SESSION_COOKIE, SESSION_TOKEN_HEADER},
};

/// How a caller presents itself. Values are as sent and not verified.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// `Authorization: Bearer`.
    Bearer(String),
    /// `X-Session-Token`.
    Token(String),
    /// The session cookie, which browsers send on their own.
    Cookie(String),
}

impl Credential {
    /// The credential that counts, if any is sent.
    pub(super) fn of(headers: &HeaderMap) -> ApiResult<Option<Self>> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|text| text.split_once(' '));
            return match token {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                    Ok(Some(Self::Bearer(token.trim().to_owned())))
                }
                _ => Err(invalid()),
            };
        }
        if let Some(value) = headers.get(SESSION_TOKEN_HEADER) {
            return value.to_str().map(|token| Some(Self::Token(token.to_owned()))).map_err(|_| invalid());
        }
        Ok(CookieJar::from_headers(headers).get(SESSION_COOKIE).map(|cookie| Self::Cookie(cookie.value().to_owned())))
    }
}

/// 401: forged, revoked or unknown.
pub(crate) fn invalid() -> ApiError {
    ApiError::new(ErrorCode::InvalidToken, "The session is not valid. Please sign in again.")
}

/// 401: good once.
pub(crate) fn expired() -> ApiError {
    ApiError::new(ErrorCode::ExpiredToken, "The session has ended. Please sign in again.")
}

/// 401: none sent.
pub(crate) fn missing() -> ApiError {
    ApiError::new(ErrorCode::MissingToken, "Please sign in.")
}
