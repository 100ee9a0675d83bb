//! A chat turn: the request, and the numbered events that answer it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AgentId, ConversationId, IdError, MessageId, ToolCallId, conversation::MessageRole};

/// `POST /api/chat`. With the header `Last-Event-ID` and an empty object it resumes a turn instead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChatRequest {
    /// Who is to answer; the organisation's Assistant when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// The conversation to go on with; a new one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// Whether to answer with events (the default) or with one JSON object at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// The last one is the new message; earlier ones are ignored, the server's history counts.
    #[serde(default)]
    pub messages: Vec<InputMessage>,
    /// Where the new message goes; the end of the conversation when absent. An assistant message:
    /// go on after it. A user message with new text: replace its text (an edit). A user message
    /// without new text: answer it again (a retry). What came after is no longer listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<MessageId>,
    /// The model that must answer. A name that is not offered is refused, so that nobody is answered by
    /// another model than they asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// A message sent by a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InputMessage {
    /// Must be `user` for the new message.
    pub role: MessageRole,
    /// Text, or parts of it.
    pub content: Content,
}

/// Text in one piece or in parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Content {
    /// One text.
    Text(String),
    /// Parts that are read as one text.
    Parts(Vec<Part>),
}

impl Content {
    /// The whole text.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let texts: Vec<&str> = parts.iter().map(|Part::Text { text }| text.as_str()).collect();
                texts.join("\n")
            }
        }
    }
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
}

/// Tokens that a turn took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens of the answer.
    pub output: u64,
}

/// A source that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Citation {
    /// The source.
    pub source_id: String,
    /// Its title.
    pub title: String,
    /// The passage.
    pub snippet: String,
}

/// Why a turn ended without its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TurnErrorCode {
    /// The person stopped it.
    Cancelled,
    /// The server went down meanwhile; what was stored is there.
    Interrupted,
    /// The model provider cannot be reached or is not configured.
    ProviderUnavailable,
    /// The provider limits the rate of requests.
    RateLimit,
    /// The provider, or the local queue, has no room.
    Overloaded,
    /// No answer, or no next piece of it, in time.
    Timeout,
    /// The message is longer than the model's context.
    ContextOverflow,
    /// The message is larger than the provider takes.
    PayloadTooLarge,
    /// The provider refused the request.
    BadRequest,
    /// The provider refused the credentials.
    Auth,
    /// The tools were called too often.
    ToolLimit,
    /// The provider's own filter held the answer back.
    ModerationBlocked,
    /// A fault of ours.
    Internal,
}

impl TurnErrorCode {
    /// The code as written on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::RateLimit => "rate_limit",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::ContextOverflow => "context_overflow",
            Self::PayloadTooLarge => "payload_too_large",
            Self::BadRequest => "bad_request",
            Self::Auth => "auth",
            Self::ToolLimit => "tool_limit",
            Self::ModerationBlocked => "moderation_blocked",
            Self::Internal => "internal",
        }
    }
}

/// Why a turn ended without its answer, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnError {
    /// The code to decide by.
    pub code: TurnErrorCode,
    /// A sentence for people.
    pub message: String,
}

/// One event of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum ChatEvent {
    /// The first event of every turn.
    Start(Start),
    /// More of the visible text.
    Token(Token),
    /// The model calls a tool.
    ToolCall(ToolCallEvent),
    /// A long tool says how far it is.
    Progress(Progress),
    /// A tool's result.
    ToolResult(ToolResultEvent),
    /// A tool failed.
    ToolError(ToolErrorEvent),
    /// A source of the answer.
    Citation(Citation),
    /// The conversation has a title.
    TitleUpdate(TitleUpdate),
    /// The answer is whole; the stream closes.
    Done(Done),
    /// The turn ended without its answer; the stream closes.
    Error(TurnError),
}

impl ChatEvent {
    /// The event's name in the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Token(_) => "token",
            Self::ToolCall(_) => "tool_call",
            Self::Progress(_) => "progress",
            Self::ToolResult(_) => "tool_result",
            Self::ToolError(_) => "tool_error",
            Self::Citation(_) => "citation",
            Self::TitleUpdate(_) => "title_update",
            Self::Done(_) => "done",
            Self::Error(_) => "error",
        }
    }

    /// Whether the stream closes after it.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Error(_))
    }

    /// The event's data as JSON text.
    ///
    /// # Errors
    /// Fails only on values that JSON cannot hold.
    pub fn data(&self) -> serde_json::Result<String> {
        match self {
            Self::Start(data) => serde_json::to_string(data),
            Self::Token(data) => serde_json::to_string(data),
            Self::ToolCall(data) => serde_json::to_string(data),
            Self::Progress(data) => serde_json::to_string(data),
            Self::ToolResult(data) => serde_json::to_string(data),
            Self::ToolError(data) => serde_json::to_string(data),
            Self::Citation(data) => serde_json::to_string(data),
            Self::TitleUpdate(data) => serde_json::to_string(data),
            Self::Done(data) => serde_json::to_string(data),
            Self::Error(data) => serde_json::to_string(data),
        }
    }

    /// Reads an event from its name and data. `None` for names that this version does not know,
    /// which a client must pass over.
    ///
    /// # Errors
    /// Fails when the data is not what the name promises.
    pub fn parse(name: &str, data: &str) -> serde_json::Result<Option<Self>> {
        Ok(Some(match name {
            "start" => Self::Start(serde_json::from_str(data)?),
            "token" => Self::Token(serde_json::from_str(data)?),
            "tool_call" => Self::ToolCall(serde_json::from_str(data)?),
            "progress" => Self::Progress(serde_json::from_str(data)?),
            "tool_result" => Self::ToolResult(serde_json::from_str(data)?),
            "tool_error" => Self::ToolError(serde_json::from_str(data)?),
            "citation" => Self::Citation(serde_json::from_str(data)?),
            "title_update" => Self::TitleUpdate(serde_json::from_str(data)?),
            "done" => Self::Done(serde_json::from_str(data)?),
            "error" => Self::Error(serde_json::from_str(data)?),
            _ => return Ok(None),
        }))
    }
}

/// Data of `start`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Start {
    /// The assistant message in the making; it names the turn.
    pub message_id: MessageId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// The message that is answered.
    pub user_message_id: MessageId,
}

/// Data of `token`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// The next piece of text.
    pub text: String,
}

/// Data of `tool_call`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCallEvent {
    /// The call.
    pub id: ToolCallId,
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub args: Value,
}

/// Data of `progress`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// What is going on.
    pub label: String,
    /// How far it is, from 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<f32>,
}

/// Data of `tool_result`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolResultEvent {
    /// The call.
    pub id: ToolCallId,
    /// Its result.
    pub result: Value,
}

/// Data of `tool_error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolErrorEvent {
    /// The call.
    pub id: ToolCallId,
    /// Why it failed.
    pub error: String,
}

/// Data of `title_update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TitleUpdate {
    /// The title.
    pub title: String,
    /// Whose title it is.
    pub conversation_id: ConversationId,
}

/// Data of `done`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// The finished message.
    pub message_id: MessageId,
    /// Tokens of the turn.
    pub usage: Usage,
    /// The model that answered.
    pub model: String,
}

/// The answer to `POST /api/chat` with `stream:false`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChatResponse {
    /// The finished message.
    pub message: crate::conversation::Message,
    /// Tokens of the turn.
    pub usage: Usage,
    /// Sources of the answer.
    pub citations: Vec<Citation>,
    /// Tools that were called.
    pub tool_calls: Vec<crate::conversation::ToolCallRecord>,
}

/// The id of an event: the turn's message and the event's number, which begins at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The assistant message of the turn.
    pub message_id: MessageId,
    /// The event's number in the turn; 0 stands for "before the first".
    pub seq: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.message_id, self.seq)
    }
}

impl FromStr for EventId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (message, seq) = text.split_once(':').unwrap_or((text, ""));
        let seq = seq.parse().map_err(|_| MessageId::MALFORMED)?;
        Ok(Self { message_id: message.parse()?, seq })
    }
}

/// One event as the long-poll reading returns it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberedEvent {
    /// `<messageId>:<seq>`.
    pub id: String,
    /// What happened.
    #[serde(flatten)]
    pub event: ChatEvent,
}

/// `GET /api/chat?messageId=…&after=…&wait=…`: what came after an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// The events, in order; empty when none came in time.
    pub items: Vec<NumberedEvent>,
    /// Give this as `after` in the next reading.
    pub next: String,
    /// Whether the turn has ended and everything was read.
    pub done: bool,
}
