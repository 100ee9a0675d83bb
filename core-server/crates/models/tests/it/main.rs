//! Providers against local servers that speak their wire formats, and the local model itself.

#![expect(clippy::expect_used, reason = "a fault is a failed test")]

mod local;
mod remote;
