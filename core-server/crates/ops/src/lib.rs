//! Looking after the installation: health, API information, metrics.

mod health;
mod metrics;
mod store;

use std::sync::Arc;

use identity::Identity;
use metrics_exporter_prometheus::PrometheusHandle;
use platform::redis::Redis;
use utoipa_axum::router::OpenApiRouter;

/// State of the feature.
#[derive(Clone)]
pub struct Ops {
    /// Accounts and database.
    pub identity: Identity,
    /// Redis, if one is configured.
    pub redis: Option<Redis>,
    /// Renders the metrics.
    pub metrics: Arc<PrometheusHandle>,
}

/// All routes of the feature.
pub fn router<S>() -> OpenApiRouter<S>
where
    Ops: axum::extract::FromRef<S>,
    Identity: axum::extract::FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new().merge(health::router()).merge(metrics::router())
}
