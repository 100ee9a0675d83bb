//! Sessions and secrets.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::{Reader, StorageConfig};
use crate::secrets::is_key;

/// The shortest JWT secret that is accepted, in characters.
const JWT_SECRET_CHARS: usize = 64;

/// Sessions and secrets.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// Signs sessions. Without one an SQLite installation makes its own.
    pub jwt_secret: Option<SecretString>,
    /// Seals secrets at rest: the first key seals, all open. Made as the JWT secret is.
    pub encryption_keys: Vec<SecretString>,
    /// How long a session lives without use.
    pub session_max_age: Duration,
    /// Whether use prolongs a session.
    pub session_rolling: bool,
    /// Age from which a used session token is renewed.
    pub renew_after: Duration,
    /// How long a session token for frames lives.
    pub session_token_ttl: Duration,
    /// Whether people sign in by password. System admins always can.
    pub allow_password_login: bool,
    /// Whether anybody may sign up.
    pub allow_signups: bool,
    /// Mail addresses of the people who run the installation.
    pub system_admins: Vec<String>,
}

impl AuthConfig {
    pub(super) fn read(reader: &mut Reader<'_>, storage: &StorageConfig) -> Self {
        let jwt_secret =
            reader.secret("JWT_SECRET", "Signs sessions, at least 64 characters; made at the first start with SQLite.");
        let shared = storage.database_url.is_some();
        match &jwt_secret {
            Some(secret) if secret.expose_secret().chars().count() < JWT_SECRET_CHARS => {
                reader.fault("JWT_SECRET", format!("must have at least {JWT_SECRET_CHARS} characters"));
            }
            None if shared => {
                reader.fault("JWT_SECRET", "is needed with PostgreSQL, because all replicas must share it");
            }
            _ => {}
        }
        let keys = reader.secret(
            "ENCRYPTION_KEY",
            "Seals secrets at rest: 32 bytes in hexadecimal or base64; older keys may follow after commas.",
        );
        let encryption_keys: Vec<SecretString> = keys
            .iter()
            .flat_map(|keys| keys.expose_secret().split(','))
            .map(|key| SecretString::from(key.trim()))
            .collect();
        if encryption_keys.iter().any(|key| !is_key(key.expose_secret())) {
            reader.fault("ENCRYPTION_KEY", "must be 32 bytes, written as 64 hexadecimal digits or as base64");
        }
        if encryption_keys.is_empty() && shared {
            reader.fault("ENCRYPTION_KEY", "is needed with PostgreSQL, because all replicas must share it");
        }
        let days: u64 = reader
            .value("SESSION_MAX_AGE_DAYS", "14", "a number of days", "How long a session lives without use.")
            .unwrap_or(14);
        if !(1..=365).contains(&days) {
            reader.fault("SESSION_MAX_AGE_DAYS", "must be from 1 to 365");
        }
        let session_rolling = reader.switch("SESSION_ROLLING", true, "Whether use prolongs a session.");
        let token_seconds = reader
            .value(
                "SESSION_TOKEN_TTL_SECONDS",
                "3600",
                "a number of seconds",
                "How long a session token for frames lives.",
            )
            .unwrap_or(3600);
        if !(60..=86_400).contains(&token_seconds) {
            reader.fault("SESSION_TOKEN_TTL_SECONDS", "must be from 60 to 86400");
        }
        Self {
            jwt_secret,
            encryption_keys,
            session_max_age: Duration::from_secs(days * 24 * 3600),
            session_rolling,
            renew_after: Duration::from_secs(3600),
            session_token_ttl: Duration::from_secs(token_seconds),
            allow_password_login: reader.switch(
                "ALLOW_PASSWORD_LOGIN",
                true,
                "Whether people sign in by password; system admins always can.",
            ),
            allow_signups: reader.switch("ALLOW_SIGNUPS", true, "Whether anybody may sign up."),
            system_admins: reader
                .list("SYSTEM_ADMINS", "Mail addresses, by comma, of the people who run the installation.")
                .into_iter()
                .map(|address| address.to_lowercase())
                .collect(),
        }
    }
}
