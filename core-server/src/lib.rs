//! The server: puts the features together and answers.
//!
//! - [`router`]: every route and layer, on one page.
//! - [`app`]: builds the state from the configuration and runs it.
//! - [`cli`]: the commands of the program.

pub mod app;
pub mod cli;
pub mod http;
pub mod router;
pub mod state;

pub use app::{App, Overrides, Role};
