//! Logs, metrics and traces.

use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

use super::Reader;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(()),
        }
    }
}

/// Logs, metrics and traces.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// Level, or filter directives as `tracing` knows them.
    pub log_level: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Whether `/metrics` answers.
    pub metrics_enabled: bool,
    /// `user:password` that `/metrics` asks for.
    pub metrics_basic_auth: Option<SecretString>,
    /// Where traces are sent by OTLP over HTTP.
    pub otlp_endpoint: Option<Url>,
    /// The service's name in traces.
    pub service_name: String,
}

impl TelemetryConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let log_level: String = reader
            .value("LOG_LEVEL", "info", "a level", "trace, debug, info, warn, error, or filter directives.")
            .unwrap_or_default();
        if !is_filter(&log_level) {
            reader.fault("LOG_LEVEL", format!("\"{log_level}\" is neither a level nor a list of filter directives"));
        }
        let metrics_basic_auth =
            reader.secret("METRICS_BASIC_AUTH", "user:password that /metrics asks for; open when empty.");
        if metrics_basic_auth.as_ref().is_some_and(|pair| !pair.expose_secret().contains(':')) {
            reader.fault("METRICS_BASIC_AUTH", "must be user:password");
        }
        Self {
            log_level,
            log_format: reader
                .value("LOG_FORMAT", "json", "json or pretty", "How log lines look.")
                .unwrap_or(LogFormat::Json),
            metrics_enabled: reader.switch("METRICS_ENABLED", true, "Whether /metrics answers."),
            metrics_basic_auth,
            otlp_endpoint: reader.optional(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "an absolute URL",
                "Where traces are sent by OTLP over HTTP; none when empty.",
            ),
            service_name: reader
                .value("OTEL_SERVICE_NAME", "alcove-server", "a text", "The service's name in traces.")
                .unwrap_or_default(),
        }
    }
}

/// A lone word that is no level would be read as the name of a module, and silence everything else.
fn is_filter(text: &str) -> bool {
    let is_level = ["off", "error", "warn", "info", "debug", "trace"].contains(&text.to_lowercase().as_str());
    is_level || (text.contains('=') && EnvFilter::try_new(text).is_ok())
}
