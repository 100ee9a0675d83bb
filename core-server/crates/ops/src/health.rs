//! Does it live, and is it ready?

use std::time::Instant;

use axum::{
    extract::{FromRef, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use identity::{Admin, Identity};
use platform::{
    ApiError, ApiResult,
    http::{Json, Problems},
};
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

/// Does the process live?
#[utoipa::path(get, path = "/api/health", tag = "Health", responses((status = 200, body = Health)), security(()))]
async fn get_health(State(ops): State<Ops>) -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: VERSION.to_owned(),
        // A licence for the whole installation comes with the licences themselves.
        tier: Tier::Community,
        timestamp: ops.identity.clock.now(),
    })
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

/// Is the database there and up to date? Callers without a session get the status code alone, so that
/// probes can ask; admins get the details.
#[utoipa::path(get, path = "/api/health/db", tag = "Health", responses((status = 200, body = DatabaseHealth), Problems))]
async fn get_database_health(State(ops): State<Ops>, admin: ApiResult<Admin>) -> ApiResult<Response> {
    let started = Instant::now();
    let state = ops.identity.db.migration_state().await?;
    if !state.is_done() {
        return Err(ApiError::new(ErrorCode::Unavailable, "The database is being brought up to date."));
    }
    let health = DatabaseHealth {
        status: "ok".to_owned(),
        engine: ops.identity.db.engine().as_str().to_owned(),
        latency_ms: started.elapsed().as_secs_f64() * 1e3,
        migrations: "done".to_owned(),
    };
    details(admin, Json(health).into_response())
}

/// Is Redis there?
#[utoipa::path(get, path = "/api/health/redis", tag = "Health", responses((status = 200, body = RedisHealth), Problems))]
async fn get_redis_health(State(ops): State<Ops>, admin: ApiResult<Admin>) -> ApiResult<Response> {
    let health = match &ops.redis {
        None => RedisHealth { status: "disabled".to_owned(), latency_ms: None },
        Some(redis) => {
            let taken = redis
                .ping()
                .await
                .map_err(|error| ApiError::new(ErrorCode::Unavailable, "Redis does not answer.").with_source(error))?;
            RedisHealth { status: "ok".to_owned(), latency_ms: Some(taken.as_secs_f64() * 1e3) }
        }
    };
    details(admin, Json(health).into_response())
}

/// The whole answer for admins, the bare status for callers without a credential, a refusal for others.
fn details(admin: ApiResult<Admin>, whole: Response) -> ApiResult<Response> {
    match admin {
        Ok(_) => Ok(whole),
        Err(error) if error.code == ErrorCode::MissingToken => Ok(StatusCode::OK.into_response()),
        Err(error) => Err(error),
    }
}
