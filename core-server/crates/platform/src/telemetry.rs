//! Log lines and traces. What never to log is in `docs/logging.md`.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator as _},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{LogFormat, TelemetryConfig};

/// How long one delivery to the collector may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// The header in which a caller names the trace that a request belongs to.
/// Source: <https://www.w3.org/TR/trace-context/>
const TRACE_HEADER: &str = "traceparent";

/// Sends the last traces when it is shut down.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sends what is left. Call it last.
    pub async fn shutdown(self) {
        let Some(provider) = self.0 else { return };
        // The provider blocks until its own thread has sent the rest.
        let sent = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(error)) = sent {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Starts logging, and tracing when an endpoint is configured.
///
/// # Errors
/// Fails when the level is not one, the endpoint cannot be used, or logging was started before.
pub fn start(config: &TelemetryConfig) -> anyhow::Result<Telemetry> {
    let filter = EnvFilter::try_new(&config.log_level)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match config.log_format {
        // All spans, since that of a turn does not repeat the id of its request.
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed(),
        LogFormat::Pretty => lines.boxed(),
    };
    let provider = tracer_provider(config)?;
    // Each has a filter of its own: a quiet log must not take the traces away. What the exporter says of
    // itself stays out of the traces, or they would feed themselves.
    let filtered = Targets::new().with_default(LevelFilter::INFO).with_target("opentelemetry", LevelFilter::OFF);
    let traces = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("alcove")).with_filter(filtered));
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).try_init()?;
    Ok(Telemetry(provider))
}

/// Makes the span part of the trace that the caller names, if there is one. Call it before the span is
/// entered.
pub fn join_trace(span: &Span, headers: &HeaderMap) {
    if headers.contains_key(TRACE_HEADER) {
        let caller = TraceContextPropagator::new().extract(&Headers(headers));
        // Refused when nothing is traced.
        let _ = span.set_parent(caller);
    }
}

/// Puts the answer's status on the span, for traces alone: the log line has it already.
pub fn set_status(span: &Span, status: StatusCode) {
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

fn tracer_provider(config: &TelemetryConfig) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    // The variable names the collector; traces go to a fixed path below it.
    // Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
    let endpoint = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
    // The batch processor exports on a thread of its own, where no Tokio runs: the exporter's client is the
    // blocking one, which the features in Cargo.toml choose.
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(EXPORT_TIMEOUT)
        .build()?;
    let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}
