//! What the black-box tests stand on: a server of their own, a scripted model, a client that checks
//! every answer against the API document, and the real program as a process.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test harness: a fault is a failed test"
)]

mod app;
mod client;
mod model;
mod process;
mod validate;

pub use app::{TestApp, TestOptions};
pub use client::{Answer, Client, Events, text};
pub use model::{Script, ScriptedModel, TITLE, Valve};
pub use process::{Process, free_port, setting};

/// A password that fulfils the rule.
pub const PASSWORD: &str = "Correct-Horse-7";
