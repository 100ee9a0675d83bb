//! Log lines and traces. What never to log is in `docs/logging.md`.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, TelemetryConfig};

/// Sends the last traces when it is shut down.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sends what is left. Call it last.
    pub fn shutdown(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Starts logging, and tracing when an endpoint is configured.
///
/// # Errors
/// Fails when the level is not one, or logging was started before.
pub fn start(config: &TelemetryConfig) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&config.log_level)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.boxed(),
    };
    let provider = tracer_provider(config)?;
    let traces =
        provider.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("alcove")));
    tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init()?;
    Ok(Telemetry(provider))
}

fn tracer_provider(config: &TelemetryConfig) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    // The variable names the collector; traces go to a fixed path below it.
    // Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    let endpoint = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()?;
    let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}
