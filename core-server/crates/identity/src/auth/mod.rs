//! Set-up, sign-in by password, sessions, the signed-in person.
//!
//! Tables owned: `sessions`, `session_tokens`, `installation`, `login_failures`.
//! A sign-in is a row of `sessions`; its id is the `jti` of every JWT of that sign-in.

pub mod cookie;
mod http;
pub mod jwt;
pub mod password;
mod profile;
pub mod sessions;
mod setup;
mod sign_in;
mod store;
mod throttle;

pub use http::router;
