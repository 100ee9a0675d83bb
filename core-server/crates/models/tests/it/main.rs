//! Providers against local servers that speak their wire formats, and the local model itself.

mod local;
mod remote;
