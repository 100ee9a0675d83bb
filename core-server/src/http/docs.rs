//! The API document and its human page.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY},
    middleware::{Next, from_fn},
    response::Response,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Specification,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

/// The document's frame; the routes add themselves.
#[derive(OpenApi)]
#[openapi(
    info(title = "Alcove API", description = "An AI workspace. Errors have one form: `ErrorBody`."),
    components(schemas(shared_protocol::ErrorBody, shared_protocol::FieldError, shared_protocol::chat::ChatEvent)),
    security(("bearer" = []), ("sessionToken" = []), ("cookie" = [])),
    modifiers(&Credentials)
)]
pub struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Specification) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let token = ApiKey::Header(ApiKeyValue::new("X-Session-Token"));
        components.add_security_scheme("sessionToken", SecurityScheme::ApiKey(token));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(shared_protocol::api::SESSION_COOKIE));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// `/api/openapi.json` and `/api/docs`.
pub fn router<S: Clone + Send + Sync + 'static>(document: Specification) -> Router<S> {
    Router::new().merge(SwaggerUi::new("/api/docs").url("/api/openapi.json", document)).layer(from_fn(page_policy))
}

/// The page sets style attributes from its script, which our other pages do not allow.
async fn page_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
             connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    response
}
