//! The configuration: one file per section, read from a map, all faults reported together.
//!
//! A section asks its [`Reader`] for each setting with its default and purpose. What was asked is
//! what `alcove doctor` prints and what `docs/configuration.md` lists, so neither can go stale.

mod auth;
mod limits;
mod models;
mod reader;
mod server;
mod storage;
mod telemetry;

use std::{collections::BTreeMap, fmt::Write as _};

pub use auth::AuthConfig;
pub use limits::{LimitsConfig, Rate};
pub use models::{ModelsConfig, Provider};
pub use reader::{Fault, Faults, Reader, Setting};
pub use server::ServerConfig;
pub use storage::StorageConfig;
pub use telemetry::{LogFormat, TelemetryConfig};

/// What every setting's name begins with.
pub const PREFIX: &str = "ALCOVE_";

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address, public origin, who may embed and call us.
    pub server: ServerConfig,
    /// Database, Redis and the data folder.
    pub storage: StorageConfig,
    /// Sessions and secrets.
    pub auth: AuthConfig,
    /// Rates, sizes and time-outs.
    pub limits: LimitsConfig,
    /// The model provider of the installation.
    pub models: ModelsConfig,
    /// Logs, metrics and traces.
    pub telemetry: TelemetryConfig,
    /// Every setting with its value in force, secrets hidden.
    pub settings: Vec<Setting>,
    /// Settings that nobody asked for: probably misspelt.
    pub unknown: Vec<String>,
}

impl Config {
    /// Reads the configuration from variables such as those of the process environment.
    ///
    /// # Errors
    /// Reports every fault at once.
    pub fn from_map(variables: &BTreeMap<String, String>) -> Result<Self, Faults> {
        let mut reader = Reader::new(variables);
        let server = ServerConfig::read(&mut reader);
        let storage = StorageConfig::read(&mut reader);
        let auth = AuthConfig::read(&mut reader, &storage);
        let limits = LimitsConfig::read(&mut reader);
        let models = ModelsConfig::read(&mut reader);
        let telemetry = TelemetryConfig::read(&mut reader);
        let unknown = reader.unknown();
        let settings = reader.finish()?;
        Ok(Self { server, storage, auth, limits, models, telemetry, settings, unknown })
    }
}

/// The table of all settings, as `docs/configuration.md` holds it.
pub fn document() -> String {
    let mut text = String::from("| setting | default | purpose |\n|---|---|---|\n");
    let settings = Config::from_map(&BTreeMap::new()).map(|config| config.settings).unwrap_or_default();
    for setting in settings {
        let default = setting.default.map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{}` | {default} | {} |", setting.name, setting.purpose);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn nothing_set_is_a_whole_configuration() {
        let config = Config::from_map(&map(&[])).expect("defaults are valid");
        assert_eq!((config.server.port, config.models.provider), (3101, Provider::Local));
    }

    #[test]
    fn all_faults_come_together_and_secrets_stay_hidden() {
        let faults = Config::from_map(&map(&[
            ("ALCOVE_PORT", "many"),
            ("ALCOVE_JWT_SECRET", "hunter2"),
            ("ALCOVE_RATE_LIMIT_CHAT", "fast"),
            ("ALCOVE_MODEL_PROVIDER", "oracle"),
        ]))
        .expect_err("four faults");
        assert_eq!(faults.0.len(), 4, "{faults}");
        assert!(!faults.to_string().contains("hunter2"));
    }

    #[test]
    fn values_that_would_fail_later_are_faults_now() {
        for (name, value) in [
            ("ALCOVE_CORS_ALLOWED_ORIGINS", "*"),
            ("ALCOVE_CORS_ALLOWED_ORIGINS", "https://a.example/path"),
            ("ALCOVE_FRAME_ANCESTORS", "a.example"),
            ("ALCOVE_ENCRYPTION_KEY", "abc"),
            ("ALCOVE_LOG_LEVEL", "verbose"),
            ("ALCOVE_RATE_LIMIT_API", "99999999:99999999"),
            ("ALCOVE_METRICS_BASIC_AUTH", "secret"),
            ("ALCOVE_SESSION_MAX_AGE_DAYS", "0"),
            ("ALCOVE_SESSION_TOKEN_TTL_SECONDS", "1"),
            ("ALCOVE_DEPLOYMENT_MODE", "moon"),
        ] {
            let faults = Config::from_map(&map(&[(name, value)])).expect_err(name);
            assert_eq!(faults.0.len(), 1, "{faults}");
        }
        let config = Config::from_map(&map(&[
            ("ALCOVE_CORS_ALLOWED_ORIGINS", "https://A.example/, http://localhost:8080"),
            ("ALCOVE_FRAME_ANCESTORS", "https://*.example.org"),
            ("ALCOVE_DEPLOYMENT_MODE", "private-cloud"),
            ("ALCOVE_LOG_LEVEL", "warn,sqlx=error"),
        ]))
        .expect("valid");
        assert_eq!(config.server.cors_origins, ["https://a.example", "http://localhost:8080"]);
        assert_eq!(config.server.frame_ancestors, ["https://*.example.org"]);
        assert_eq!(config.server.deployment_mode, "self-hosted");
    }

    #[test]
    fn a_database_may_be_named_in_parts() {
        let (jwt, key) = ("j".repeat(64), "ab".repeat(32));
        let config = Config::from_map(&map(&[
            ("ALCOVE_DB_HOST", "db.example"),
            ("ALCOVE_DB_PASSWORD", "p@ss/word"),
            ("ALCOVE_DB_SSL", "true"),
            ("ALCOVE_JWT_SECRET", &jwt),
            ("ALCOVE_ENCRYPTION_KEY", &key),
        ]))
        .expect("valid");
        let url = config.storage.database_url.expect("an address");
        let wanted = "postgres://alcove:p%40ss%2Fword@db.example:5432/alcove?sslmode=require";
        assert_eq!(secrecy::ExposeSecret::expose_secret(&url), wanted);
    }

    #[test]
    fn postgres_needs_its_secrets_configured() {
        let faults = Config::from_map(&map(&[("DATABASE_URL", "postgres://u@localhost/a")])).expect_err("no secrets");
        assert_eq!(faults.0.len(), 2, "{faults}");
    }

    #[test]
    fn misspelt_settings_are_noticed() {
        let config = Config::from_map(&map(&[("ALCOVE_PROT", "1"), ("HOME", "/")])).expect("valid");
        assert_eq!(config.unknown, ["ALCOVE_PROT"]);
    }

    #[test]
    fn the_document_lists_every_setting() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/configuration.md");
        let text = std::fs::read_to_string(path).expect("docs/configuration.md");
        let table = document();
        assert!(text.contains(&table), "docs/configuration.md must hold this table:\n{table}");
    }
}
