//! Every route and every layer, on one page.

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
    routing::get,
};
use identity::{
    idempotency,
    principal::{gate, renew},
};
use platform::{
    ApiError, Config, Ids, Lifecycle,
    http::{client_address::TrustedProxies, completion, headers, limit, request},
    rate_limit::RateLimiter,
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    http::{assets, docs},
    state::AppState,
};

/// Paths below `/api`, `/auth`, `/admin` and `/webhook` that answer without a credential. Everything else there is closed.
const OPEN: gate::OpenPaths = &[
    "/api",
    "/api/health",
    "/api/openapi.json",
    "/api/docs/*",
    "/auth/setup-status",
    "/auth/setup",
    "/auth/admin-login",
    "/auth/user",
    // Public by the reference and not there yet: they answer 404.
    "/auth/signup",
    "/auth/invite/*",
    "/auth/pending-signup",
    "/auth/organizations/public",
    "/auth/google/*",
    "/auth/microsoft/*",
    "/auth/github/*",
    "/auth/nextcloud/*",
    "/auth/saml/*",
    "/auth/login-pickup",
    "/api/marketplace/agents",
    "/api/marketplace/knowledge",
    "/api/marketplace/skills",
];

/// How long a caller may pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// Addresses of the UI. The UI itself decides what to show there.
const PAGES: [&str; 7] = ["/", "/login", "/signup", "/waitlist", "/invite/{token}", "/app", "/app/{*path}"];

/// The API's routes with their document.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(docs::Document::openapi())
        .merge(ops::router())
        .merge(identity::auth::router())
        .merge(identity::model_settings::router())
        .merge(assistant::conversations::router())
        .merge(assistant::turns::router())
}

/// The whole server. Layers run from the last to the first.
pub fn build(state: AppState, config: &Config, ids: Ids, limiter: RateLimiter, lifecycle: Lifecycle) -> Router {
    let (api, document) = api().split_for_parts();
    let identity = state.identity.clone();
    let api = api
        .layer(from_fn_with_state(identity.clone(), idempotency::replay))
        .layer(from_fn_with_state(identity, renew::renew))
        .layer(from_fn_with_state(lifecycle, completion::run));
    let pages = PAGES.iter().fold(Router::new(), |router, path| router.route(path, get(assets::get_index)));
    let trusted = TrustedProxies(config.server.trusted_proxies.clone().into());
    Router::new()
        .merge(api)
        .merge(docs::router(document))
        .merge(pages)
        .route("/assets/{*path}", get(assets::get_asset))
        .fallback(not_found)
        .with_state(state)
        .layer(DefaultBodyLimit::max(config.limits.body_bytes))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(from_fn_with_state(OPEN, gate::close))
        .layer(from_fn_with_state(limiter, limit::by_address))
        .layer(CatchPanicLayer::custom(request::after_panic))
        .layer(from_fn_with_state(request::RequestLayer { ids, trusted }, request::run))
        .layer(headers::compression())
        .layer(from_fn_with_state(config.server.is_https(), headers::secure))
        .layer(headers::cors(&config.server))
}

async fn not_found() -> Response {
    ApiError::not_found().into_response()
}
