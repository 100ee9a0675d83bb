//! What the identity features work with.

use std::{ops::Deref, sync::Arc};

use async_trait::async_trait;
use db::{Db, DbResult, OrgId, Tx};
use platform::{Bus, Clock, Config, Ids, Secrets, rate_limit::RateLimiter};
use secrecy::SecretString;
use shared_protocol::{Timestamp, UserId, auth::ModelInfo};
use tokio::sync::Semaphore;

use crate::{auth::jwt::SessionKeys, principal::Principals};

/// Sign-ins that may wait for a core: about two seconds' worth.
const QUEUE_PER_CORE: usize = 50;

/// Fills a new organisation with what other features need there, in the transaction that makes it.
#[async_trait]
pub trait OrgSeeder: Send + Sync {
    /// Adds the rows.
    async fn seed(&self, tx: &mut Tx, org: OrgId, now: Timestamp) -> DbResult<()>;
}

/// The parts that the features are given.
pub struct IdentityParts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids and randomness.
    pub ids: Ids,
    /// Messages to all replicas.
    pub bus: Bus,
    /// Seals secrets at rest.
    pub secrets: Secrets,
    /// Counts requests of users.
    pub limiter: RateLimiter,
    /// The configuration.
    pub config: Arc<Config>,
    /// The secret that signs sessions.
    pub jwt_secret: SecretString,
    /// Fills new organisations.
    pub seeders: Vec<Arc<dyn OrgSeeder>>,
    /// The installation's model, to be shown to people.
    pub model: ModelInfo,
}

/// State of the identity features; clones share it.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

/// See [`IdentityParts`].
pub struct Inner {
    parts: IdentityParts,
    /// Signs and checks sessions.
    pub keys: SessionKeys,
    /// Principals that were looked up in the last seconds.
    pub principals: Principals,
    /// As many password hashes at a time as there are cores: each takes 19 MB and a core.
    pub hashing: Semaphore,
    /// Places for those who wait for that; more are told to come again.
    pub hashing_queue: Semaphore,
}

impl Identity {
    /// Whether the configuration names this person among those who run the installation.
    pub fn is_listed_admin(&self, user: UserId, email: &str) -> bool {
        let listed = &self.config.auth.system_admins;
        !listed.is_empty() && (listed.iter().any(|name| name == email || *name == user.to_string()))
    }

    /// The state from its parts.
    pub fn new(parts: IdentityParts) -> Self {
        let keys = SessionKeys::new(&parts.jwt_secret);
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self(Arc::new(Inner {
            keys,
            principals: Principals::default(),
            hashing: Semaphore::new(cores),
            hashing_queue: Semaphore::new(cores * QUEUE_PER_CORE),
            parts,
        }))
    }
}

impl Deref for Identity {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = IdentityParts;

    fn deref(&self) -> &IdentityParts {
        &self.parts
    }
}
