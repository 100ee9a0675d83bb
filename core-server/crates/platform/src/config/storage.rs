//! Where the data is.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Reader;

/// Database, Redis and the data folder.
#[derive(Clone, Debug)]
pub struct StorageConfig {
    /// Folder of the SQLite file, the journals, the local models and the generated secrets.
    pub data_dir: PathBuf,
    /// A PostgreSQL address; SQLite in the data folder without one.
    pub database_url: Option<SecretString>,
    /// The most connections to PostgreSQL.
    pub pool_max: u32,
    /// A Redis address, needed for more than one replica.
    pub redis_url: Option<SecretString>,
    /// What all our keys in Redis begin with.
    pub redis_prefix: String,
}

impl StorageConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let data_dir = reader.value(
            "DATA_DIR",
            "./data",
            "a path",
            "Folder of the database file, journals, local models and generated secrets.",
        );
        let database_url =
            reader.secret("DATABASE_URL", "postgres://user:password@host/name; SQLite in the data folder when empty.");
        if let Some(url) = &database_url {
            let url = url.expose_secret();
            if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
                reader.fault("DATABASE_URL", "must begin with postgres://; leave it empty for SQLite");
            }
        }
        let database_url = database_url.or_else(|| from_parts(reader));
        let pool_max = reader.value("DB_POOL_MAX", "10", "a number from 1", "The most connections to PostgreSQL.");
        let redis_url = reader.secret("REDIS_URL", "redis://host:port; needed for more than one replica.");
        let redis_prefix = reader.value("REDIS_KEY_PREFIX", "al:", "a text", "What all keys in Redis begin with.");
        Self {
            data_dir: data_dir.unwrap_or_else(|| PathBuf::from("./data")),
            database_url,
            pool_max: pool_max.unwrap_or(10).max(1),
            redis_url,
            redis_prefix: redis_prefix.unwrap_or_default(),
        }
    }
}

/// The address from the single settings that some deployments have instead of one.
fn from_parts(reader: &mut Reader<'_>) -> Option<SecretString> {
    let host = reader.text("DB_HOST", "Host of PostgreSQL, when no DATABASE_URL is given.");
    let port: Option<u16> = reader.value("DB_PORT", "5432", "a port number", "Port of PostgreSQL at DB_HOST.");
    let name: Option<String> = reader.value("DB_NAME", "alcove", "a text", "Name of the database at DB_HOST.");
    let user: Option<String> = reader.value("DB_USER", "alcove", "a text", "User of the database at DB_HOST.");
    let password = reader.secret("DB_PASSWORD", "Password of the database at DB_HOST.");
    let tls = reader.switch("DB_SSL", false, "Whether the connection to DB_HOST must be encrypted.");
    let host = host?;
    let url = || {
        let mut url = Url::parse(&format!("postgres://{host}")).ok()?;
        url.set_port(port).ok()?;
        url.set_username(&user?).ok()?;
        url.set_password(password.as_ref().map(ExposeSecret::expose_secret)).ok()?;
        url.set_path(&name?);
        if tls {
            url.set_query(Some("sslmode=require"));
        }
        Some(SecretString::from(url.to_string()))
    };
    let url = url();
    if url.is_none() {
        reader.fault("DB_HOST", format!("\"{host}\" is not a host name"));
    }
    url
}
