//! A turn: one question, one answer.
//!
//! One transaction stores the question, the empty answer and the turn; then a task asks the model and
//! writes events; one transaction stores the end. A turn outlives its client. At most one turn of a
//! conversation is active, which a unique index holds. Table owned: `turns`.

mod answer;
mod cancel;
mod http;
mod prompt;
mod start;
pub(crate) mod store;
pub mod title;
mod words;

use std::time::Duration;

pub(crate) use cancel::cancel;
pub use cancel::listen;
pub use http::router;
pub(crate) use words::words;

/// How long a turn belongs to a process that says nothing.
pub(crate) const LEASE: Duration = Duration::from_secs(20);
