//! What every feature stands on and no feature owns: configuration, errors, time, randomness,
//! lifecycle, the event bus, secrets at rest, rate limits, outbound HTTP and telemetry.
//!
//! Nothing here knows SQL or a feature.

pub mod bus;
pub mod clock;
pub mod config;
pub mod error;
pub mod files;
pub mod http;
pub mod ids;
pub mod lifecycle;
pub mod metrics;
pub mod outbound;
pub mod rate_limit;
pub mod redis;
pub mod secrets;
pub mod telemetry;

pub use bus::{Bus, BusMessage};
pub use clock::Clock;
pub use config::Config;
pub use error::{ApiError, ApiResult};
pub use ids::Ids;
pub use lifecycle::Lifecycle;
pub use secrets::Secrets;
