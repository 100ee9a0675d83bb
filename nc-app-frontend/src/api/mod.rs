//! The core's API: one client, and one file of calls per area.

pub mod auth;
mod client;
pub mod conversations;
pub mod failure;
mod search;
pub mod turn;
mod wire;

pub use client::Api;
pub use failure::Failure;
