//! Chat completions, as most endpoints speak them. Mistral differs in its address and one field.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat/streaming>.

use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{
    Framing, Incoming, WireFormat,
    wire::{base, below, malformed},
};
use crate::{ChatRequest, FinishReason, Message, ModelError, ProviderKind, ProviderSettings};

const DEFAULT_MODEL: &str = "gpt-4o-mini";
const MISTRAL_MODEL: &str = "mistral-small-latest";

/// An endpoint for chat completions.
pub struct OpenAi {
    base: Url,
    key: Option<SecretString>,
    model: String,
    is_mistral: bool,
}

impl OpenAi {
    /// Any compatible endpoint.
    ///
    /// # Errors
    /// Fails without a key at the public address.
    pub fn new(settings: &ProviderSettings) -> Result<Self, ModelError> {
        Self::at(settings, ProviderKind::OpenAi, DEFAULT_MODEL)
    }

    /// Mistral.
    ///
    /// # Errors
    /// Fails without a key at the public address.
    pub fn mistral(settings: &ProviderSettings) -> Result<Self, ModelError> {
        Self::at(settings, ProviderKind::Mistral, MISTRAL_MODEL)
    }

    fn at(settings: &ProviderSettings, kind: ProviderKind, model: &str) -> Result<Self, ModelError> {
        if settings.base_url.is_none() && settings.api_key.is_none() {
            return Err(ModelError::NotConfigured("the provider needs a key".to_owned()));
        }
        let base = base(settings, kind)?;
        let model = settings.model.clone().unwrap_or_else(|| model.to_owned());
        Ok(Self { base, key: settings.api_key.clone(), model, is_mistral: kind == ProviderKind::Mistral })
    }
}

impl WireFormat for OpenAi {
    const FRAMING: Framing = Framing::Events;

    fn model(&self) -> &str {
        &self.model
    }

    fn request(&self, http: &reqwest::Client, request: &ChatRequest) -> Result<RequestBuilder, ModelError> {
        let mut body = json!({
            "model": self.model,
            "stream": true,
            "messages": request.messages.iter().map(message).collect::<Vec<_>>(),
        });
        if !self.is_mistral {
            // Mistral sends usage without being asked and refuses the field.
            body["stream_options"] = json!({"include_usage": true});
        }
        if !request.tools.is_empty() {
            let tool = |tool: &crate::ToolSpec| json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters}});
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        if let Some(temperature) = request.temperature {
            body["temperature"] = json!(temperature);
        }
        if let Some(limit) = request.max_output_tokens {
            body["max_tokens"] = json!(limit);
        }
        if !request.stop.is_empty() {
            body["stop"] = json!(request.stop);
        }
        let builder = http.post(below(&self.base, "chat/completions")?).json(&body);
        Ok(match &self.key {
            Some(key) => builder.bearer_auth(key.expose_secret()),
            None => builder,
        })
    }

    fn read(&self, piece: &Value, incoming: &mut Incoming) -> Result<(), ModelError> {
        if let Some(usage) = piece.get("usage").filter(|usage| usage.is_object()) {
            incoming.usage(usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64());
        }
        let choices = piece.get("choices").and_then(Value::as_array).ok_or_else(|| malformed("no choices"))?;
        let Some(choice) = choices.iter().find(|choice| choice["index"].as_u64().unwrap_or(0) == 0) else {
            return Ok(());
        };
        let delta = &choice["delta"];
        incoming.text(delta["content"].as_str().unwrap_or_default());
        if let Some(refusal) = delta["refusal"].as_str().filter(|refusal| !refusal.is_empty()) {
            incoming.refused = true;
            incoming.text(refusal);
        }
        for (place, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
            let function = &call["function"];
            let arguments = match &function["arguments"] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                whole => whole.to_string(),
            };
            let index = call["index"].as_u64().unwrap_or(u64::try_from(place).unwrap_or(0));
            incoming.call_fragment(index, call["id"].as_str(), function["name"].as_str(), &arguments);
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            incoming.finish = Some(match reason {
                "length" | "model_length" => FinishReason::Length,
                "tool_calls" | "function_call" => FinishReason::ToolCalls,
                "content_filter" => FinishReason::ContentFilter,
                // What went on before is no whole answer; Mistral and gateways say so here.
                "error" => return Err(ModelError::Unavailable(Some("the provider broke off".into()))),
                _ => FinishReason::Stop,
            });
        }
        Ok(())
    }
}

fn message(message: &Message) -> Value {
    match message {
        Message::System(text) => json!({"role": "system", "content": text}),
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Tool { call_id, content } => json!({"role": "tool", "tool_call_id": call_id, "content": content}),
        Message::Assistant { content, tool_calls } if tool_calls.is_empty() => {
            json!({"role": "assistant", "content": content})
        }
        Message::Assistant { content, tool_calls } => {
            let calls: Vec<Value> = tool_calls
                .iter()
                .map(|call| {
                    json!({"id": call.id, "type": "function",
                           "function": {"name": call.name, "arguments": call.arguments.to_string()}})
                })
                .collect();
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
    }
}
