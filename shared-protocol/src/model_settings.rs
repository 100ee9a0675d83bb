//! An organisation's own model provider.

use serde::{Deserialize, Serialize};

/// `GET /api/organisation/model`: the settings without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModelSettings {
    /// Whether the organisation has settings of its own; the rest is the installation's otherwise.
    pub own: bool,
    /// `local`, `openai`, `anthropic`, `google`, `mistral` or `ollama`.
    pub provider: String,
    /// Where the provider is.
    pub base_url: Option<String>,
    /// The model's name at the provider.
    pub model: Option<String>,
    /// The model's context window in tokens, where it was told.
    pub context_window: Option<u32>,
    /// Whether a key is stored. It is never shown.
    pub has_key: bool,
}

/// `PUT /api/organisation/model`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelSettingsUpdate {
    /// `local`, `openai`, `anthropic`, `google`, `mistral` or `ollama`.
    pub provider: String,
    /// Where the provider is: an http or https address on a public host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The model's name at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The model's context window in tokens, at least 1,024; the usual one of such models when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u32>,
    /// A new key; the stored one stays when absent and the provider's address is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}
