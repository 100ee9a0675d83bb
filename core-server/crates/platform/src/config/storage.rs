//! Where the data is.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

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
