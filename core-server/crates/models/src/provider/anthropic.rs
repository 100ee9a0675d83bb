//! The messages API of Anthropic.
//!
//! Source: <https://docs.anthropic.com/en/api/messages-streaming>.

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{
    Framing, Incoming, WireFormat,
    wire::{base, below, malformed},
};
use crate::{ChatRequest, FinishReason, Message, ModelError, ProviderKind, ProviderSettings};

const DEFAULT_MODEL: &str = "claude-3-5-haiku-latest";
const VERSION: &str = "2023-06-01";
/// The format demands a limit in every request.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// Anthropic.
pub struct Anthropic {
    base: Url,
    key: SecretString,
    model: String,
}

impl Anthropic {
    /// With the key from the settings.
    ///
    /// # Errors
    /// Fails without a key.
    pub fn new(settings: &ProviderSettings) -> Result<Self, ModelError> {
        let key =
            settings.api_key.clone().ok_or_else(|| ModelError::NotConfigured("the provider needs a key".to_owned()))?;
        let base = base(settings, ProviderKind::Anthropic)?;
        Ok(Self { base, key, model: settings.model.clone().unwrap_or_else(|| DEFAULT_MODEL.to_owned()) })
    }
}

impl WireFormat for Anthropic {
    const FRAMING: Framing = Framing::Events;

    fn model(&self) -> &str {
        &self.model
    }

    fn request(&self, http: &reqwest::Client, request: &ChatRequest) -> Result<RequestBuilder, ModelError> {
        let system: Vec<&str> = request
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::System(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let mut body = json!({
            "model": self.model,
            "stream": true,
            "max_tokens": request.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
            "messages": request.messages.iter().filter_map(message).collect::<Vec<_>>(),
        });
        if !system.is_empty() {
            body["system"] = json!(system.join("\n\n"));
        }
        if !request.tools.is_empty() {
            let tool = |tool: &crate::ToolSpec| json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters});
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        if let Some(temperature) = request.temperature {
            // This format's scale ends at 1.
            body["temperature"] = json!(temperature.min(1.0));
        }
        if !request.stop.is_empty() {
            body["stop_sequences"] = json!(request.stop);
        }
        Ok(http
            .post(below(&self.base, "v1/messages")?)
            .header("x-api-key", self.key.expose_secret())
            .header("anthropic-version", VERSION)
            .json(&body))
    }

    fn read(&self, piece: &Value, incoming: &mut Incoming) -> Result<(), ModelError> {
        let index = piece["index"].as_u64().unwrap_or(0);
        match piece["type"].as_str().ok_or_else(|| malformed("a piece without a type"))? {
            "message_start" => {
                let usage = &piece["message"]["usage"];
                incoming.usage(usage["input_tokens"].as_u64(), usage["output_tokens"].as_u64());
            }
            "content_block_start" if piece["content_block"]["type"] == "tool_use" => {
                let block = &piece["content_block"];
                incoming.call_fragment(index, block["id"].as_str(), block["name"].as_str(), "");
            }
            "content_block_delta" => match piece["delta"]["type"].as_str() {
                Some("text_delta") => incoming.text(piece["delta"]["text"].as_str().unwrap_or_default()),
                Some("input_json_delta") => {
                    incoming.call_fragment(
                        index,
                        None,
                        None,
                        piece["delta"]["partial_json"].as_str().unwrap_or_default(),
                    );
                }
                _ => {}
            },
            "message_delta" => {
                incoming.usage(piece["usage"]["input_tokens"].as_u64(), piece["usage"]["output_tokens"].as_u64());
                if let Some(reason) = piece["delta"]["stop_reason"].as_str() {
                    incoming.finish = Some(match reason {
                        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
                        "tool_use" => FinishReason::ToolCalls,
                        "refusal" => FinishReason::ContentFilter,
                        _ => FinishReason::Stop,
                    });
                }
            }
            "message_stop" => incoming.ended = true,
            // Pings and kinds that came later are to be passed over.
            _ => {}
        }
        Ok(())
    }
}

fn message(message: &Message) -> Option<Value> {
    Some(match message {
        Message::System(_) => return None,
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Tool { call_id, content } => {
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": call_id, "content": content}]})
        }
        Message::Assistant { content, tool_calls } => {
            let mut blocks: Vec<Value> = Vec::new();
            if !content.is_empty() {
                blocks.push(json!({"type": "text", "text": content}));
            }
            blocks.extend(
                tool_calls
                    .iter()
                    .map(|call| json!({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments})),
            );
            if blocks.is_empty() {
                return None;
            }
            json!({"role": "assistant", "content": blocks})
        }
    })
}
