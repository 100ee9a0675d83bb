//! Builds the state from the configuration, starts the background work, and answers until told to stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use assistant::{Assistant, AssistantParts, agents::AssistantSeeder, provider};
use axum::Router;
use db::{Db, Target};
use identity::{Identity, IdentityParts};
use jobs::{Runner, RunnerParts};
use models::LocalModels;
use ops::Ops;
use platform::{Bus, Clock, Config, Ids, Lifecycle, Secrets, rate_limit::RateLimiter, redis::Redis, secrets};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::{http::listen, router, state::AppState};

/// What a process does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers requests and runs jobs.
    #[default]
    All,
    /// Answers requests.
    Api,
    /// Runs jobs.
    Worker,
}

/// Replacements of what a process otherwise takes from its machine, for tests.
#[derive(Clone, Debug)]
pub struct Overrides {
    /// The time.
    pub clock: Clock,
    /// Ids and randomness.
    pub ids: Ids,
}

impl Default for Overrides {
    fn default() -> Self {
        let clock = Clock::system();
        Self { ids: Ids::system(clock.clone()), clock }
    }
}

/// A server that is ready to answer.
pub struct App {
    /// The states of the features.
    pub state: AppState,
    /// Tells all tasks when to stop.
    pub lifecycle: Lifecycle,
    /// The whole server as a service.
    pub router: Router,
    listener: Option<TcpListener>,
    grace: Duration,
}

/// The database that the configuration names.
pub fn database(config: &Config) -> Target {
    match &config.storage.database_url {
        Some(url) => Target::Postgres { url: url.expose_secret().to_owned(), max_connections: config.storage.pool_max },
        None => Target::Sqlite(config.storage.data_dir.join("alcove.db")),
    }
}

/// The local models of the installation.
pub fn local_models(config: &Config) -> LocalModels {
    LocalModels::new(config.storage.data_dir.join("models"), config.models.local_idle)
}

impl App {
    /// Connects, migrates, recovers and binds. Requests are taken by [`App::serve`].
    ///
    /// # Errors
    /// Fails when a part that is needed is not there: database, Redis, data folder, port.
    pub async fn start(config: Config, role: Role, overrides: Overrides) -> Result<Self> {
        let config = Arc::new(config);
        let Overrides { clock, ids } = overrides;
        let lifecycle = Lifecycle::new();
        // A second installation of the provider is refused and harmless.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let metrics = Arc::new(platform::metrics::install(&lifecycle)?);
        let db = Db::connect(&database(&config)).await?;
        db.migrate().await?;
        let redis = match &config.storage.redis_url {
            Some(url) => {
                let connecting = Redis::connect(url.expose_secret(), &config.storage.redis_prefix);
                Some(connecting.await.context("cannot reach Redis")?)
            }
            None => None,
        };
        let bus = redis.as_ref().map_or_else(Bus::local, |redis| Bus::redis(redis, &ids, &lifecycle));
        let (jwt_secret, sealing) = secrets_of(&config, &ids)?;
        let limiter = RateLimiter::new(&config.limits.rates, clock.clone(), redis.clone());
        let local = local_models(&config);
        let identity = Identity::new(IdentityParts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            bus: bus.clone(),
            secrets: sealing,
            limiter: limiter.clone(),
            config: config.clone(),
            jwt_secret,
            seeders: vec![Arc::new(AssistantSeeder { ids: ids.clone() })],
            model: provider::describe(&config.models, &local),
        });
        let assistant = Assistant::new(AssistantParts {
            identity: identity.clone(),
            lifecycle: lifecycle.clone(),
            config: config.clone(),
            local,
        })?;
        identity::principal::listen(&identity, &lifecycle);
        assistant.start().await?;
        if role != Role::Api {
            let parts = RunnerParts { db, clock, ids: ids.clone(), bus, lifecycle: lifecycle.clone() };
            let mut runner = Runner::new(parts);
            identity::register_jobs(&mut runner, &identity);
            assistant.register_jobs(&mut runner);
            runner.start();
        }
        let listener = match role {
            Role::Worker => None,
            Role::All | Role::Api => {
                let address = SocketAddr::new(config.server.bind, config.server.port);
                Some(TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?)
            }
        };
        let ops = Ops { identity: identity.clone(), redis, metrics };
        let state =
            AppState { identity, assistant, ops, frame_ancestors: config.server.frame_ancestors.clone().into() };
        let router = router::build(state.clone(), &config, ids, limiter, lifecycle.clone());
        let grace = Duration::from_secs(config.server.shutdown_grace_seconds);
        Ok(Self { state, lifecycle, router, listener, grace })
    }

    /// The address that requests come to; none for a worker.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Answers until `stop` completes, then lets running work end. If `insist` completes meanwhile, the
    /// rest is cut off.
    ///
    /// # Errors
    /// None so far; the caller treats an end without one as a stop in good order.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
        insist: impl Future<Output = ()> + Send,
    ) -> Result<()> {
        let Self { state, lifecycle, router, listener, grace } = self;
        if let Some(listener) = listener {
            listen::start(listener, router, &lifecycle);
        }
        stop.await;
        tracing::info!("stopping");
        tokio::select! {
            () = lifecycle.shutdown(grace) => {}
            () = insist => {
                tracing::warn!("stopping at once");
                lifecycle.stopped().cancel();
            }
        }
        state.identity.db.close().await;
        Ok(())
    }
}

/// The configured secrets, or those that an installation on SQLite makes for itself.
fn secrets_of(config: &Config, ids: &Ids) -> Result<(secrecy::SecretString, Secrets)> {
    let auth = &config.auth;
    let (jwt_secret, keys) = match (&auth.jwt_secret, auth.encryption_keys.as_slice()) {
        (Some(secret), keys @ [_, ..]) => (secret.clone(), keys.to_vec()),
        (secret, keys) => {
            let (made_secret, made_key) = secrets::read_or_make(&config.storage.data_dir, ids)?;
            let keys = if keys.is_empty() { vec![made_key] } else { keys.to_vec() };
            (secret.clone().unwrap_or(made_secret), keys)
        }
    };
    Ok((jwt_secret, Secrets::new(&keys, ids.clone())?))
}
