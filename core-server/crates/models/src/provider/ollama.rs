//! The chat API of Ollama: one JSON object a line.
//!
//! Source: <https://github.com/ollama/ollama/blob/main/docs/api.md>.

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{
    Framing, Incoming, WireFormat,
    wire::{base, below},
};
use crate::{ChatRequest, FinishReason, Message, ModelError, ProviderKind, ProviderSettings};

/// Ollama.
pub struct Ollama {
    base: Url,
    key: Option<SecretString>,
    model: String,
    window: usize,
}

impl Ollama {
    /// At the address of the settings, or on this machine.
    ///
    /// # Errors
    /// Fails without a model's name: which ones there are depends on the installation.
    pub fn new(settings: &ProviderSettings) -> Result<Self, ModelError> {
        let model = settings
            .model
            .clone()
            .ok_or_else(|| ModelError::NotConfigured("the model's name is missing".to_owned()))?;
        let base = base(settings, ProviderKind::Ollama)?;
        Ok(Self { base, key: settings.api_key.clone(), model, window: settings.window() })
    }
}

impl WireFormat for Ollama {
    const FRAMING: Framing = Framing::Lines;

    fn model(&self) -> &str {
        &self.model
    }

    fn request(&self, http: &reqwest::Client, request: &ChatRequest) -> Result<RequestBuilder, ModelError> {
        let mut options = serde_json::Map::new();
        // Without it the prompt is cut, without a word, at a default that is smaller than our window:
        // <https://docs.ollama.com/context-length>.
        options.insert("num_ctx".to_owned(), json!(self.window));
        if let Some(temperature) = request.temperature {
            options.insert("temperature".to_owned(), json!(temperature));
        }
        if let Some(limit) = request.max_output_tokens {
            options.insert("num_predict".to_owned(), json!(limit));
        }
        if !request.stop.is_empty() {
            options.insert("stop".to_owned(), json!(request.stop));
        }
        let mut body = json!({
            "model": self.model,
            "stream": true,
            "messages": request.messages.iter().map(message).collect::<Vec<_>>(),
            "options": options,
        });
        if !request.tools.is_empty() {
            let tool = |tool: &crate::ToolSpec| json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}});
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        let builder = http.post(below(&self.base, "api/chat")?).json(&body);
        Ok(match &self.key {
            Some(key) => builder.bearer_auth(key.expose_secret()),
            None => builder,
        })
    }

    fn read(&self, piece: &Value, incoming: &mut Incoming) -> Result<(), ModelError> {
        incoming.text(piece["message"]["content"].as_str().unwrap_or_default());
        for call in piece["message"]["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            let arguments = if function["arguments"].is_object() { function["arguments"].clone() } else { json!({}) };
            incoming.call(function["name"].as_str().unwrap_or_default(), arguments);
        }
        if piece["done"] == true {
            incoming.usage(piece["prompt_eval_count"].as_u64(), piece["eval_count"].as_u64());
            incoming.finish =
                Some(if piece["done_reason"] == "length" { FinishReason::Length } else { FinishReason::Stop });
            incoming.ended = true;
        }
        Ok(())
    }
}

fn message(message: &Message) -> Value {
    match message {
        Message::System(text) => json!({"role": "system", "content": text}),
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Tool { content, .. } => json!({"role": "tool", "content": content}),
        Message::Assistant { content, tool_calls } => {
            let calls: Vec<Value> = tool_calls
                .iter()
                .map(|call| json!({"function": {"name": call.name, "arguments": call.arguments}}))
                .collect();
            if calls.is_empty() {
                json!({"role": "assistant", "content": content})
            } else {
                json!({"role": "assistant", "content": content, "tool_calls": calls})
            }
        }
    }
}
