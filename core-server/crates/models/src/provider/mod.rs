//! Providers over HTTP: what they share in [`remote`] and [`lines`], and one file per wire format.

pub mod anthropic;
pub mod google;
mod lines;
pub mod ollama;
pub mod openai;
pub mod remote;
mod wire;

pub use wire::{Framing, Incoming, WireFormat};
