//! What the assistant's features work with.

use std::{ops::Deref, sync::Arc};

use identity::Identity;
use jobs::Runner;
use models::LocalModels;
use platform::{Config, Lifecycle};
use uuid::Uuid;

use crate::{agents::Agents, log::Hub, provider::Providers, turns};

/// The parts that the features are given.
pub struct AssistantParts {
    /// Accounts, tenancy, database, clock, bus.
    pub identity: Identity,
    /// Tells when to stop and waits for running turns.
    pub lifecycle: Lifecycle,
    /// The configuration.
    pub config: Arc<Config>,
    /// The models in the process.
    pub local: LocalModels,
}

/// State of the assistant; clones share it.
#[derive(Clone)]
pub struct Assistant(Arc<Inner>);

/// See [`AssistantParts`].
pub struct Inner {
    parts: AssistantParts,
    /// The process, as the owner of turns.
    pub(crate) process: Uuid,
    /// Logs of the turns that run here.
    pub(crate) hub: Hub,
    /// Who answers for which organisation.
    pub(crate) providers: Providers,
    /// Agents that were looked up lately.
    pub(crate) agents: Agents,
}

impl Assistant {
    /// The state from its parts. The journal's file is made here.
    ///
    /// # Errors
    /// Fails when the data folder cannot be written or the provider's settings are wrong.
    pub fn new(parts: AssistantParts) -> anyhow::Result<Self> {
        let process = parts.identity.ids.uuid();
        let hub = Hub::new(&parts.config.storage.data_dir.join("journal"), process)?;
        let providers = Providers::new(&parts.config.models, parts.local.clone())?;
        Ok(Self(Arc::new(Inner { process, hub, providers, agents: Agents::default(), parts })))
    }

    /// Ends what dead processes left and starts the background work.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn start(&self) -> anyhow::Result<()> {
        crate::log::start(self).await?;
        turns::listen(self);
        Ok(())
    }

    /// Registers the jobs of the features.
    pub fn register_jobs(&self, runner: &mut Runner) {
        turns::title::register(runner, self);
        crate::conversations::register_purge(runner, self);
    }
}

impl Deref for Assistant {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = AssistantParts;

    fn deref(&self) -> &AssistantParts {
        &self.parts
    }
}
