//! The model provider of the installation.

use std::{str::FromStr, time::Duration};

use secrecy::SecretString;
use url::Url;

use super::Reader;

/// Whose wire format is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
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

impl Provider {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Local, Self::OpenAi, Self::Anthropic, Self::Google, Self::Mistral, Self::Ollama];

    /// The name in settings and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Mistral => "mistral",
            Self::Ollama => "ollama",
        }
    }
}

impl FromStr for Provider {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(())
    }
}

/// The model provider of the installation. An organisation may have its own.
#[derive(Clone, Debug)]
pub struct ModelsConfig {
    /// Whose wire format is spoken.
    pub provider: Provider,
    /// Where the provider is; its public address when absent.
    pub base_url: Option<Url>,
    /// The key for it.
    pub api_key: Option<SecretString>,
    /// The model's name at the provider.
    pub model: Option<String>,
    /// The context window in tokens, for models that we do not know.
    pub context_window: Option<usize>,
    /// How long the first piece of an answer may take.
    pub first_token_timeout: Duration,
    /// How long any next piece may take.
    pub stall_timeout: Duration,
    /// How long the local model stays in memory unused.
    pub local_idle: Duration,
    /// Private hosts that organisations' own providers may be on.
    pub allow_hosts: Vec<String>,
}

impl ModelsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let provider = reader
            .value("MODEL_PROVIDER", "local", "local, openai, anthropic, google, mistral or ollama", "Who answers.")
            .unwrap_or(Provider::Local);
        let mut seconds = |name: &str, default: &str, purpose| {
            Duration::from_secs(reader.value(name, default, "a number of seconds", purpose).unwrap_or(60))
        };
        let first_token_timeout =
            seconds("MODEL_FIRST_TOKEN_SECONDS", "60", "How long the first piece of an answer may take.");
        let stall_timeout = seconds("MODEL_STALL_SECONDS", "30", "How long any next piece of an answer may take.");
        let local_idle = seconds("LOCAL_MODEL_IDLE_SECONDS", "600", "How long the local model stays in memory unused.");
        Self {
            provider,
            base_url: reader.optional(
                "MODEL_BASE_URL",
                "an absolute URL",
                "Where the provider is; its public address when empty.",
            ),
            api_key: reader.secret("MODEL_API_KEY", "The key for the provider."),
            model: reader.text("MODEL_NAME", "The model's name at the provider."),
            context_window: reader.optional(
                "MODEL_CONTEXT_WINDOW",
                "a number of tokens",
                "The context window of a model that is not known.",
            ),
            first_token_timeout,
            stall_timeout,
            local_idle,
            allow_hosts: reader
                .list("OUTBOUND_ALLOW_HOSTS", "Private hosts, by comma, that addresses given by users may name."),
        }
    }
}
