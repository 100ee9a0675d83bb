//! Headers of every answer: what browsers may do with it, who may call us from elsewhere, and when
//! it is compressed.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use shared_protocol::api::{
    IDEMPOTENCY_KEY_HEADER, LAST_EVENT_ID_HEADER, RENEWED_TOKEN_HEADER, REQUEST_ID_HEADER, SESSION_TOKEN_HEADER,
};
use tower_http::{
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};

use crate::config::ServerConfig;

/// Answers below this size are not compressed. All answers that carry a session or another secret
/// are smaller, so that their length after compression tells nothing about it.
const COMPRESS_FROM_BYTES: u64 = 2048;

/// Sets the security headers where the handler set none of its own.
pub async fn secure(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    default(header::CACHE_CONTROL, "no-store");
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// Lets the configured origins call with credentials, and nobody else.
pub fn cors(config: &ServerConfig) -> CorsLayer {
    let origins: Vec<HeaderValue> = config.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let name = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            name(SESSION_TOKEN_HEADER),
            name(IDEMPOTENCY_KEY_HEADER),
            name(LAST_EVENT_ID_HEADER),
        ])
        .expose_headers([
            name(REQUEST_ID_HEADER),
            name(RENEWED_TOKEN_HEADER),
            header::RETRY_AFTER,
            name("ratelimit-limit"),
            name("ratelimit-remaining"),
            name("ratelimit-reset"),
        ])
}

/// Compresses larger answers, but never an event stream, whose events would wait in the encoder.
pub fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(
        SizeAbove::new(COMPRESS_FROM_BYTES)
            .and(NotForContentType::new("text/event-stream"))
            .and(NotForContentType::const_new("image/"))
            .and(NotForContentType::const_new("application/wasm")),
    )
}
