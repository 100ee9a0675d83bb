//! Rate limits by family of routes: the generic cell rate algorithm, in the process or in Redis.
//!
//! One number a key is kept: the time at which the key's bucket will be empty again. The same
//! arithmetic runs here on the injected clock and there in a script, which a library for one of the
//! two would not give.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Method;
use redis::Script;
use shared_protocol::{ErrorCode, Timestamp};

use crate::{ApiError, Clock, config::Rate, redis::Redis};

/// Keys in memory before those that are full again are swept out.
const SWEEP_AT: usize = 10_000;

/// Routes that share a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Chat turns.
    Chat,
    /// Agents.
    Agents,
    /// Knowledge bases.
    Knowledge,
    /// Sign-in and accounts.
    Auth,
    /// Webhooks of automations.
    Webhook,
    /// Licences.
    License,
    /// Everything else below `/api` and `/admin`.
    Api,
}

impl Family {
    /// All families, in the order of the configured rates.
    pub const ALL: [Self; 7] =
        [Self::Chat, Self::Agents, Self::Knowledge, Self::Auth, Self::Webhook, Self::License, Self::Api];

    /// The name in settings and keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Agents => "agents",
            Self::Knowledge => "knowledge",
            Self::Auth => "auth",
            Self::Webhook => "webhook",
            Self::License => "license",
            Self::Api => "api",
        }
    }

    /// The documented rate; that of `api` is ours.
    pub const fn default_rate(self) -> Rate {
        let (per_minute, burst) = match self {
            Self::Chat => (60, 120),
            Self::Agents => (120, 200),
            Self::Knowledge | Self::Auth => (30, 60),
            Self::License => (30, 30),
            Self::Webhook | Self::Api => (600, 1200),
        };
        Rate { per_minute, burst }
    }

    /// The family of a request; none for pages, assets and health, which must always answer. In the chat
    /// only asking counts: reading on, stopping and rating must work while many questions are asked.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let within =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Some(match path {
            _ if within("/api/health") => return None,
            "/api/chat" if method == Method::POST => Self::Chat,
            _ if within("/api/agents") => Self::Agents,
            _ if within("/api/knowledge") => Self::Knowledge,
            _ if within("/api/automation/webhook") => Self::Webhook,
            _ if within("/api/license") => Self::License,
            _ if within("/auth") => Self::Auth,
            _ if within("/api") || within("/admin") => Self::Api,
            _ => return None,
        })
    }
}

/// What the limiter says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests at once; none when the limit is off.
    pub limit: Option<u32>,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// When one more request may come.
    pub retry_after: Duration,
    /// When the whole burst is free again.
    pub reset: Duration,
}

impl Decision {
    const UNLIMITED: Self =
        Self { allowed: true, limit: None, remaining: u32::MAX, retry_after: Duration::ZERO, reset: Duration::ZERO };

    /// The error for a refused request.
    pub fn refusal(&self) -> Option<ApiError> {
        (!self.allowed).then(|| {
            ApiError::new(ErrorCode::RateLimited, "Too many requests. Please wait a moment.")
                // Rounded up: a client that comes after whole seconds must not be too early.
                .with_retry_after(Duration::from_secs(self.retry_after.as_secs() + 1))
        })
    }

    /// The decision for a bucket whose emptying time, this request included, would be `next`.
    fn from_state(rate: Rate, allowed: bool, busy: i64) -> Self {
        let step = step(rate);
        let capacity = step * i64::from(rate.burst);
        let free = (capacity - busy).max(0) / step;
        let micros = |value: i64| Duration::from_micros(u64::try_from(value).unwrap_or(0));
        Self {
            allowed,
            limit: Some(rate.burst),
            remaining: u32::try_from(free).unwrap_or(0),
            retry_after: if allowed { Duration::ZERO } else { micros(busy + step - capacity) },
            reset: micros(busy),
        }
    }
}

/// Microseconds that one request costs.
fn step(rate: Rate) -> i64 {
    60_000_000 / i64::from(rate.per_minute.max(1))
}

/// Counts requests; clones share the counts.
#[derive(Clone)]
pub struct RateLimiter {
    rates: Arc<[Rate]>,
    clock: Clock,
    local: Arc<Mutex<HashMap<(Family, String), Timestamp>>>,
    redis: Option<(Redis, Arc<Script>)>,
}

impl RateLimiter {
    /// A limiter with these rates, in the order of [`Family::ALL`]; shared by replicas with Redis.
    pub fn new(rates: &[Rate], clock: Clock, redis: Option<Redis>) -> Self {
        let redis = redis.map(|redis| (redis, Arc::new(Script::new(SCRIPT))));
        Self { rates: rates.into(), clock, local: Arc::default(), redis }
    }

    /// Counts one request of `key`. When Redis is away the process counts alone.
    pub async fn check(&self, family: Family, key: &str) -> Decision {
        let rate =
            Family::ALL.iter().position(|known| *known == family).and_then(|place| self.rates.get(place).copied());
        let rate = rate.unwrap_or_else(|| family.default_rate());
        if rate.per_minute == 0 {
            return Decision::UNLIMITED;
        }
        if let Some(shared) = &self.redis {
            match self.check_shared(shared, family, key, rate).await {
                Ok(decision) => return decision,
                Err(error) => tracing::warn!(%error, "rate limits are counted in this process alone"),
            }
        }
        self.check_local(family, key, rate)
    }

    fn check_local(&self, family: Family, key: &str, rate: Rate) -> Decision {
        let now = self.clock.now();
        let mut buckets = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, empty_at| *empty_at > now);
        }
        let empty_at = buckets.entry((family, key.to_owned())).or_insert(now);
        let busy = (empty_at.micros() - now.micros()).max(0);
        let wanted = busy + step(rate);
        if wanted > step(rate) * i64::from(rate.burst) {
            return Decision::from_state(rate, false, busy);
        }
        *empty_at = Timestamp::from_micros(now.micros() + wanted);
        Decision::from_state(rate, true, wanted)
    }

    async fn check_shared(
        &self,
        (redis, script): &(Redis, Arc<Script>),
        family: Family,
        key: &str,
        rate: Rate,
    ) -> redis::RedisResult<Decision> {
        let (allowed, busy): (bool, i64) = script
            .key(redis.key(&format!("rate:{}:{key}", family.as_str())))
            .arg(self.clock.now().micros())
            .arg(step(rate))
            .arg(step(rate) * i64::from(rate.burst))
            .invoke_async(&mut redis.connection())
            .await?;
        Ok(Decision::from_state(rate, allowed, busy))
    }
}

/// The arithmetic of `check_local`, atomically. Keys vanish once their bucket is empty.
const SCRIPT: &str = r"
local now, step, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local busy = math.max(tonumber(redis.call('GET', KEYS[1]) or now) - now, 0)
if busy + step > capacity then
  return {0, busy}
end
busy = busy + step
redis.call('SET', KEYS[1], string.format('%.0f', now + busy), 'PX', math.ceil(busy / 1000))
return {1, busy}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_passes_then_one_a_step() {
        let clock = Clock::manual(Timestamp::from_micros(1_000_000));
        let limiter = RateLimiter::new(&[Rate { per_minute: 60, burst: 3 }], clock.clone(), None);
        for left in [2, 1, 0] {
            assert_eq!(limiter.check(Family::Chat, "a").await.remaining, left);
        }
        let refused = limiter.check(Family::Chat, "a").await;
        assert!(!refused.allowed && refused.retry_after == Duration::from_secs(1), "{refused:?}");
        assert!(limiter.check(Family::Chat, "b").await.allowed, "another key has its own bucket");
        clock.advance(Duration::from_secs(1));
        assert!(limiter.check(Family::Chat, "a").await.allowed);
        assert!(!limiter.check(Family::Chat, "a").await.allowed);
    }

    #[test]
    fn paths_belong_to_families() {
        let of = |method: Method, path| Family::of(&method, path);
        assert_eq!(of(Method::POST, "/api/chat"), Some(Family::Chat));
        assert_eq!(of(Method::GET, "/api/chat"), Some(Family::Api));
        assert_eq!(of(Method::POST, "/api/chat/msg_1/cancel"), Some(Family::Api));
        assert_eq!(of(Method::POST, "/api/chatter"), Some(Family::Api));
        assert_eq!(of(Method::GET, "/assets/app.css"), None);
    }
}
