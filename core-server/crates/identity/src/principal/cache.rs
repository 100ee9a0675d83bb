//! Principals of the last seconds, so that a request is authenticated without the database.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use platform::Lifecycle;
use shared_protocol::SessionId;
use tokio::sync::broadcast::error::RecvError;

use super::Principal;
use crate::Identity;

/// Bus topic of revoked sign-ins; the payload is the session's id, or empty for "forget all".
pub const REVOKED_TOPIC: &str = "session.revoked";

/// The longest time that a change of an account may go unnoticed.
const KEEP: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 50_000;

/// The cache, by credential.
#[derive(Clone)]
pub struct Principals(Cache<String, Arc<Principal>>);

impl Default for Principals {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).time_to_live(KEEP).support_invalidation_closures().build())
    }
}

impl Principals {
    pub(super) async fn get(&self, credential: &str) -> Option<Arc<Principal>> {
        self.0.get(credential).await
    }

    pub(super) async fn put(&self, credential: String, principal: Arc<Principal>) {
        self.0.insert(credential, principal).await;
    }

    /// Forgets a sign-in and all tokens made from it.
    pub fn forget(&self, session: SessionId) {
        // Refused only when invalidation by closure is off, and it is on.
        let _ = self.0.invalidate_entries_if(move |_, principal| principal.session == Some(session));
    }

    /// Forgets everybody, after changes to accounts.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

/// Listens for sign-ins that other replicas revoked.
pub fn listen(identity: &Identity, lifecycle: &Lifecycle) {
    let (identity, stopped) = (identity.clone(), lifecycle.stopped().clone());
    let mut bus = identity.bus.subscribe();
    lifecycle.serve("revocations", async move {
        loop {
            let message = tokio::select! {
                message = bus.recv() => message,
                () = stopped.cancelled() => return,
            };
            match message {
                Ok(message) if message.topic == REVOKED_TOPIC => match message.payload.parse() {
                    Ok(session) => identity.principals.forget(session),
                    Err(_) => identity.principals.forget_all(),
                },
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => identity.principals.forget_all(),
                Err(RecvError::Closed) => return,
            }
        }
    });
}
