//! Does it live, and is it ready?

use std::time::Instant;

use axum::extract::{FromRef, State};
use identity::{Admin, Identity};
use platform::{
    ApiError, ApiResult,
    http::{Json, Problems, Query},
};
use serde::Deserialize;
use shared_protocol::{
    ErrorCode, Tier,
    health::{ApiInfo, DatabaseHealth, Health, RedisHealth},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Ops;

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn router<S>() -> OpenApiRouter<S>
where
    Ops: FromRef<S>,
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_api))
        .routes(routes!(get_database_health))
        .routes(routes!(get_redis_health))
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Probe {
    /// Whether to ask the database too: 503 while it does not answer or is being brought up to date.
    #[serde(default)]
    ready: bool,
}

/// Does the process live, and, with `ready=true`, can it work?
#[utoipa::path(get, path = "/api/health", tag = "Health", params(Probe), responses((status = 200, body = Health), Problems), security(()))]
async fn get_health(State(ops): State<Ops>, Query(probe): Query<Probe>) -> ApiResult<Json<Health>> {
    if probe.ready {
        check_migrations(&ops).await?;
    }
    Ok(Json(Health {
        status: "ok".to_owned(),
        version: VERSION.to_owned(),
        // A licence for the whole installation comes with the licences themselves.
        tier: Tier::Community,
        timestamp: ops.identity.clock.now(),
    }))
}

/// What answers here?
#[utoipa::path(get, path = "/api", tag = "Health", responses((status = 200, body = ApiInfo)), security(()))]
async fn get_api() -> Json<ApiInfo> {
    Json(ApiInfo {
        name: "Alcove API".to_owned(),
        version: VERSION.to_owned(),
        status: "ok".to_owned(),
        docs: "/api/docs".to_owned(),
    })
}

/// Is the database there and up to date?
#[utoipa::path(get, path = "/api/health/db", tag = "Health", responses((status = 200, body = DatabaseHealth), Problems))]
async fn get_database_health(State(ops): State<Ops>, _: Admin) -> ApiResult<Json<DatabaseHealth>> {
    let started = Instant::now();
    check_migrations(&ops).await?;
    Ok(Json(DatabaseHealth {
        status: "ok".to_owned(),
        engine: ops.identity.db.engine().as_str().to_owned(),
        latency_ms: started.elapsed().as_secs_f64() * 1e3,
        migrations: "done".to_owned(),
    }))
}

/// Is Redis there?
#[utoipa::path(get, path = "/api/health/redis", tag = "Health", responses((status = 200, body = RedisHealth), Problems))]
async fn get_redis_health(State(ops): State<Ops>, _: Admin) -> ApiResult<Json<RedisHealth>> {
    let Some(redis) = &ops.redis else {
        return Ok(Json(RedisHealth { status: "disabled".to_owned(), latency_ms: None }));
    };
    let taken = redis
        .ping()
        .await
        .map_err(|error| ApiError::new(ErrorCode::Unavailable, "Redis does not answer.").with_source(error))?;
    Ok(Json(RedisHealth { status: "ok".to_owned(), latency_ms: Some(taken.as_secs_f64() * 1e3) }))
}

async fn check_migrations(ops: &Ops) -> ApiResult<()> {
    if ops.identity.db.migration_state().await?.is_done() {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Unavailable, "The database is being brought up to date."))
}
