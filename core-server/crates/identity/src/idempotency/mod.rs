//! Creating requests that may be repeated: the first answer is stored and given again.
//!
//! Scope: organisation, user, method, path and key, for 24 hours. The first request holds a lease,
//! so that its crash blocks a repetition only for a minute. Table owned: `idempotency_keys`.

mod layer;
mod store;

pub use layer::replay;
