//! What can go wrong with a model, in the words of the chat protocol.

use std::time::Duration;

/// A failed model request. The texts are safe to show: they hold no key, no prompt and no address.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The provider cannot be reached, closed the connection early or answered 5xx.
    #[error("the model provider is not available")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The provider refused because of too many requests.
    #[error("the model provider limits our request rate")]
    RateLimited {
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// The provider, or the local queue, has no room for more work.
    #[error("the model provider is overloaded")]
    Overloaded,
    /// No answer, or no next piece of it, in time.
    #[error("the model provider did not answer in time")]
    Timeout,
    /// The key is missing or wrong, has no right to the model, or its account has no credit left.
    #[error("the model provider refused the credentials")]
    Auth,
    /// The provider does not know the model or the address is wrong.
    #[error("the model provider does not know this model")]
    UnknownModel,
    /// The conversation does not fit into the context window.
    #[error("the conversation is longer than the model's context")]
    ContextOverflow,
    /// The request is larger than the provider takes.
    #[error("the request is larger than the model provider takes")]
    TooLarge,
    /// The provider refused the request as wrong.
    #[error("the model provider refused the request")]
    BadRequest(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The answer does not follow the provider's protocol.
    #[error("the model provider sent an answer that cannot be read")]
    Malformed(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// No usable model is configured, or the local model's files are missing.
    #[error("no model is ready: {0}")]
    NotConfigured(String),
}

impl ModelError {
    /// Whether the same request may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::RateLimited { .. } | Self::Overloaded | Self::Timeout)
    }
}
