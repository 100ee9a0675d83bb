//! A provider over HTTP: sending, retrying, time-outs and errors, the same for every wire format.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde_json::Value;

use super::{
    WireFormat,
    lines::Pieces,
    wire::{Incoming, malformed},
};
use crate::{
    ChatModel, ChatRequest, ChatStream, Delta, FinishReason, ModelError, ProviderSettings, RetryPolicy, Usage, tokens,
};

/// The context window that is assumed of a model that says nothing of its own.
const DEFAULT_WINDOW: usize = 128_000;
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

impl<W: WireFormat> RemoteModel<W> {
    /// A model that speaks `wire` through `http`.
    pub fn new(wire: W, settings: &ProviderSettings, http: reqwest::Client) -> Self {
        Self {
            wire: Arc::new(wire),
            http,
            window: settings.context_window.unwrap_or(DEFAULT_WINDOW),
            first_token_timeout: settings.first_token_timeout,
            stall_timeout: settings.stall_timeout,
            retry: settings.retry,
        }
    }

    async fn send(&self, request: &ChatRequest) -> Result<Response, ModelError> {
        let request = self.wire.request(&self.http, request)?;
        let response = tokio::time::timeout(self.first_token_timeout, request.send())
            .await
            .map_err(|_| ModelError::Timeout)?
            .map_err(|error| unavailable(error.without_url()))?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
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
        let response = loop {
            match self.send(&request).await {
                Ok(response) => break response,
                Err(error) if error.is_transient() && retry < self.retry.retries => {
                    let asked = match error {
                        ModelError::RateLimited { retry_after } => retry_after,
                        _ => None,
                    };
                    let wait = self.retry.wait(retry, fraction(), asked);
                    tracing::warn!(%error, retry, wait_ms = wait.as_millis(), "the model provider is asked again");
                    tokio::time::sleep(wait).await;
                    retry += 1;
                }
                Err(error) => return Err(error),
            }
        };
        let input: usize = request.messages.iter().map(|message| tokens::estimate(message.text())).sum();
        let answer = Answer {
            body: response.bytes_stream().boxed(),
            pieces: Pieces::new(W::FRAMING),
            incoming: Incoming::default(),
            wire: self.wire.clone(),
            patience: self.first_token_timeout,
            stall_timeout: self.stall_timeout,
            counted: Usage { input: u64::try_from(input).unwrap_or(u64::MAX), output: 0 },
            over: false,
            fault: None,
        };
        Ok(stream::unfold(answer, Answer::next).boxed())
    }
}

/// An answer that is being read.
struct Answer<W> {
    body: stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    pieces: Pieces,
    incoming: Incoming,
    wire: Arc<W>,
    /// How long the next bytes may take.
    patience: Duration,
    stall_timeout: Duration,
    /// Our own count, for providers that give none.
    counted: Usage,
    over: bool,
    /// What went wrong, to be told after what came before it.
    fault: Option<ModelError>,
}

impl<W: WireFormat> Answer<W> {
    async fn next(mut self) -> Option<(Result<Delta, ModelError>, Self)> {
        loop {
            if !self.incoming.ready.is_empty() {
                let delta = self.incoming.ready.remove(0);
                if let Delta::Text(text) = &delta {
                    self.counted.output += u64::try_from(tokens::estimate(text)).unwrap_or(0);
                }
                return Some((Ok(delta), self));
            }
            if let Some(fault) = self.fault.take() {
                return Some((Err(fault), self));
            }
            if self.over {
                return None;
            }
            if let Err(fault) = self.read().await {
                self.over = true;
                self.fault = Some(fault);
            }
        }
    }

    async fn read(&mut self) -> Result<(), ModelError> {
        let bytes = match tokio::time::timeout(self.patience, self.body.next()).await {
            Err(_) => return Err(ModelError::Timeout),
            Ok(Some(Err(error))) => return Err(unavailable(error.without_url())),
            Ok(Some(Ok(bytes))) => Some(bytes),
            Ok(None) => None,
        };
        self.patience = self.stall_timeout;
        let Self { pieces, incoming, wire, .. } = self;
        let each = |piece: &str| {
            // The end mark of chat completions is the one piece that is no JSON.
            if piece.trim() == "[DONE]" {
                incoming.ended = true;
                return Ok(());
            }
            wire.read(&serde_json::from_str::<Value>(piece).map_err(malformed)?, incoming)
        };
        match &bytes {
            Some(bytes) => pieces.push(bytes, each)?,
            None => pieces.finish(each)?,
        }
        if bytes.is_none() || self.incoming.ended {
            self.end()?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ModelError> {
        self.over = true;
        // Without a reason the connection was cut, whatever has come in.
        let Some(reason) = self.incoming.finish else { return Err(ModelError::Unavailable(None)) };
        self.incoming.complete_calls()?;
        let reason = if self.incoming.has_calls { FinishReason::ToolCalls } else { reason };
        let usage = self.incoming.usage.unwrap_or(self.counted);
        self.incoming.ready.push(Delta::Finish { reason, usage });
        Ok(())
    }
}

fn unavailable(error: reqwest::Error) -> ModelError {
    if error.is_timeout() { ModelError::Timeout } else { ModelError::Unavailable(Some(Box::new(error))) }
}

/// What a status that is no success means.
async fn refusal(response: Response) -> ModelError {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = response.bytes_stream();
    let mut text = Vec::new();
    while let Some(Ok(bytes)) = body.next().await {
        text.extend_from_slice(&bytes[..bytes.len().min(MAX_ERROR_BYTES - text.len())]);
        if text.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    let text = String::from_utf8_lossy(&text).to_lowercase();
    let source = || -> Option<Box<dyn StdError + Send + Sync>> { Some(format!("status {status}").into()) };
    // Providers name this fault in their own words; these are the ones that they share.
    let too_long = ["context_length", "context length", "prompt is too long", "maximum context", "token count exceeds"];
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::Auth,
        StatusCode::PAYLOAD_TOO_LARGE => ModelError::TooLarge,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
            if too_long.iter().any(|words| text.contains(words)) =>
        {
            ModelError::ContextOverflow
        }
        StatusCode::NOT_FOUND => ModelError::UnknownModel,
        StatusCode::TOO_MANY_REQUESTS => ModelError::RateLimited { retry_after },
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => ModelError::Timeout,
        StatusCode::SERVICE_UNAVAILABLE => ModelError::Overloaded,
        status if status.as_u16() == 529 => ModelError::Overloaded,
        status if status.is_server_error() => ModelError::Unavailable(source()),
        _ => ModelError::BadRequest(source()),
    }
}

/// Spreads retries; nothing depends on its quality.
fn fraction() -> f64 {
    let hash = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 0_u8);
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
