//! The turn that is being answered at the moment.

use serde_json::Value;
use shared_protocol::{
    ConversationId, MessageId, Timestamp, ToolCallId,
    chat::{ChatEvent, Citation, Done, TurnError, TurnErrorCode, Usage},
    conversation::{Message, MessageRole, MessageStatus, ToolCallRecord},
};

/// How the answer reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The request is on its way.
    Waiting,
    /// Events arrive.
    Live,
    /// The connection is lost and is being had back.
    Reconnecting,
    /// The connection could not be had back at once. It is still tried, now and then.
    Lost,
}

/// The answer in the making.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The text that was sent and has no id yet.
    pub question: Option<String>,
    /// The assistant message, known from the first event on.
    pub message_id: Option<MessageId>,
    /// The message that is answered.
    pub user_message_id: Option<MessageId>,
    /// Where it belongs.
    pub conversation_id: Option<ConversationId>,
    /// The number of the last event.
    pub seq: u64,
    /// The text so far.
    pub text: String,
    /// Tools that were called.
    pub tools: Vec<ToolCallRecord>,
    /// Sources that were named.
    pub citations: Vec<Citation>,
    /// What a long tool says.
    pub progress: Option<String>,
    /// How the answer reaches us.
    pub link: Link,
    /// Whether the person asked to stop.
    pub stopping: bool,
}

impl Turn {
    /// A turn that was asked for just now.
    pub fn asked(question: Option<String>, conversation_id: Option<ConversationId>) -> Self {
        Self {
            question,
            message_id: None,
            user_message_id: None,
            conversation_id,
            seq: 0,
            text: String::new(),
            tools: Vec::new(),
            citations: Vec::new(),
            progress: None,
            link: Link::Waiting,
            stopping: false,
        }
    }

    /// Takes one event. Gives the finished message at the turn's end.
    pub fn take(&mut self, seq: u64, event: ChatEvent, now: Timestamp) -> Option<Message> {
        self.seq = self.seq.max(seq);
        self.link = Link::Live;
        match event {
            ChatEvent::Start(start) => {
                self.message_id = Some(start.message_id);
                self.user_message_id = Some(start.user_message_id);
                self.conversation_id = Some(start.conversation_id);
            }
            ChatEvent::Token(token) => {
                self.progress = None;
                self.text.push_str(&token.text);
            }
            ChatEvent::ToolCall(call) => self.tools.push(ToolCallRecord {
                id: call.id,
                name: call.name,
                args: call.args,
                result: None,
                error: None,
                duration_ms: None,
            }),
            ChatEvent::Progress(progress) => self.progress = Some(progress.label),
            ChatEvent::ToolResult(result) => self.end_tool(result.id, Some(result.result), None),
            ChatEvent::ToolError(error) => self.end_tool(error.id, None, Some(error.error)),
            ChatEvent::Citation(citation) => self.citations.push(citation),
            ChatEvent::TitleUpdate(_) => {}
            ChatEvent::Done(Done { usage, model, .. }) => {
                return self.message(MessageStatus::Completed, Some(usage), Some(model), None, now);
            }
            ChatEvent::Error(error) => {
                let status = match error.code {
                    TurnErrorCode::Cancelled => MessageStatus::Cancelled,
                    TurnErrorCode::Interrupted => MessageStatus::Interrupted,
                    _ => MessageStatus::Failed,
                };
                return self.message(status, None, None, Some(error), now);
            }
        }
        None
    }

    fn end_tool(&mut self, id: ToolCallId, result: Option<Value>, error: Option<String>) {
        self.progress = None;
        if let Some(tool) = self.tools.iter_mut().find(|tool| tool.id == id) {
            tool.result = result;
            tool.error = error;
        }
    }

    fn message(
        &self,
        status: MessageStatus,
        usage: Option<Usage>,
        model: Option<String>,
        error: Option<TurnError>,
        now: Timestamp,
    ) -> Option<Message> {
        Some(Message {
            id: self.message_id?,
            conversation_id: self.conversation_id?,
            role: MessageRole::Assistant,
            content: self.text.clone(),
            parent_id: self.user_message_id,
            created_at: now,
            model,
            usage,
            tool_calls: self.tools.clone(),
            citations: self.citations.clone(),
            redaction: None,
            feedback: None,
            status,
            error,
        })
    }
}
