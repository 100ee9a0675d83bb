//! Metrics in the text form of Prometheus.

use std::{fmt::Write as _, time::Duration};

use axum::{
    extract::{FromRef, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use db::DbResult;
use identity::Identity;
use metrics::{counter, gauge};
use platform::{ApiError, http::Problems, metrics as names};
use secrecy::ExposeSecret as _;
use shared_protocol::ErrorCode;
use subtle::ConstantTimeEq as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Ops, store};

/// How long a scrape waits for the database. What needs it is left out then.
const PATIENCE: Duration = Duration::from_secs(1);

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
    let messages = measure(&ops).await;
    let mut text = ops.metrics.render();
    if let Some(messages) = messages {
        // The recorder's counters never go back, and this one does with every month.
        let name = names::MESSAGES_MONTH;
        let help = "Questions of the present month.";
        // Writing to a string does not fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {messages}\n");
    }
    (StatusCode::OK, [(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Takes the values that are asked for and not counted. Returns the questions of the month.
async fn measure(ops: &Ops) -> Option<i64> {
    let (in_use, max) = ops.identity.db.pool_usage();
    gauge!(names::POOL_IN_USE).set(f64::from(in_use));
    gauge!(names::POOL_MAX).set(f64::from(max));
    if let Some(redis) = &ops.redis {
        gauge!(names::REDIS_CONNECTED).set(if redis.ping().await.is_ok() { 1.0 } else { 0.0 });
    }
    match tokio::time::timeout(PATIENCE, stored(ops)).await {
        Ok(Ok(messages)) => Some(messages),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database did not give its metrics");
            None
        }
        Err(_) => {
            tracing::warn!("the database did not give its metrics in time");
            None
        }
    }
}

/// Takes the values that only the database knows. Returns the questions of the month.
async fn stored(ops: &Ops) -> DbResult<i64> {
    let db = &ops.identity.db;
    let applied = db.migration_state().await?.applied;
    counter!(names::MIGRATIONS).absolute(u64::try_from(applied).unwrap_or(0));
    let month = ops.identity.clock.now().datetime().format("%Y-%m").to_string();
    let totals = store::totals_of_all(&mut db.read().await?, &month).await?;
    gauge!(names::USERS_ACTIVE).set(f64::from(u32::try_from(totals.users).unwrap_or(u32::MAX)));
    Ok(totals.messages)
}

fn is_allowed(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let given = given.and_then(|text| STANDARD.decode(text.trim()).ok()).unwrap_or_default();
    bool::from(given.ct_eq(wanted.as_bytes()))
}
