//! The wire types that the core, the connector and the front end share.
//!
//! A field that changes here breaks the build and not the user.
//! The crate does no I/O, reads no clock and compiles for wasm32.
//! Feature `openapi` adds the schemas of the API document.

pub mod api;
pub mod auth;
pub mod chat;
pub mod conversation;
pub mod error;
pub mod health;
pub mod id;
pub mod model_settings;
pub mod page;
pub mod sse;
pub mod tier;
pub mod time;

pub use error::{ErrorBody, ErrorCode, FieldError};
pub use id::{
    AgentId, ConversationId, GroupId, IdError, MessageId, OrganisationId, RequestId, SessionId, ToolCallId, UserId,
};
pub use page::Page;
pub use tier::Tier;
pub use time::Timestamp;
