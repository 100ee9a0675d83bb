//! What every HTTP answer has in common: extractors with our error form, request ids, headers.

pub mod client_address;
pub mod completion;
pub mod extract;
pub mod headers;
pub mod limit;
pub mod problems;
pub mod request;

pub use client_address::ClientAddress;
pub use extract::{Json, OptionalJson, Path, Query};
pub use problems::Problems;
