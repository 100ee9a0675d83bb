//! The assistant: who answers, what was said, and the turn that makes the next answer.
//!
//! - [`agents`]: the default Assistant of each organisation.
//! - [`conversations`] and [`messages`]: what was said.
//! - [`turns`]: asking a model and streaming its answer.
//! - [`log`]: the numbered events of a turn, readable from any point, on any replica, after a crash.

pub mod agents;
pub mod conversations;
mod folding;
pub mod log;
pub mod messages;
pub mod provider;
mod state;
pub mod turns;

pub use state::{Assistant, AssistantParts};
