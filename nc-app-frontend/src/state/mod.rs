//! What the application knows, and how it changes. No browser is needed to test it.

pub mod follow;
pub mod list;
pub mod shared;
pub mod speech;
pub mod thread;
pub mod turn;

pub use shared::Shared;
