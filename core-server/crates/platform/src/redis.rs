//! The connection to Redis, shared by the event bus, the rate limits and the health check.
//!
//! Redis is a convenience: without it the server goes on alone. So nobody who answers a request waits
//! for it longer than a blink, and after a failure it is left alone for a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use redis::{
    Client, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use thiserror::Error;

/// The longest time that a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long Redis is not asked after it failed.
const PAUSE: Duration = Duration::from_secs(3);
/// After this much silence a connection is probed, and given up when nothing comes back.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Why there is no answer from Redis.
#[derive(Debug, Error)]
pub enum RedisAway {
    /// It was asked, and too slow.
    #[error("Redis did not answer in time")]
    Late,
    /// It failed a moment ago and was not asked again.
    #[error("Redis failed a moment ago and is left alone")]
    Paused,
    /// It, or the connection to it, refused.
    #[error("Redis failed")]
    Failed(#[from] RedisError),
}

/// A Redis server and the prefix of all our keys there.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
    circuit: Arc<Circuit>,
    prefix: String,
}

impl Redis {
    /// Connects. Later losses are mended in the background.
    ///
    /// # Errors
    /// Fails when the address is wrong or the server cannot be reached now.
    pub async fn connect(url: &str, prefix: &str) -> RedisResult<Self> {
        let tcp = TcpSettings::default()
            .set_nodelay(true)
            .set_keepalive(TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 2));
        // Without it, a command to a machine that vanished is repeated for a quarter of an hour.
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(KEEPALIVE);
        let client = Client::open(url.into_connection_info()?.set_tcp_settings(tcp))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            .set_max_delay(Duration::from_secs(1));
        let connection = ConnectionManager::new_with_config(client.clone(), config).await?;
        Ok(Self { client, connection, circuit: Arc::default(), prefix: prefix.to_owned() })
    }

    /// A handle for commands. While Redis is away a command waits for the next connection: give it to
    /// [`Self::ask`] if anybody waits.
    pub fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// The client, for connections of a kind of their own.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The full name of a key.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Runs commands on behalf of a request: answers within [`PATIENCE`], and at once while Redis is
    /// known to be away.
    ///
    /// # Errors
    /// Fails when Redis does not answer in time, refuses, or failed a moment ago.
    pub async fn ask<T>(&self, commands: impl Future<Output = RedisResult<T>>) -> Result<T, RedisAway> {
        if !self.circuit.admits(Instant::now()) {
            return Err(RedisAway::Paused);
        }
        let answer = match tokio::time::timeout(PATIENCE, commands).await {
            Ok(answer) => answer.map_err(RedisAway::from),
            Err(_) => Err(RedisAway::Late),
        };
        match &answer {
            Ok(_) if self.circuit.succeeded() => tracing::info!("Redis is back"),
            Err(error) if self.circuit.failed(Instant::now()) => {
                let cause = std::error::Error::source(error).map(ToString::to_string);
                tracing::warn!(%error, cause, "Redis is away; rate limits are counted in this process alone");
            }
            _ => {}
        }
        answer
    }

    /// How long a ping takes.
    ///
    /// # Errors
    /// Fails when the server does not answer.
    pub async fn ping(&self) -> Result<Duration, RedisAway> {
        let started = Instant::now();
        let mut connection = self.connection();
        self.ask(async { redis::cmd("PING").query_async::<String>(&mut connection).await }).await?;
        Ok(started.elapsed())
    }
}

/// Remembers that Redis failed, so that not every request finds it out anew.
#[derive(Default)]
struct Circuit(Mutex<Option<Instant>>);

impl Circuit {
    /// Whether Redis may be asked. After a pause only one may try while the others still go without.
    fn admits(&self, now: Instant) -> bool {
        let mut retry_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *retry_at {
            Some(at) if now < at => false,
            Some(_) => {
                *retry_at = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    /// Notes an answer. True when it ends an outage.
    fn succeeded(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
    }

    /// Notes a failure. True when it begins an outage.
    fn failed(&self, now: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(now + PAUSE).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_and_one_request_at_a_time_looks_for_its_end() {
        let circuit = Circuit::default();
        let begin = Instant::now();
        assert!(circuit.admits(begin) && circuit.admits(begin), "while all is well everybody asks");
        assert!(!circuit.succeeded(), "nothing to tell");
        assert!(circuit.failed(begin), "the beginning is told");
        assert!(!circuit.failed(begin), "but once");
        assert!(!circuit.admits(begin + PAUSE / 2));
        let later = begin + PAUSE;
        assert!(circuit.admits(later));
        assert!(!circuit.admits(later), "one try is enough");
        assert!(!circuit.failed(later));
        let again = later + PAUSE;
        assert!(circuit.admits(again));
        assert!(circuit.succeeded(), "the end is told");
        assert!(circuit.admits(again) && circuit.admits(again));
    }
}
