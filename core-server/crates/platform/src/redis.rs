//! The connection to Redis, shared by the event bus, the rate limits and the health check.

use std::time::{Duration, Instant};

use redis::{
    Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

/// A Redis server and the prefix of all our keys there.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    connection: ConnectionManager,
    prefix: String,
}

impl Redis {
    /// Connects. Later losses are mended in the background.
    ///
    /// # Errors
    /// Fails when the address is wrong or the server cannot be reached now.
    pub async fn connect(url: &str, prefix: &str) -> RedisResult<Self> {
        let client = Client::open(url)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)));
        let connection = ConnectionManager::new_with_config(client.clone(), config).await?;
        Ok(Self { client, connection, prefix: prefix.to_owned() })
    }

    /// A handle for commands.
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

    /// How long a ping takes.
    ///
    /// # Errors
    /// Fails when the server does not answer.
    pub async fn ping(&self) -> RedisResult<Duration> {
        let started = Instant::now();
        redis::cmd("PING").query_async::<String>(&mut self.connection()).await?;
        Ok(started.elapsed())
    }
}
