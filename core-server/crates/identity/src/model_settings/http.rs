//! Routes for admins.

use axum::extract::{FromRef, State};
use platform::{
    ApiError, ApiResult,
    config::Provider,
    http::{Json, Problems},
    outbound,
};
use shared_protocol::{
    FieldError,
    auth::Success,
    model_settings::{ModelSettings, ModelSettingsUpdate},
};
use url::Url;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{CHANGED_TOPIC, seal_context, store};
use crate::{Admin, Identity};

const MAX_CHARS: usize = 500;
/// Less leaves no room for instructions, question and answer.
const MIN_WINDOW: u32 = 1_024;

/// All routes of the feature.
pub fn router<S>() -> OpenApiRouter<S>
where
    Identity: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    OpenApiRouter::new().routes(routes!(get_model_settings, update_model_settings, delete_model_settings))
}

/// Which model provider does the organisation use?
#[utoipa::path(get, path = "/api/organisation/model", tag = "Organisations", responses((status = 200, body = ModelSettings), Problems))]
async fn get_model_settings(State(identity): State<Identity>, admin: Admin) -> ApiResult<Json<ModelSettings>> {
    let row = store::get(&mut identity.db.read().await?, admin.org).await?;
    Ok(Json(row.map_or_else(|| inherited(&identity), shown)))
}

/// Use an own model provider.
#[utoipa::path(put, path = "/api/organisation/model", tag = "Organisations", request_body = ModelSettingsUpdate, responses((status = 200, body = ModelSettings), Problems))]
async fn update_model_settings(
    State(identity): State<Identity>,
    admin: Admin,
    Json(update): Json<ModelSettingsUpdate>,
) -> ApiResult<Json<ModelSettings>> {
    let faults = faults(&identity, &update);
    if !faults.is_empty() {
        return Err(ApiError::validation(&faults));
    }
    let sealed = match update.api_key.as_deref().filter(|key| !key.is_empty()) {
        Some(key) => Some(identity.secrets.seal(&seal_context(admin.org), key.as_bytes()).map_err(ApiError::internal)?),
        None => None,
    };
    let mut tx = identity.db.write().await?;
    let before = store::get(&mut tx, admin.org).await?;
    // A stored key goes to nobody but the address it was entered for.
    let kept = before
        .filter(|before| before.provider == update.provider && before.base_url == update.base_url)
        .and_then(|before| before.sealed_key);
    let row = store::Row {
        provider: update.provider,
        base_url: update.base_url,
        model: update.model,
        context_window: update.context_window.map(i64::from),
        sealed_key: sealed.or(kept),
    };
    store::put(&mut tx, admin.org, &row, identity.clock.now()).await?;
    tx.commit().await?;
    identity.bus.publish(CHANGED_TOPIC, &admin.org.wire().to_string());
    tracing::info!(org = ?admin.org, actor = %admin.user, provider = row.provider, "model provider changed");
    Ok(Json(shown(row)))
}

/// Go back to the installation's model provider.
#[utoipa::path(delete, path = "/api/organisation/model", tag = "Organisations", responses((status = 200, body = Success), Problems))]
async fn delete_model_settings(State(identity): State<Identity>, admin: Admin) -> ApiResult<Json<Success>> {
    let mut tx = identity.db.write().await?;
    store::delete(&mut tx, admin.org).await?;
    tx.commit().await?;
    identity.bus.publish(CHANGED_TOPIC, &admin.org.wire().to_string());
    tracing::info!(org = ?admin.org, actor = %admin.user, "model provider removed");
    Ok(Json(Success { success: true }))
}

fn faults(identity: &Identity, update: &ModelSettingsUpdate) -> Vec<FieldError> {
    let provider = update
        .provider
        .parse::<Provider>()
        .is_err()
        .then(|| FieldError::new("provider", "unknown", "This provider is not known."));
    // The usual address of this one is the server's own machine, which is nobody else's business.
    let needs_address = update.provider == Provider::Ollama.as_str() && update.base_url.is_none();
    let missing = needs_address.then(|| FieldError::new("baseUrl", "missing", "This provider needs an address."));
    let base_url = update.base_url.as_deref().and_then(|text| match Url::parse(text) {
        Ok(url) => outbound::check(&url, &identity.config.models.allow_hosts)
            .err()
            .map(|forbidden| FieldError::new("baseUrl", "forbidden", forbidden.to_string())),
        Err(_) => Some(FieldError::new("baseUrl", "invalid", "This is not an address.")),
    });
    let long = [("model", &update.model), ("apiKey", &update.api_key), ("baseUrl", &update.base_url)]
        .into_iter()
        .find(|(_, text)| text.as_ref().is_some_and(|text| text.chars().count() > MAX_CHARS))
        .map(|(field, _)| FieldError::new(field, "too_long", "This text is too long."));
    let window = update
        .context_window
        .is_some_and(|tokens| tokens < MIN_WINDOW)
        .then(|| FieldError::new("contextWindow", "too_small", "A context window has at least 1,024 tokens."));
    [provider, missing, base_url, window, long].into_iter().flatten().collect()
}

fn shown(row: store::Row) -> ModelSettings {
    ModelSettings {
        own: true,
        provider: row.provider,
        base_url: row.base_url,
        model: row.model,
        context_window: row.context_window.and_then(|tokens| u32::try_from(tokens).ok()),
        has_key: row.sealed_key.is_some(),
    }
}

fn inherited(identity: &Identity) -> ModelSettings {
    ModelSettings {
        own: false,
        provider: identity.model.provider.clone(),
        base_url: None,
        model: Some(identity.model.name.clone()),
        context_window: None,
        has_key: false,
    }
}
