//! Providers over HTTP: what they share in [`remote`], `answer`, `faults` and `lines`, and one file per
//! wire format.

mod answer;
pub mod anthropic;
mod faults;
pub mod google;
mod lines;
pub mod ollama;
pub mod openai;
pub mod remote;
mod wire;

pub use wire::{Framing, Incoming, WireFormat};
