//! An organisation's own model provider. The key is sealed at rest and never shown.
//!
//! Table owned: `model_settings`.

mod http;
mod store;

pub use http::router;
use platform::{ApiError, ApiResult, config::Provider};
use secrecy::SecretString;

use crate::Identity;
use db::OrgId;

/// Bus topic: the settings of the organisation in the payload changed.
pub const CHANGED_TOPIC: &str = "model.changed";

/// Settings with the key, for those who call the provider.
pub struct OwnProvider {
    /// Whose wire format is spoken.
    pub provider: Provider,
    /// Where the provider is.
    pub base_url: Option<String>,
    /// The model's name.
    pub model: Option<String>,
    /// The context window in tokens, where it was told.
    pub context_window: Option<usize>,
    /// The key.
    pub api_key: Option<SecretString>,
}

/// The organisation's own provider, if it has one.
///
/// # Errors
/// Fails when the database does or the key cannot be opened.
pub async fn own_provider(identity: &Identity, org: OrgId) -> ApiResult<Option<OwnProvider>> {
    let Some(row) = store::get(&mut identity.db.read().await?, org).await? else { return Ok(None) };
    let provider =
        row.provider.parse().map_err(|()| ApiError::internal(db::DbError::Corrupt("model_settings.provider")))?;
    let api_key = match row.sealed_key {
        Some(sealed) => {
            let plain = identity.secrets.open(&seal_context(org), &sealed).map_err(ApiError::internal)?;
            Some(SecretString::from(String::from_utf8(plain).map_err(ApiError::internal)?))
        }
        None => None,
    };
    let context_window = row.context_window.and_then(|tokens| usize::try_from(tokens).ok());
    Ok(Some(OwnProvider { provider, base_url: row.base_url, model: row.model, context_window, api_key }))
}

fn seal_context(org: OrgId) -> String {
    format!("model_settings:{org:?}:api_key")
}
