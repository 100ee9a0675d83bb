//! Metrics in the text form of Prometheus.

use axum::{
    extract::{FromRef, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use identity::Identity;
use metrics::gauge;
use platform::{ApiError, http::Problems, metrics as names};
use secrecy::ExposeSecret as _;
use shared_protocol::ErrorCode;
use subtle::ConstantTimeEq as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Ops;

pub(super) fn router<S>() -> OpenApiRouter<S>
where
    Ops: FromRef<S>,
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new().routes(routes!(get_metrics))
}

/// Metrics, behind the configured user and password if there are any.
#[utoipa::path(get, path = "/metrics", tag = "Health", responses((status = 200, content_type = "text/plain", body = String), Problems), security(()))]
async fn get_metrics(State(ops): State<Ops>, headers: HeaderMap) -> Response {
    let config = &ops.identity.config.telemetry;
    if !config.metrics_enabled {
        return ApiError::not_found().into_response();
    }
    if let Some(wanted) = &config.metrics_basic_auth
        && !is_allowed(&headers, wanted.expose_secret())
    {
        let mut response = ApiError::new(ErrorCode::MissingToken, "User and password are needed.").into_response();
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"metrics\""));
        return response;
    }
    measure(&ops).await;
    (StatusCode::OK, [(CONTENT_TYPE, "text/plain; version=0.0.4")], ops.metrics.render()).into_response()
}

/// Takes the values that are asked for and not counted.
async fn measure(ops: &Ops) {
    let (in_use, max) = ops.identity.db.pool_usage();
    gauge!(names::POOL_IN_USE).set(f64::from(in_use));
    gauge!(names::POOL_MAX).set(f64::from(max));
    if let Some(redis) = &ops.redis {
        gauge!(names::REDIS_CONNECTED).set(if redis.ping().await.is_ok() { 1.0 } else { 0.0 });
    }
}

fn is_allowed(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let given = given.and_then(|text| STANDARD.decode(text.trim()).ok()).unwrap_or_default();
    bool::from(given.ct_eq(wanted.as_bytes()))
}
