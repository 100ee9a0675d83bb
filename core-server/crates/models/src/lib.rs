//! Model providers behind one port: streaming chat with tool calls, usage, cancel and clear errors.
//!
//! [`ChatModel`] is the port. [`provider`] holds one file per wire format and [`local`] the model in
//! the process; [`build`] makes one from its settings. [`context::fit`] keeps a conversation within
//! the context window. Nothing here knows HTTP servers or SQL.

pub mod chat;
pub mod context;
pub mod error;
pub mod local;
pub mod provider;
pub mod settings;
pub mod tokens;

pub use chat::{
    ChatModel, ChatRequest, ChatStream, Delta, FinishReason, Message, SharedModel, ToolCall, ToolSpec, Usage,
};
pub use error::ModelError;
pub use local::LocalModels;
pub use settings::{ProviderKind, ProviderSettings, RetryPolicy, build};
