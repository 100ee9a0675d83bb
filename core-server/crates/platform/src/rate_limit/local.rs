//! Buckets in this process's memory, which strangers fill: their number has an end.

use std::{collections::HashMap, time::Duration};

use shared_protocol::Timestamp;

use super::{Decision, Family, capacity, step};
use crate::config::Rate;

/// Keys in memory before the empty ones are swept out for the first time.
const SWEEP_AT: usize = 10_000;
/// The most keys in memory.
const MOST: usize = 100_000;
/// The shortest time between two sweeps of a full map.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// For each key the time at which its bucket will be empty.
pub(super) struct Buckets {
    keys: HashMap<(Family, String), Timestamp>,
    sweep_at: usize,
    swept: Timestamp,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { keys: HashMap::new(), sweep_at: SWEEP_AT, swept: Timestamp::from_micros(0) }
    }
}

impl Buckets {
    /// Counts one request of `key`.
    pub(super) fn check(&mut self, family: Family, key: &str, rate: Rate, now: Timestamp) -> Decision {
        self.sweep(now);
        let is_full = self.keys.len() >= MOST;
        let key = (family, key.to_owned());
        if is_full && !self.keys.contains_key(&key) {
            // Newcomers pass uncounted until there is room. To refuse them would let whoever has that many
            // addresses lock everybody out; to drop others' counts would let the same one start afresh.
            return Decision::UNLIMITED;
        }
        let empty_at = self.keys.entry(key).or_insert(now);
        let busy = (empty_at.micros() - now.micros()).max(0);
        let wanted = busy + step(rate);
        if wanted > capacity(rate) {
            return Decision::from_state(rate, false, busy);
        }
        *empty_at = Timestamp::from_micros(now.micros() + wanted);
        Decision::from_state(rate, true, wanted)
    }

    /// Forgets empty buckets. The next sweep comes when there are twice as many as were left, so that a
    /// request pays for a constant number of keys; a full map is looked through once in a while.
    fn sweep(&mut self, now: Timestamp) {
        let is_due =
            self.keys.len() >= self.sweep_at || (self.keys.len() >= MOST && now >= self.swept.plus(SWEEP_PAUSE));
        if is_due {
            self.keys.retain(|_, empty_at| *empty_at > now);
            self.sweep_at = (self.keys.len() * 2).max(SWEEP_AT);
            self.swept = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_minute: 60, burst: 2 };

    #[test]
    fn keys_that_live_are_not_looked_through_at_every_request() {
        let (mut buckets, now) = (Buckets::default(), Timestamp::from_micros(1_000_000));
        for n in 0..=SWEEP_AT {
            buckets.check(Family::Api, &n.to_string(), RATE, now);
        }
        assert_eq!((buckets.keys.len(), buckets.sweep_at), (SWEEP_AT + 1, 2 * SWEEP_AT));
    }

    #[test]
    fn a_flood_of_addresses_finds_an_end_and_locks_nobody_out() {
        let (mut buckets, now) = (Buckets::default(), Timestamp::from_micros(1_000_000));
        buckets.check(Family::Auth, "known", RATE, now);
        buckets.check(Family::Auth, "known", RATE, now);
        for n in 0..MOST + 10 {
            assert!(buckets.check(Family::Api, &n.to_string(), RATE, now).allowed);
        }
        assert_eq!(buckets.keys.len(), MOST);
        assert!(!buckets.check(Family::Auth, "known", RATE, now).allowed, "who is counted stays counted");
        // When the flood has passed, newcomers are counted again.
        let later = now.plus(Duration::from_secs(60));
        assert_eq!(buckets.check(Family::Api, "new", RATE, later).limit, Some(2));
        assert_eq!(buckets.keys.len(), 1);
    }
}
