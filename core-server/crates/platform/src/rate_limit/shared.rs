//! Buckets in Redis, which all replicas share.

use std::sync::Arc;

use redis::Script;

use super::{Decision, Family, capacity, step};
use crate::{
    config::Rate,
    redis::{Redis, RedisAway},
};

/// The arithmetic of the local buckets, atomically. The time is Redis's own: replicas whose clocks differ
/// would take each other's requests for older or newer than they are. Keys vanish once their bucket is
/// empty. Numbers are written out, since Lua writes large ones with an exponent, which Redis refuses.
const SCRIPT: &str = r"
local step, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local busy = math.max(tonumber(redis.call('GET', KEYS[1]) or now) - now, 0)
if busy + step > capacity then
  return {0, busy}
end
busy = busy + step
redis.call('SET', KEYS[1], string.format('%.0f', now + busy), 'PX', string.format('%.0f', math.ceil(busy / 1000)))
return {1, busy}
";

#[derive(Clone)]
pub(super) struct Shared {
    redis: Redis,
    script: Arc<Script>,
}

impl Shared {
    pub(super) fn new(redis: Redis) -> Self {
        Self { redis, script: Arc::new(Script::new(SCRIPT)) }
    }

    /// Counts one request of `key`.
    pub(super) async fn check(&self, family: Family, key: &str, rate: Rate) -> Result<Decision, RedisAway> {
        let mut script = self.script.key(self.redis.key(&format!("rate:{}:{key}", family.as_str())));
        script.arg(step(rate)).arg(capacity(rate));
        let mut connection = self.redis.connection();
        let (allowed, busy): (bool, i64) = self.redis.ask(script.invoke_async(&mut connection)).await?;
        Ok(Decision::from_state(rate, allowed, busy))
    }
}
