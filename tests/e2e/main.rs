//! The user interface in a real browser, against a real server.
//!
//! Screenshots of every screen are left in `target/screenshots`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a fault is a failed test")]

mod browser;
mod conversations;
mod day;
mod local_model;
mod look;
mod messages;
