//! A provider over HTTP: sending, retrying and refusals, the same for every wire format.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use reqwest::{Response, header::RETRY_AFTER};
use tokio::time::{Instant, timeout};

use super::{WireFormat, answer::Answer, faults};
use crate::{ChatModel, ChatRequest, ChatStream, ModelError, ProviderSettings, RetryPolicy, tokens};

/// How much of an error answer is read.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A model behind a wire format.
pub struct RemoteModel<W> {
    wire: Arc<W>,
    http: reqwest::Client,
    window: usize,
    first_token_timeout: Duration,
    stall_timeout: Duration,
    retry: RetryPolicy,
}

/// An attempt that gave no delta.
struct Failed {
    error: ModelError,
    /// How long the provider asks to wait, whatever it refused for.
    retry_after: Option<Duration>,
}

impl From<ModelError> for Failed {
    fn from(error: ModelError) -> Self {
        Self { error, retry_after: None }
    }
}

impl<W: WireFormat> RemoteModel<W> {
    /// A model that speaks `wire` through `http`.
    pub fn new(wire: W, settings: &ProviderSettings, http: reqwest::Client) -> Self {
        Self {
            wire: Arc::new(wire),
            http,
            window: settings.window(),
            first_token_timeout: settings.first_token_timeout,
            stall_timeout: settings.stall_timeout,
            retry: settings.retry,
        }
    }

    /// Sends the request and reads the answer up to its first delta.
    async fn attempt(&self, request: &ChatRequest) -> Result<Answer<W>, Failed> {
        let started = Instant::now();
        let sending = self.wire.request(&self.http, request)?.send();
        let response =
            timeout(self.first_token_timeout, sending).await.map_err(|_| ModelError::Timeout)?.map_err(unavailable)?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let patience = self.first_token_timeout.saturating_sub(started.elapsed());
        let input: usize = request.messages.iter().map(|message| tokens::estimate(message.text())).sum();
        let input = u64::try_from(input).unwrap_or(u64::MAX);
        let mut answer = Answer::new(self.wire.clone(), response, patience, self.stall_timeout, input);
        answer.begin().await?;
        Ok(answer)
    }

    /// What a status that is no success means. A body that does not come leaves the status alone to tell.
    async fn refusal(&self, response: Response) -> Failed {
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let body = timeout(self.stall_timeout, beginning(response)).await.unwrap_or_default();
        Failed { error: faults::of_status(status, &body, retry_after), retry_after }
    }
}

#[async_trait]
impl<W: WireFormat> ChatModel for RemoteModel<W> {
    fn name(&self) -> &str {
        self.wire.model()
    }

    fn context_window(&self) -> usize {
        self.window
    }

    fn count_tokens(&self, text: &str) -> usize {
        tokens::estimate(text)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        let mut retry = 0;
        loop {
            match self.attempt(&request).await {
                Ok(answer) => return Ok(answer.into_stream()),
                Err(Failed { error, retry_after }) if error.is_transient() && retry < self.retry.retries => {
                    let wait = self.retry.wait(retry, fraction(), retry_after);
                    tracing::warn!(%error, retry, wait_ms = wait.as_millis(), "the model provider is asked again");
                    tokio::time::sleep(wait).await;
                    retry += 1;
                }
                Err(failed) => return Err(failed.error),
            }
        }
    }
}

/// A failed connection. The address is taken out: it may be secret or carry a key.
pub(super) fn unavailable(error: reqwest::Error) -> ModelError {
    if error.is_timeout() { ModelError::Timeout } else { ModelError::Unavailable(Some(Box::new(error.without_url()))) }
}

/// The first part of a body, as much as comes of it.
async fn beginning(response: Response) -> Vec<u8> {
    let mut body = response.bytes_stream();
    let mut text = Vec::new();
    while let Some(Ok(bytes)) = body.next().await {
        text.extend_from_slice(&bytes[..bytes.len().min(MAX_ERROR_BYTES - text.len())]);
        if text.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    text
}

/// Spreads retries; nothing depends on its quality.
fn fraction() -> f64 {
    let hash = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 0_u8);
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
