//! The UI's files, compressed at build time and embedded in the binary.
//!
//! Names below `/assets/` carry a hash of their content and never change. The index names them, so
//! it is asked for again each time; its `ETag` makes that cheap.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, VARY,
        },
    },
    response::{IntoResponse, Response},
};
use platform::ApiError;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "../nc-app-frontend/dist"]
struct Dist;

const INDEX: &str = "index.html";
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Encodings that the build prepares, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// `GET /assets/{*path}`: a file with a hashed name.
pub async fn get_asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    file(&format!("assets/{path}"), &headers, IMMUTABLE)
}

/// Every client route: the page that starts the UI.
pub async fn get_index(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let mut response = file(INDEX, &headers, ASK_AGAIN);
    if response.status() == StatusCode::NOT_FOUND {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "This build has no user interface. Run `cargo xtask dist` and build the server again.\n",
        )
            .into_response();
    }
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&state.frame_ancestors)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    let headers = response.headers_mut();
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("microphone=(self), clipboard-write=(self), camera=(), geolocation=(), payment=()"),
    );
    response
}

/// The policy of our pages: nothing inline, nothing from elsewhere, `WebAssembly` allowed.
fn page_policy(frame_ancestors: &[String]) -> String {
    let ancestors =
        if frame_ancestors.is_empty() { Cow::Borrowed("'none'") } else { Cow::Owned(frame_ancestors.join(" ")) };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors {ancestors}"
    )
}

fn file(path: &str, headers: &HeaderMap, cache: HeaderValue) -> Response {
    let Some(plain) = Dist::get(path) else {
        return ApiError::not_found().into_response();
    };
    let tag = etag(&plain);
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag), (CACHE_CONTROL, cache)]).into_response();
    }
    let content_type = HeaderValue::from_str(plain.metadata.mimetype())
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let (body, encoding) = best_encoding(path, plain, headers);
    let mut response = (
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, cache), (ETAG, tag)],
        [(VARY, HeaderValue::from_static("accept-encoding"))],
        Body::from(body.data),
    )
        .into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn best_encoding(path: &str, plain: EmbeddedFile, headers: &HeaderMap) -> (EmbeddedFile, Option<&'static str>) {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (encoding, suffix) in ENCODINGS {
        let wanted = accepted.split(',').any(|offer| {
            let mut parts = offer.trim().split(';');
            parts.next() == Some(encoding) && !parts.any(|weight| weight.trim() == "q=0")
        });
        if wanted && let Some(packed) = Dist::get(&format!("{path}{suffix}")) {
            return (packed, Some(encoding));
        }
    }
    (plain, None)
}

fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let short = hash.first_chunk::<8>().copied().map(u64::from_be_bytes).unwrap_or_default();
    HeaderValue::from_str(&format!("\"{short:016x}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}
