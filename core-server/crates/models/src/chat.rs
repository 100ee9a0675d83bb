//! The port that every model provider implements, and the words it speaks.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use futures_util::Stream;
use serde_json::Value;

use crate::ModelError;

/// A chat model that can be asked for an answer piece by piece.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// The model's name as users and logs see it, for example `SmolLM2-135M-Instruct`.
    fn name(&self) -> &str;

    /// The context window in tokens: prompt and answer together.
    fn context_window(&self) -> usize;

    /// Tokens that `text` takes, exact where the tokenizer is known and never too low by much elsewhere.
    fn count_tokens(&self, text: &str) -> usize;

    /// Starts an answer. Transient failures before the first delta are retried inside.
    ///
    /// Dropping the stream cancels the work at the provider.
    ///
    /// # Errors
    /// Fails when the provider cannot be reached or refuses the request.
    async fn stream(&self, request: ChatRequest) -> Result<ChatStream, ModelError>;
}

/// A shared handle on a model.
pub type SharedModel = Arc<dyn ChatModel>;

/// The answer as it arrives. It ends after [`Delta::Finish`] or after the first error.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<Delta, ModelError>> + Send>>;

/// What to answer, and how.
#[derive(Clone, Debug, Default)]
pub struct ChatRequest {
    /// The conversation so far, oldest first, system message first.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<ToolSpec>,
    /// Sampling temperature from 0 to 2; the provider's default when absent.
    pub temperature: Option<f32>,
    /// The most tokens to produce; the provider's default when absent.
    pub max_output_tokens: Option<u32>,
    /// Texts at which the answer ends.
    pub stop: Vec<String>,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Instructions to the model.
    System(String),
    /// What the person wrote.
    User(String),
    /// What the model answered, with the tools that it called.
    Assistant {
        /// Visible text.
        content: String,
        /// Calls made in this message.
        tool_calls: Vec<ToolCall>,
    },
    /// The result of one tool call.
    Tool {
        /// The id of the call that this answers.
        call_id: String,
        /// The result as text.
        content: String,
    },
}

impl Message {
    /// The message's visible text.
    pub fn text(&self) -> &str {
        match self {
            Self::System(text) | Self::User(text) => text,
            Self::Assistant { content, .. } | Self::Tool { content, .. } => content,
        }
    }
}

/// A tool as the model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Function name.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of the arguments object.
    pub parameters: Value,
}

/// A complete call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The provider's id of the call, or one made up where the provider has none.
    pub id: String,
    /// Function name.
    pub name: String,
    /// The arguments object; invalid JSON from the model is [`ModelError::Malformed`].
    pub arguments: Value,
}

/// One piece of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// Visible text, never empty.
    Text(String),
    /// A whole tool call, once its arguments are complete.
    ToolCall(ToolCall),
    /// The last delta: why the answer ended and what it took.
    Finish {
        /// Why the model stopped.
        reason: FinishReason,
        /// Tokens used; counted locally when the provider does not say.
        usage: Usage,
    },
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done or met a stop text.
    Stop,
    /// The output limit or the context window was reached.
    Length,
    /// The model waits for tool results.
    ToolCalls,
    /// The provider's own filter cut the answer.
    ContentFilter,
}

/// Tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}
