//! The bus's way over Redis: a sender that keeps at it while Redis is away for a moment, and a receiver
//! that notices when it has gone deaf.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{Stream, StreamExt as _};
use redis::{Client, RedisError};
use thiserror::Error;
use tokio::{
    sync::{broadcast, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{BusMessage, deliver};
use crate::{Lifecycle, redis::Redis};

/// How often something is sent in any case, so that silence means something.
const BEAT: Duration = Duration::from_secs(10);
/// Silence after which the receiver takes its connection for dead.
const SILENCE: Duration = Duration::from_secs(30);
/// How long connecting, and sending one message, may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a message is worth sending. Later, everybody has looked into the database anyway.
const KEEP: Duration = Duration::from_secs(30);
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A message on its way to the other replicas.
pub(super) struct Outgoing {
    text: String,
    made: Instant,
}

impl Outgoing {
    pub(super) fn new(topic: &str, payload: &str) -> Self {
        Self { text: format!("{topic}\n{payload}"), made: Instant::now() }
    }

    /// A message without a topic, which is for nobody.
    fn beat() -> Self {
        Self::new("", "")
    }
}

#[derive(Debug, Error)]
enum Fault {
    #[error("Redis does not answer in time")]
    Late,
    #[error("nothing was heard for {SILENCE:?}")]
    Silent,
    #[error("Redis closed the connection")]
    Closed,
    #[error(transparent)]
    Failed(#[from] RedisError),
}

/// The channel, and the name under which this process speaks there.
#[derive(Clone)]
pub(super) struct Link {
    redis: Redis,
    channel: String,
    name: String,
}

impl Link {
    pub(super) fn new(redis: &Redis, name: String) -> Self {
        Self { redis: redis.clone(), channel: redis.key("bus"), name }
    }

    /// Sends what comes, in order, until the process has stopped and nothing is left.
    pub(super) async fn send(self, mut outgoing: mpsc::Receiver<Outgoing>, lifecycle: Lifecycle) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_away = false;
        loop {
            let message = tokio::select! {
                biased;
                message = outgoing.recv() => message,
                _ = beats.tick() => Some(Outgoing::beat()),
                () = lifecycle.stopped().cancelled() => None,
            };
            let Some(message) = message else { return };
            let mut wait = SHORTEST_WAIT;
            while message.made.elapsed() < KEEP {
                match self.publish(&message).await {
                    Ok(()) if is_away => tracing::info!("bus messages are sent again"),
                    Ok(()) => {}
                    Err(error) => {
                        if !is_away {
                            tracing::warn!(%error, "bus messages cannot be sent and wait");
                        }
                        is_away = true;
                        tokio::select! {
                            () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                            () = lifecycle.stopped().cancelled() => return,
                        }
                        continue;
                    }
                }
                is_away = false;
                break;
            }
        }
    }

    async fn publish(&self, message: &Outgoing) -> Result<(), Fault> {
        let mut command = redis::cmd("PUBLISH");
        command.arg(&self.channel).arg(format!("{}\n{}", self.name, message.text));
        let mut connection = self.redis.connection();
        timeout(PATIENCE, command.query_async::<i64>(&mut connection)).await.map_err(|_| Fault::Late)??;
        Ok(())
    }

    /// Delivers what others send until the process has stopped.
    pub(super) async fn receive(self, local: broadcast::Sender<Arc<BusMessage>>, lifecycle: Lifecycle) {
        let (mut wait, mut is_away) = (SHORTEST_WAIT, false);
        loop {
            let listening = async {
                let messages = subscribe(self.redis.client(), &self.channel, PATIENCE).await?;
                if is_away {
                    tracing::info!("the event bus is connected again");
                }
                (wait, is_away) = (SHORTEST_WAIT, false);
                Err(follow(messages, &self.name, &local, SILENCE).await)
            };
            let ended: Result<(), Fault> = tokio::select! {
                ended = listening => ended,
                () = lifecycle.stopped().cancelled() => return,
            };
            if let Err(error) = ended
                && !is_away
            {
                tracing::warn!(%error, "the event bus lost its connection");
            }
            is_away = true;
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                () = lifecycle.stopped().cancelled() => return,
            }
        }
    }
}

/// Listens to the channel on a connection of its own.
async fn subscribe(
    client: &Client,
    channel: &str,
    patience: Duration,
) -> Result<impl Stream<Item = String> + Unpin + use<>, Fault> {
    let subscribing = async {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.subscribe(channel).await?;
        Ok(subscription)
    };
    let subscription = timeout(patience, subscribing).await.map_err(|_| Fault::Late)?.map_err(Fault::Failed)?;
    let texts = subscription.into_on_message().map(|message| message.get_payload::<String>().unwrap_or_default());
    Ok(texts)
}

/// Delivers what others say until nothing is heard any more, not even beats.
async fn follow(
    mut messages: impl Stream<Item = String> + Unpin,
    own_name: &str,
    local: &broadcast::Sender<Arc<BusMessage>>,
    silence: Duration,
) -> Fault {
    loop {
        match timeout(silence, messages.next()).await {
            Ok(Some(text)) => {
                let mut parts = text.splitn(3, '\n');
                if let (Some(name), Some(topic), Some(payload)) = (parts.next(), parts.next(), parts.next())
                    // Our own were delivered when they were sent.
                    && name != own_name
                    && !topic.is_empty()
                {
                    deliver(local, topic, payload);
                }
            }
            Ok(None) => return Fault::Closed,
            Err(_) => return Fault::Silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::net::TcpListener;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn others_are_heard_and_silence_is_noticed() {
        let (local, mut heard) = broadcast::channel(8);
        let texts = ["other\n\n", "me\na\n1", "other\nb\n2\n3", "nonsense"].map(str::to_owned);
        let messages = stream::iter(texts).chain(stream::pending());
        // The time-out is outside so that the deaf receiver that once was here fails the test.
        let following = follow(messages, "me", &local, MOMENT);
        let fault = timeout(Duration::from_secs(10), following).await.expect("silence is noticed");
        assert!(matches!(fault, Fault::Silent));
        let message = heard.try_recv().unwrap();
        assert_eq!((message.topic.as_str(), message.payload.as_str()), ("b", "2\n3"));
        assert!(heard.try_recv().is_err(), "neither beats nor our own are delivered");
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::open(format!("redis://{}", listener.local_addr().unwrap())).unwrap();
        let subscribing = subscribe(&client, "bus", MOMENT);
        let result = timeout(Duration::from_secs(10), subscribing).await.expect("connecting has an end");
        assert!(matches!(result.err(), Some(Fault::Late)));
    }
}
