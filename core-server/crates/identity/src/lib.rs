//! Who a request comes from, what they may do, and whose data they may touch.
//!
//! - [`principal`]: credentials become [`Member`], [`Admin`] or [`SystemAdmin`]; nothing else makes an `OrgId`.
//! - [`auth`]: set-up, sign-in, sessions, profile.
//! - [`orgs`]: organisations and their people.
//! - [`licensing`]: tiers, limits, monthly counters.
//! - [`idempotency`]: creating requests that may be repeated.
//! - [`model_settings`]: an organisation's own model provider.

pub mod auth;
pub mod idempotency;
pub mod licensing;
pub mod model_settings;
pub mod orgs;
pub mod principal;
mod purge;
mod state;

pub use principal::{Admin, Member, Principal, SystemAdmin};
pub use purge::register_jobs;
pub use state::{Identity, IdentityParts, OrgSeeder};
