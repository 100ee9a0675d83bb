//! Which model answers: the organisation's own provider, or the installation's.

use std::time::Duration;

use db::OrgId;
use identity::{Identity, model_settings};
use models::{LocalModels, ModelError, ProviderKind, ProviderSettings, SharedModel, build};
use moka::future::Cache;
use platform::{
    ApiResult,
    config::{ModelsConfig, Provider},
    outbound,
};
use shared_protocol::auth::ModelInfo;
use url::Url;

/// How long a changed setting may go unnoticed.
const KEEP: Duration = Duration::from_secs(5);

/// Builds models and keeps them, with their open connections, for a while.
pub struct Providers {
    installation: Result<SharedModel, String>,
    config: ModelsConfig,
    local: LocalModels,
    guarded: reqwest::Client,
    own: Cache<OrgId, Option<SharedModel>>,
}

impl Providers {
    /// Providers for this configuration. A wrong setting is reported when somebody asks, so that an
    /// installation with one still starts and can be administered.
    ///
    /// # Errors
    /// Fails when no HTTP client can be made.
    pub fn new(config: &ModelsConfig, local: LocalModels) -> anyhow::Result<Self> {
        let installation = build(&settings(config), outbound::trusted()?, &local).map_err(|error| error.to_string());
        if let Err(error) = &installation {
            tracing::warn!(error, "the installation's model provider is not usable");
        }
        Ok(Self {
            installation,
            config: config.clone(),
            local,
            guarded: outbound::guarded(&config.allow_hosts)?,
            own: Cache::builder().max_capacity(10_000).time_to_live(KEEP).build(),
        })
    }

    /// The model that answers for the organisation.
    ///
    /// # Errors
    /// [`ModelError::NotConfigured`] when a setting is missing or wrong.
    pub(crate) async fn of(&self, identity: &Identity, org: OrgId) -> ApiResult<Result<SharedModel, ModelError>> {
        let own = match self.own.get(&org).await {
            Some(own) => own,
            None => {
                let own = match model_settings::own_provider(identity, org).await? {
                    Some(own) => match self.build_own(own) {
                        Ok(model) => Some(model),
                        Err(error) => return Ok(Err(error)),
                    },
                    None => None,
                };
                self.own.insert(org, own.clone()).await;
                own
            }
        };
        Ok(match own {
            Some(model) => Ok(model),
            None => self.installation.clone().map_err(ModelError::NotConfigured),
        })
    }

    /// Forgets what was built, after a setting changed.
    pub(crate) fn forget(&self) {
        self.own.invalidate_all();
    }

    fn build_own(&self, own: model_settings::OwnProvider) -> Result<SharedModel, ModelError> {
        if own.provider == Provider::Local {
            // The model in the process has no address.
            return Ok(self.local.chat());
        }
        let kind = kind(own.provider);
        let base_url = own.base_url.as_deref().map(Url::parse).transpose();
        let base_url =
            base_url.map_err(|_| ModelError::NotConfigured("the provider's address is not one".to_owned()))?;
        // Checked again at every use, since the rules may have changed since it was stored; and whatever the
        // address is, since a provider's usual one may be on this machine.
        let url = base_url.clone().or_else(|| kind.default_base_url());
        let url = url.ok_or_else(|| ModelError::NotConfigured("the provider's address is missing".to_owned()))?;
        outbound::check(&url, &self.config.allow_hosts)
            .map_err(|error| ModelError::NotConfigured(error.to_string()))?;
        let settings = ProviderSettings {
            kind,
            base_url,
            api_key: own.api_key,
            model: own.model,
            context_window: own.context_window,
            ..settings(&self.config)
        };
        build(&settings, self.guarded.clone(), &self.local)
    }
}

/// The installation's model as people see it.
pub fn describe(config: &ModelsConfig, local: &LocalModels) -> ModelInfo {
    let name = match config.provider {
        Provider::Local => local.chat().name().to_owned(),
        _ => config.model.clone().unwrap_or_else(|| "default".to_owned()),
    };
    ModelInfo { provider: config.provider.as_str().to_owned(), name }
}

fn settings(config: &ModelsConfig) -> ProviderSettings {
    ProviderSettings {
        base_url: config.base_url.clone(),
        api_key: config.api_key.clone(),
        model: config.model.clone(),
        context_window: config.context_window,
        first_token_timeout: config.first_token_timeout,
        stall_timeout: config.stall_timeout,
        ..ProviderSettings::of(kind(config.provider))
    }
}

fn kind(provider: Provider) -> ProviderKind {
    match provider {
        Provider::Local => ProviderKind::Local,
        Provider::OpenAi => ProviderKind::OpenAi,
        Provider::Anthropic => ProviderKind::Anthropic,
        Provider::Google => ProviderKind::Google,
        Provider::Mistral => ProviderKind::Mistral,
        Provider::Ollama => ProviderKind::Ollama,
    }
}
