//! The event bus: short messages to all parts of all replicas.
//!
//! Delivery is best effort. A message says "look again" or "stop now"; what must not be lost is in
//! the database. The sender's own process hears a message at once; others may hear it twice.

mod link;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{broadcast, mpsc};

use self::link::{Link, Outgoing};
use crate::{Ids, Lifecycle, redis::Redis};

/// Messages that a slow receiver may fall behind before it is told that it missed some.
const CAPACITY: usize = 4096;

/// One message.
#[derive(Debug)]
pub struct BusMessage {
    /// What it is about, for example `session.revoked`.
    pub topic: String,
    /// Ids or a small JSON text; never content or secrets.
    pub payload: String,
}

/// Sends to and receives from all replicas, or this process alone.
#[derive(Clone)]
pub struct Bus {
    local: broadcast::Sender<Arc<BusMessage>>,
    remote: Option<Remote>,
}

#[derive(Clone)]
struct Remote {
    queue: mpsc::Sender<Outgoing>,
    /// Whether the queue was full at the last message, so that an outage is told once.
    is_full: Arc<AtomicBool>,
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Self {
        Self { local: broadcast::channel(CAPACITY).0, remote: None }
    }

    /// A bus over Redis.
    pub fn redis(redis: &Redis, ids: &Ids, lifecycle: &Lifecycle) -> Self {
        let local = broadcast::channel(CAPACITY).0;
        let (queue, outgoing) = mpsc::channel(CAPACITY);
        let link = Link::new(redis, ids.uuid().to_string());
        lifecycle.serve("bus sender", link.clone().send(outgoing, lifecycle.clone()));
        lifecycle.serve("bus receiver", link.receive(local.clone(), lifecycle.clone()));
        Self { local, remote: Some(Remote { queue, is_full: Arc::default() }) }
    }

    /// Whether other processes hear this bus.
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// Sends without waiting. Others do not hear a message that finds no room.
    pub fn publish(&self, topic: &str, payload: &str) {
        deliver(&self.local, topic, payload);
        if let Some(remote) = &self.remote {
            let is_full = remote.queue.try_send(Outgoing::new(topic, payload)).is_err();
            if is_full && !remote.is_full.swap(true, Ordering::Relaxed) {
                tracing::warn!(topic, "the event bus is full; other replicas miss messages");
            }
            if !is_full {
                remote.is_full.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Receives everything from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<BusMessage>> {
        self.local.subscribe()
    }
}

fn deliver(local: &broadcast::Sender<Arc<BusMessage>>, topic: &str, payload: &str) {
    // Nobody listening is no fault.
    let _ = local.send(Arc::new(BusMessage { topic: topic.to_owned(), payload: payload.to_owned() }));
}
