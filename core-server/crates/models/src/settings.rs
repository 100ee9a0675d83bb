//! Which provider answers, and how patient we are with it.

use std::{str::FromStr, sync::Arc, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::{
    LocalModels, ModelError, SharedModel,
    provider::{anthropic::Anthropic, google::Google, ollama::Ollama, openai::OpenAi, remote::RemoteModel},
};

/// The context window that is assumed of a remote model whose settings say nothing of it.
const DEFAULT_WINDOW: usize = 128_000;
/// The same of Ollama, which sets memory aside for as much as we ask for.
const OLLAMA_WINDOW: usize = 8192;

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

impl ProviderKind {
    /// Where requests go when the settings name no address; none for the model in the process.
    ///
    /// Ollama's is on this machine. Whoever takes settings from people must check this address as
    /// they check one that was typed.
    pub fn default_base_url(self) -> Option<Url> {
        let address = match self {
            Self::Local => return None,
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Google => "https://generativelanguage.googleapis.com/v1beta",
            Self::Mistral => "https://api.mistral.ai/v1",
            Self::Ollama => "http://127.0.0.1:11434",
        };
        Url::parse(address).ok()
    }
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
    /// The context window in tokens; 128,000 when absent, and 8,192 for Ollama.
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

    /// The context window in force.
    pub(crate) fn window(&self) -> usize {
        self.context_window.unwrap_or(match self.kind {
            ProviderKind::Ollama => OLLAMA_WINDOW,
            _ => DEFAULT_WINDOW,
        })
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
    fn every_remote_provider_has_an_address() {
        use ProviderKind::{Anthropic, Google, Local, Mistral, Ollama, OpenAi};
        for kind in [OpenAi, Anthropic, Google, Mistral] {
            assert!(kind.default_base_url().is_some_and(|url| url.scheme() == "https"), "{kind:?}");
        }
        // The caller must be able to see that this one is not public.
        let own = Ollama.default_base_url().expect("an address");
        assert_eq!((own.host_str(), own.port()), (Some("127.0.0.1"), Some(11434)));
        assert_eq!(Local.default_base_url(), None);
    }

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
