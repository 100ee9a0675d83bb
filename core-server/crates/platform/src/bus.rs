//! The event bus: short messages to all parts of all replicas.
//!
//! Delivery is best effort. A message says "look again" or "stop now"; what must not be lost is in
//! the database.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use tokio::sync::{broadcast, mpsc};

use crate::{Lifecycle, redis::Redis};

/// Messages that a slow receiver may fall behind before it is told that it missed some.
const CAPACITY: usize = 4096;
const RECONNECT_MAX: Duration = Duration::from_secs(5);

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
    remote: Option<mpsc::Sender<String>>,
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Self {
        Self { local: broadcast::channel(CAPACITY).0, remote: None }
    }

    /// A bus over Redis. Own messages come back over Redis as everybody's do, once.
    pub fn redis(redis: &Redis, lifecycle: &Lifecycle) -> Self {
        let local = broadcast::channel(CAPACITY).0;
        let (remote, outgoing) = mpsc::channel(CAPACITY);
        let channel = redis.key("bus");
        lifecycle.serve("bus sender", send(redis.clone(), channel.clone(), outgoing, lifecycle.clone()));
        lifecycle.serve("bus receiver", receive(redis.clone(), channel, local.clone(), lifecycle.clone()));
        Self { local, remote: Some(remote) }
    }

    /// Whether other processes hear this bus.
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// Sends without waiting. A message that finds no room is dropped.
    pub fn publish(&self, topic: &str, payload: &str) {
        match &self.remote {
            Some(remote) => {
                if remote.try_send(format!("{topic}\n{payload}")).is_err() {
                    tracing::warn!(topic, "the event bus is full; a message was dropped");
                }
            }
            None => deliver(&self.local, topic, payload),
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

async fn send(redis: Redis, channel: String, mut outgoing: mpsc::Receiver<String>, lifecycle: Lifecycle) {
    let mut connection = redis.connection();
    loop {
        let message = tokio::select! {
            message = outgoing.recv() => message,
            () = lifecycle.stopped().cancelled() => None,
        };
        let Some(message) = message else { return };
        let sent = redis::cmd("PUBLISH").arg(&channel).arg(message).query_async::<i64>(&mut connection).await;
        if let Err(error) = sent {
            tracing::warn!(%error, "a bus message could not be sent");
        }
    }
}

async fn receive(redis: Redis, channel: String, local: broadcast::Sender<Arc<BusMessage>>, lifecycle: Lifecycle) {
    let mut wait = Duration::from_millis(100);
    loop {
        let listening = async {
            let mut subscription = redis.client().get_async_pubsub().await?;
            subscription.subscribe(&channel).await?;
            let mut messages = subscription.into_on_message();
            while let Some(message) = messages.next().await {
                let text: String = message.get_payload()?;
                if let Some((topic, payload)) = text.split_once('\n') {
                    deliver(&local, topic, payload);
                }
            }
            redis::RedisResult::Ok(())
        };
        let ended = tokio::select! {
            ended = listening => ended,
            () = lifecycle.stopped().cancelled() => return,
        };
        tracing::warn!(error = ended.err().map(|error| error.to_string()), "the event bus lost its connection");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = lifecycle.stopped().cancelled() => return,
        }
        wait = (wait * 2).min(RECONNECT_MAX);
    }
}
