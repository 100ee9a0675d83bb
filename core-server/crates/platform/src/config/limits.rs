//! Rates, sizes and time-outs.

use std::{str::FromStr, time::Duration};

use super::Reader;
use crate::rate_limit::Family;

/// A rate: so many a minute on average, so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests a minute; 0 switches the limit off.
    pub per_minute: u32,
    /// Requests at once.
    pub burst: u32,
}

/// More than this is as good as no limit, and the arithmetic must not overflow.
const MAX_RATE: u32 = 1_000_000;

impl FromStr for Rate {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "off" {
            return Ok(Self { per_minute: 0, burst: 0 });
        }
        let (per_minute, burst) = text.split_once(':').ok_or(())?;
        let rate = Self { per_minute: per_minute.parse().map_err(drop)?, burst: burst.parse().map_err(drop)? };
        let fits = |count: u32| (1..=MAX_RATE).contains(&count);
        if fits(rate.per_minute) && fits(rate.burst) { Ok(rate) } else { Err(()) }
    }
}

/// Rates, sizes and time-outs.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// The rate of each family of routes, in the order of [`Family::ALL`].
    pub rates: Vec<Rate>,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a turn may take as a whole.
    pub turn_timeout: Duration,
}

impl LimitsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let rates = Family::ALL
            .iter()
            .map(|family| {
                let default = family.default_rate();
                let default_text = format!("{}:{}", default.per_minute, default.burst);
                let name = format!("RATE_LIMIT_{}", family.as_str().to_uppercase());
                let purpose =
                    "Requests a minute and at once, for an address and for a user; off switches the limit off.";
                reader.value(&name, &default_text, "<per minute>:<at once> or off", purpose).unwrap_or(default)
            })
            .collect();
        let body: Option<Size> =
            reader.value("REQUEST_BODY_LIMIT", "10mb", "a size such as 10mb", "The largest request body.");
        let turn: Option<u64> = reader.value(
            "TURN_TIMEOUT_SECONDS",
            "600",
            "a number of seconds",
            "How long a chat turn may take as a whole.",
        );
        Self {
            rates,
            body_bytes: body.map_or(10_000_000, |size| size.0),
            turn_timeout: Duration::from_secs(turn.unwrap_or(600)),
        }
    }
}

struct Size(usize);

impl FromStr for Size {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.to_ascii_lowercase();
        let (digits, factor) = match (text.strip_suffix("mb"), text.strip_suffix("kb")) {
            (Some(digits), _) => (digits, 1_000_000),
            (_, Some(digits)) => (digits, 1_000),
            _ => (text.as_str(), 1),
        };
        let number: usize = digits.trim().parse().map_err(drop)?;
        number.checked_mul(factor).map(Self).ok_or(())
    }
}
