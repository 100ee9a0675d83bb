//! Which provider answers, and how patient we are with it.

use std::{str::FromStr, sync::Arc, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::{
    LocalModels, ModelError, SharedModel,
    provider::{anthropic::Anthropic, google::Google, ollama::Ollama, openai::OpenAi, remote::RemoteModel},
};

/// Whose wire format is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// The small model in the process.
    Local,
    /// Any endpoint for chat completions.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google.
    Google,
    /// Mistral.
    Mistral,
    /// Ollama.
    Ollama,
}

impl FromStr for ProviderKind {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Ok(match text {
            "local" => Self::Local,
            "openai" => Self::OpenAi,
            "anthropic" => Self::Anthropic,
            "google" => Self::Google,
            "mistral" => Self::Mistral,
            "ollama" => Self::Ollama,
            _ => return Err(ModelError::NotConfigured(format!("the provider {text} is not known"))),
        })
    }
}

/// When a request that failed before its first piece is sent again.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// How many times more.
    pub retries: u32,
    /// The first wait; each next one is twice as long.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries: 3, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(10) }
    }
}

impl RetryPolicy {
    /// The wait before retry number `retry` (from 0): doubled each time, with up to half on top by
    /// `jitter` from 0 to 1. A wait that the provider asked for counts if it is longer.
    pub fn wait(&self, retry: u32, jitter: f64, asked: Option<Duration>) -> Duration {
        let doubled = self.first_wait.saturating_mul(2_u32.saturating_pow(retry));
        doubled.mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 2.0).max(asked.unwrap_or_default()).min(self.longest_wait)
    }
}

/// Settings of one provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Whose wire format is spoken.
    pub kind: ProviderKind,
    /// Where the provider is; its public address when absent.
    pub base_url: Option<Url>,
    /// The key.
    pub api_key: Option<SecretString>,
    /// The model's name; the provider's usual one when absent.
    pub model: Option<String>,
    /// The context window, for models that are not known.
    pub context_window: Option<usize>,
    /// How long the first piece may take.
    pub first_token_timeout: Duration,
    /// How long any next piece may take.
    pub stall_timeout: Duration,
    /// When to send again.
    pub retry: RetryPolicy,
}

impl ProviderSettings {
    /// Settings of that kind with everything else at its default.
    pub fn of(kind: ProviderKind) -> Self {
        Self {
            kind,
            base_url: None,
            api_key: None,
            model: None,
            context_window: None,
            first_token_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(30),
            retry: RetryPolicy::default(),
        }
    }
}

/// Makes the provider that the settings describe. Nothing is connected or loaded yet.
///
/// # Errors
/// Fails when something that the provider needs is missing.
pub fn build(
    settings: &ProviderSettings,
    http: reqwest::Client,
    local: &LocalModels,
) -> Result<SharedModel, ModelError> {
    Ok(match settings.kind {
        ProviderKind::Local => local.chat(),
        ProviderKind::OpenAi => Arc::new(RemoteModel::new(OpenAi::new(settings)?, settings, http)),
        ProviderKind::Mistral => Arc::new(RemoteModel::new(OpenAi::mistral(settings)?, settings, http)),
        ProviderKind::Anthropic => Arc::new(RemoteModel::new(Anthropic::new(settings)?, settings, http)),
        ProviderKind::Google => Arc::new(RemoteModel::new(Google::new(settings)?, settings, http)),
        ProviderKind::Ollama => Arc::new(RemoteModel::new(Ollama::new(settings)?, settings, http)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_within_their_limits() {
        let policy = RetryPolicy::default();
        let millis =
            |retry, jitter, asked: Option<u64>| policy.wait(retry, jitter, asked.map(Duration::from_secs)).as_millis();
        assert_eq!([millis(0, 0.0, None), millis(1, 0.0, None), millis(2, 0.0, None)], [1_000, 2_000, 4_000]);
        assert_eq!(millis(0, 1.0, None), 1_500);
        assert_eq!(millis(0, 0.0, Some(7)), 7_000);
        assert_eq!(millis(9, 1.0, Some(99)), 10_000);
    }
}
