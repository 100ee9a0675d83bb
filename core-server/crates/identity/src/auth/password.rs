//! Passwords: the rule, and Argon2id on a thread of its own.

use std::time::Duration;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use platform::{ApiError, ApiResult};
use shared_protocol::{ErrorCode, FieldError};

use crate::Identity;

/// The fewest characters.
const MIN_CHARS: usize = 8;
/// The most bytes: hashing takes longer with more, and nobody types them.
const MAX_BYTES: usize = 1024;

/// Checks a new password against the rule.
pub fn check_rule(password: &str) -> Option<FieldError> {
    let fault = |code: &str, message: &str| Some(FieldError::new("password", code, message));
    if password.chars().count() < MIN_CHARS {
        return fault("too_short", "The password needs at least 8 characters.");
    }
    if password.len() > MAX_BYTES {
        return fault("too_long", "The password is too long.");
    }
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    if has(char::is_uppercase) && has(char::is_lowercase) && has(|symbol| symbol.is_ascii_digit()) {
        None
    } else {
        fault("too_simple", "The password needs an upper-case letter, a lower-case letter and a digit.")
    }
}

/// Hashes a new password.
///
/// # Errors
/// Fails when the hashing thread does.
pub async fn hash(identity: &Identity, password: String) -> ApiResult<String> {
    let salt: [u8; 16] = identity.ids.bytes();
    on_own_thread(identity, move || {
        let hash: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?;
        Ok(hash.to_string())
    })
    .await?
    .map_err(|error: argon2::password_hash::Error| ApiError::internal(error.to_string()))
}

/// Compares a password with a stored hash. Without one the same work is done and the answer is no,
/// so that the time does not tell whether an account exists.
///
/// # Errors
/// Fails when the hashing thread does.
pub async fn matches(identity: &Identity, password: String, stored: Option<String>) -> ApiResult<bool> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let salt: [u8; 16] = identity.ids.bytes();
    on_own_thread(identity, move || match stored.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => {
            let _: Result<PasswordHash, _> = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            false
        }
    })
    .await
}

async fn on_own_thread<T: Send + 'static>(
    identity: &Identity,
    work: impl FnOnce() -> T + Send + 'static,
) -> ApiResult<T> {
    let _place = identity.hashing_queue.try_acquire().map_err(|_| {
        ApiError::new(ErrorCode::Unavailable, "Too many people sign in at the moment. Please try again.")
            .with_retry_after(Duration::from_secs(2))
    })?;
    let _slot = identity.hashing.acquire().await.map_err(ApiError::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_wants_length_and_three_kinds() {
        assert!(check_rule("Passw0rd").is_none());
        for weak in ["Pw0", "password1", "PASSWORD1", "Password"] {
            assert!(check_rule(weak).is_some(), "{weak}");
        }
    }
}
