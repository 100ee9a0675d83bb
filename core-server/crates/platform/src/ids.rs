//! The one source of ids and randomness.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rand::{SeedableRng as _, rngs::StdRng};
use uuid::{Builder, Uuid};

use crate::Clock;

/// Bits of the counter that orders the ids of one millisecond.
const COUNTER_BITS: u32 = 12;

/// Makes ids and random bytes; clones share the order of ids.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
    last: Arc<AtomicU64>,
    seeded: Option<Arc<Mutex<StdRng>>>,
}

impl Ids {
    /// Ids from that clock and the system's randomness.
    pub fn system(clock: Clock) -> Self {
        Self { clock, last: Arc::default(), seeded: None }
    }

    /// Ids that a seed decides, for tests.
    pub fn seeded(clock: Clock, seed: u64) -> Self {
        Self { clock, last: Arc::default(), seeded: Some(Arc::new(Mutex::new(StdRng::seed_from_u64(seed)))) }
    }

    /// A UUID version 7, greater than all that this process made before: rows are listed by id.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().micros() / 1_000).unwrap_or(0);
        let floor = millis << COUNTER_BITS;
        let step = |last: u64| Some(floor.max(last + 1));
        let last = self.last.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step).unwrap_or_default();
        let value = floor.max(last + 1);
        let counter = (value & ((1 << COUNTER_BITS) - 1)).to_be_bytes();
        let mut tail: [u8; 10] = self.bytes();
        tail[0] = counter[6];
        tail[1] = counter[7];
        Builder::from_unix_timestamp_millis(value >> COUNTER_BITS, &tail).into_uuid()
    }

    /// Random bytes, good enough for keys and tokens unless seeded.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.seeded {
            Some(rng) => rand::Rng::fill_bytes(&mut *rng.lock().unwrap_or_else(PoisonError::into_inner), &mut bytes),
            None => rand::fill(&mut bytes[..]),
        }
        bytes
    }

    /// A number from 0 up to and without 1.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use shared_protocol::Timestamp;

    use super::*;

    #[test]
    fn ids_of_one_moment_ascend_and_carry_the_version() {
        let ids = Ids::seeded(Clock::manual(Timestamp::from_micros(1_700_000_000_000_000)), 1);
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.uuid()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
