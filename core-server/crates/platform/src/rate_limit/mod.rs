//! Rate limits by family of routes: the generic cell rate algorithm, in the process or in Redis.
//!
//! One number a key is kept: the time at which the key's bucket will be empty again. The same
//! arithmetic runs here on the injected clock and there in a script on Redis's, which a library for one
//! of the two would not give.

mod family;
mod local;
mod shared;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use shared_protocol::ErrorCode;

pub use self::family::Family;
use self::{local::Buckets, shared::Shared};
use crate::{ApiError, Clock, config::Rate, redis::Redis};

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

    /// The decision for a bucket that stays busy for so many microseconds, this request included if it
    /// was allowed.
    fn from_state(rate: Rate, allowed: bool, busy: i64) -> Self {
        let free = (capacity(rate) - busy).max(0) / step(rate);
        let micros = |value: i64| Duration::from_micros(u64::try_from(value).unwrap_or(0));
        Self {
            allowed,
            limit: Some(rate.burst),
            remaining: u32::try_from(free).unwrap_or(u32::MAX),
            retry_after: if allowed { Duration::ZERO } else { micros(busy + step(rate) - capacity(rate)) },
            reset: micros(busy),
        }
    }
}

/// Microseconds that one request costs; at least one, however absurd the rate.
fn step(rate: Rate) -> i64 {
    (60_000_000 / i64::from(rate.per_minute.max(1))).max(1)
}

/// Microseconds that a bucket holds.
fn capacity(rate: Rate) -> i64 {
    step(rate) * i64::from(rate.burst)
}

/// Counts requests; clones share the counts.
#[derive(Clone)]
pub struct RateLimiter {
    rates: Arc<[Rate]>,
    clock: Clock,
    local: Arc<Mutex<Buckets>>,
    shared: Option<Shared>,
}

impl RateLimiter {
    /// A limiter with these rates, in the order of [`Family::ALL`]; shared by replicas with Redis.
    pub fn new(rates: &[Rate], clock: Clock, redis: Option<Redis>) -> Self {
        Self { rates: rates.into(), clock, local: Arc::default(), shared: redis.map(Shared::new) }
    }

    /// Counts one request of `key`. When Redis is away the process counts alone.
    pub async fn check(&self, family: Family, key: &str) -> Decision {
        let rate =
            Family::ALL.iter().position(|known| *known == family).and_then(|place| self.rates.get(place).copied());
        let rate = rate.unwrap_or_else(|| family.default_rate());
        if rate.per_minute == 0 {
            return Decision::UNLIMITED;
        }
        // An outage is told by `Redis` itself, once.
        if let Some(shared) = &self.shared
            && let Ok(decision) = shared.check(family, key, rate).await
        {
            return decision;
        }
        self.local.lock().unwrap_or_else(PoisonError::into_inner).check(family, key, rate, self.clock.now())
    }
}

#[cfg(test)]
mod tests {
    use shared_protocol::Timestamp;

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

    #[tokio::test]
    async fn absurd_rates_do_no_harm() {
        let clock = Clock::manual(Timestamp::from_micros(1_000_000));
        for (per_minute, burst) in [(u32::MAX, 2), (1, u32::MAX), (u32::MAX, u32::MAX)] {
            let limiter = RateLimiter::new(&[Rate { per_minute, burst }], clock.clone(), None);
            let decision = limiter.check(Family::Chat, "a").await;
            assert!(decision.allowed && decision.remaining == burst - 1, "{decision:?}");
        }
    }
}
