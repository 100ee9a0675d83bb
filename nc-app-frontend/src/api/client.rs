//! The one place that sends requests.

use serde::{Serialize, de::DeserializeOwned};
use shared_protocol::api::SESSION_TOKEN_HEADER;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestCredentials, RequestInit, Response};
use yew::Callback;

use super::Failure;
use crate::browser::storage;

/// Where a sign-in by popup leaves its token, for this tab alone: inside a frame there may be no cookie.
const TOKEN: &str = "alcove-session-token";

/// Sends requests to the core, below the page's base path and with the session's cookie.
#[derive(Clone, PartialEq)]
pub struct Api {
    base: String,
    signed_out: Callback<()>,
}

/// The body of a request that has none.
pub(super) const NOTHING: Option<&()> = None;

impl Api {
    /// `base` is the path before `/api`, without a slash at its end. `signed_out` is told when the
    /// server no longer knows the session.
    pub fn new(base: String, signed_out: Callback<()>) -> Self {
        Self { base, signed_out }
    }

    /// Sends and reads JSON.
    ///
    /// # Errors
    /// Every answer that is not a success, and every answer that is not what was expected.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        json_of(&self.send(method, path, body, &[], None).await?).await
    }

    /// Sends and gives back the open answer.
    ///
    /// # Errors
    /// Every answer that is not a success.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
        extra: &[(&str, &str)],
        abort: Option<&AbortSignal>,
    ) -> Result<Response, Failure> {
        let response = self
            .fetch(method, path, body, extra, abort)
            .await
            .map_err(|_| if abort.is_some_and(AbortSignal::aborted) { Failure::Aborted } else { Failure::Offline })?;
        if response.ok() {
            return Ok(response);
        }
        let wait = response.headers().get("retry-after").ok().flatten();
        let text = text_of(&response).await.unwrap_or_default();
        let failure = Failure::from_answer(response.status(), wait.as_deref(), &text);
        if failure.is_signed_out() {
            self.signed_out.emit(());
        }
        Err(failure)
    }

    async fn fetch(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
        extra: &[(&str, &str)],
        abort: Option<&AbortSignal>,
    ) -> Result<Response, JsValue> {
        let headers = Headers::new()?;
        let request = RequestInit::new();
        request.set_method(method);
        request.set_credentials(RequestCredentials::SameOrigin);
        if let Some(body) = body {
            headers.set("content-type", "application/json")?;
            let text = serde_json::to_string(body).map_err(|error| JsValue::from_str(&error.to_string()))?;
            request.set_body(&JsValue::from_str(&text));
        }
        if let Some(token) = storage::SESSION.read(TOKEN) {
            headers.set(SESSION_TOKEN_HEADER, &token)?;
        }
        for (name, value) in extra {
            headers.set(name, value)?;
        }
        request.set_headers(&headers);
        request.set_signal(abort);
        let url = format!("{}{path}", self.base);
        JsFuture::from(gloo_utils::window().fetch_with_str_and_init(&url, &request)).await?.dyn_into()
    }
}

/// Reads an answer's body as JSON.
pub(super) async fn json_of<T: DeserializeOwned>(response: &Response) -> Result<T, Failure> {
    let text = text_of(response).await?;
    serde_json::from_str(&text).map_err(|_| Failure::Unexpected { status: response.status() })
}

async fn text_of(response: &Response) -> Result<String, Failure> {
    let text = response.text().map_err(|_| Failure::Offline)?;
    let text = JsFuture::from(text).await.map_err(|_| Failure::Offline)?;
    Ok(text.as_string().unwrap_or_default())
}
