//! The Gemini API of Google.
//!
//! Source: <https://ai.google.dev/api/generate-content>.

use std::collections::HashMap;

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{
    Framing, Incoming, WireFormat,
    wire::{base, below, malformed},
};
use crate::{ChatRequest, FinishReason, Message, ModelError, ProviderKind, ProviderSettings};

const DEFAULT_MODEL: &str = "gemini-2.0-flash";

/// Google.
pub struct Google {
    base: Url,
    key: SecretString,
    model: String,
}

impl Google {
    /// With the key from the settings.
    ///
    /// # Errors
    /// Fails without a key.
    pub fn new(settings: &ProviderSettings) -> Result<Self, ModelError> {
        let key =
            settings.api_key.clone().ok_or_else(|| ModelError::NotConfigured("the provider needs a key".to_owned()))?;
        let base = base(settings, ProviderKind::Google)?;
        Ok(Self { base, key, model: settings.model.clone().unwrap_or_else(|| DEFAULT_MODEL.to_owned()) })
    }
}

impl WireFormat for Google {
    const FRAMING: Framing = Framing::Events;

    fn model(&self) -> &str {
        &self.model
    }

    fn request(&self, http: &reqwest::Client, request: &ChatRequest) -> Result<RequestBuilder, ModelError> {
        let mut body = json!({"contents": contents(&request.messages)});
        let system: Vec<Value> = request
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::System(text) => Some(json!({"text": text})),
                _ => None,
            })
            .collect();
        if !system.is_empty() {
            body["systemInstruction"] = json!({"parts": system});
        }
        if !request.tools.is_empty() {
            let tool = |tool: &crate::ToolSpec| json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
            body["tools"] = json!([{"functionDeclarations": request.tools.iter().map(tool).collect::<Vec<_>>()}]);
        }
        let mut generation = serde_json::Map::new();
        if let Some(temperature) = request.temperature {
            generation.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(limit) = request.max_output_tokens {
            generation.insert("maxOutputTokens".to_owned(), json!(limit));
        }
        if !request.stop.is_empty() {
            generation.insert("stopSequences".to_owned(), json!(request.stop));
        }
        body["generationConfig"] = Value::Object(generation);
        let path = format!("models/{}:streamGenerateContent?alt=sse", self.model);
        Ok(http.post(below(&self.base, &path)?).header("x-goog-api-key", self.key.expose_secret()).json(&body))
    }

    fn read(&self, piece: &Value, incoming: &mut Incoming) -> Result<(), ModelError> {
        if let Some(usage) = piece.get("usageMetadata") {
            incoming.usage(usage["promptTokenCount"].as_u64(), usage["candidatesTokenCount"].as_u64());
        }
        if piece["promptFeedback"]["blockReason"].is_string() {
            // No candidate comes then, or one whose end would hide the refusal.
            incoming.refused = true;
            incoming.finish = Some(FinishReason::ContentFilter);
        }
        let candidate = &piece["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            if part["thought"] == true {
                continue;
            }
            if let Some(text) = part["text"].as_str() {
                incoming.text(text);
            }
            if let Some(call) = part.get("functionCall") {
                let arguments = if call["args"].is_object() { call["args"].clone() } else { json!({}) };
                incoming.call(call["name"].as_str().unwrap_or_default(), arguments);
            }
        }
        if let Some(reason) = candidate["finishReason"].as_str() {
            incoming.finish = Some(match reason {
                "STOP" => FinishReason::Stop,
                "MAX_TOKENS" => FinishReason::Length,
                "MALFORMED_FUNCTION_CALL" | "MALFORMED_RESPONSE" | "UNEXPECTED_TOOL_CALL" => {
                    return Err(malformed("the model made a call that is none"));
                }
                // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII and what is added to them.
                _ => FinishReason::ContentFilter,
            });
        }
        Ok(())
    }
}

/// The conversation in this format. A tool's result is matched by name here, not by id, and the
/// results of one message's calls belong into one message.
fn contents(messages: &[Message]) -> Vec<Value> {
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut contents: Vec<Value> = Vec::new();
    let mut follows_result = false;
    for message in messages {
        match message {
            Message::System(_) => {}
            Message::User(text) => contents.push(json!({"role": "user", "parts": [{"text": text}]})),
            Message::Assistant { content, tool_calls } => {
                let mut parts = Vec::new();
                if !content.is_empty() {
                    parts.push(json!({"text": content}));
                }
                for call in tool_calls {
                    names.insert(&call.id, &call.name);
                    parts.push(json!({"functionCall": {"name": call.name, "args": call.arguments}}));
                }
                if !parts.is_empty() {
                    contents.push(json!({"role": "model", "parts": parts}));
                }
            }
            Message::Tool { call_id, content } => {
                let name = names.get(call_id.as_str()).copied().unwrap_or_default();
                let result = json!({"functionResponse": {"name": name, "response": {"result": content}}});
                match contents.last_mut().and_then(|last| last["parts"].as_array_mut()).filter(|_| follows_result) {
                    Some(parts) => parts.push(result),
                    None => contents.push(json!({"role": "user", "parts": [result]})),
                }
            }
        }
        follows_result = matches!(message, Message::Tool { .. });
    }
    contents
}
