//! What a provider's refusal means: one table for all formats, for answers with an error status and
//! for errors within an answer.
//!
//! Sources: <https://platform.openai.com/docs/guides/error-codes>,
//! <https://docs.anthropic.com/en/api/errors>, <https://ai.google.dev/gemini-api/docs/troubleshooting>,
//! <https://docs.ollama.com/api/errors>, <https://openrouter.ai/docs/errors>.

use std::{error::Error as StdError, time::Duration};

use reqwest::StatusCode;
use serde_json::Value;

use crate::ModelError;

/// How providers say that the conversation is too long. Most have no code for it.
const TOO_LONG: [&str; 12] = [
    "context_length",
    // Ollama, LM Studio, and vLLM, OpenAI and OpenRouter: "maximum context length is N tokens".
    "context length",
    "maximum context",
    // vLLM: "is longer than the maximum model length of N".
    "maximum model length",
    // OpenAI's newer models.
    "exceeds the context window",
    // Anthropic; the second when the answer's limit does not fit beside the prompt.
    "prompt is too long",
    "exceed context limit",
    // Google: "The input token count (N) exceeds the maximum number of tokens allowed (M)".
    "token count exceeds",
    "exceeds the maximum number of tokens",
    // llama.cpp: "request (N tokens) exceeds the available context size (M tokens)".
    "exceeds the available context size",
    // Mistral: "Prompt contains N tokens, too large for model with M maximum context length". Without
    // "with", this would be what others say of their limits by the minute.
    "too large for model with",
    "context window exceeds limit",
];

/// The provider's own error in a piece of an answer; none in a piece of a sound one.
pub(super) fn in_answer(piece: &Value) -> Option<ModelError> {
    let told = Told::read(piece)?;
    Some(told.judge(told.status, None))
}

/// What an answer with an error status means. `body` may be anything, and empty.
pub(super) fn of_status(status: StatusCode, body: &[u8], retry_after: Option<Duration>) -> ModelError {
    let told = serde_json::from_slice(body)
        .ok()
        .and_then(|body| Told::read(&body))
        .unwrap_or_else(|| Told { message: String::from_utf8_lossy(body).to_lowercase(), ..Told::default() });
    told.judge(Some(status), retry_after)
}

/// An error as the provider tells it, in small letters.
#[derive(Debug, Default)]
struct Told {
    status: Option<StatusCode>,
    /// Codes and kinds, the most exact first.
    names: Vec<String>,
    message: String,
}

impl Told {
    fn read(value: &Value) -> Option<Self> {
        // Google wraps errors into a list when the answer would have been a stream.
        let value = value.get(0).unwrap_or(value);
        let error = match &value["error"] {
            Value::Null | Value::Bool(false) if value["object"] == "error" => value,
            Value::Null | Value::Bool(false) => return None,
            Value::String(message) => return Some(Self { message: message.to_lowercase(), ..Self::default() }),
            error => error,
        };
        let reasons = error["details"].as_array().into_iter().flatten().map(|detail| &detail["reason"]);
        let names = [&error["code"]].into_iter().chain(reasons).chain([&error["status"], &error["type"]]);
        Some(Self {
            status: error["code"].as_u64().and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok()),
            names: names.filter_map(|name| Some(name.as_str()?.to_lowercase())).collect(),
            message: error["message"].as_str().unwrap_or_default().to_lowercase(),
        })
    }

    fn judge(&self, status: Option<StatusCode>, retry_after: Option<Duration>) -> ModelError {
        // Some call a request too large that exceeds what they take in a minute. It stays too large.
        let is_too_large = status == Some(StatusCode::PAYLOAD_TOO_LARGE);
        if let Some(named) = self.names.iter().find_map(|name| named(name, retry_after)).filter(|_| !is_too_large) {
            return named;
        }
        // Of other statuses the words could speak of something else: limits by the minute count tokens too.
        let may_be_long = status.is_none_or(|status| matches!(status.as_u16(), 400 | 413 | 422 | 500));
        if may_be_long && TOO_LONG.iter().any(|words| self.message.contains(words)) {
            return ModelError::ContextOverflow;
        }
        match status.map(|status| status.as_u16()) {
            Some(401..=403) => ModelError::Auth,
            Some(404) => ModelError::UnknownModel,
            Some(408 | 504) => ModelError::Timeout,
            Some(413) => ModelError::TooLarge,
            Some(429) => ModelError::RateLimited { retry_after },
            Some(503 | 529) => ModelError::Overloaded,
            Some(500..) => ModelError::Unavailable(Some(self.source(status))),
            Some(_) => ModelError::BadRequest(Some(self.source(status))),
            None if self.names.iter().any(|name| is_refusal(name)) => ModelError::BadRequest(Some(self.source(status))),
            None => ModelError::Unavailable(Some(self.source(status))),
        }
    }

    /// For the log: the status and the code, never the message, which may quote the prompt or the key.
    fn source(&self, status: Option<StatusCode>) -> Box<dyn StdError + Send + Sync> {
        let is_code = |name: &&String| {
            name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        let name = self.names.iter().find(is_code).map_or("no code", String::as_str);
        let status = status.as_ref().map_or("within the answer", StatusCode::as_str);
        format!("status {status}, {name}").into()
    }
}

/// The errors that have one meaning wherever they stand.
fn named(name: &str, retry_after: Option<Duration>) -> Option<ModelError> {
    Some(match name {
        "context_length_exceeded" | "exceed_context_size_error" | "model_context_window_exceeded" => {
            ModelError::ContextOverflow
        }
        // Comes with the status of a rate limit, but waiting does not help: somebody has to pay.
        "insufficient_quota" | "billing_error" | "billing_not_active" | "billing_hard_limit_reached" => {
            tracing::warn!(name, "the account at the model provider has no credit left");
            ModelError::Auth
        }
        "authentication_error"
        | "permission_error"
        | "invalid_api_key"
        | "api_key_invalid"
        | "unauthenticated"
        | "permission_denied" => ModelError::Auth,
        "rate_limit_exceeded" | "rate_limit_error" | "rate_limited" | "resource_exhausted" | "too_many_requests" => {
            ModelError::RateLimited { retry_after }
        }
        "overloaded_error"
        | "overloaded"
        | "server_is_overloaded"
        | "engine_overloaded_error"
        | "unavailable"
        | "service_unavailable"
        | "service_unavailable_error"
        | "service_tier_capacity_exceeded" => ModelError::Overloaded,
        "timeout_error" | "deadline_exceeded" => ModelError::Timeout,
        "model_not_found" | "not_found_error" | "not_found" => ModelError::UnknownModel,
        "request_too_large" => ModelError::TooLarge,
        _ => return None,
    })
}

/// The errors that say no more than that the request is wrong.
fn is_refusal(name: &str) -> bool {
    matches!(
        name,
        "invalid_request_error"
            | "invalid_request"
            | "invalid_argument"
            | "failed_precondition"
            | "out_of_range"
            | "bad_request"
            | "badrequesterror"
            | "content_policy_violation"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is(error: &ModelError, wanted: &str) {
        assert!(format!("{error:?}").starts_with(wanted), "{wanted}: {error:?}");
    }

    fn within(piece: &Value) -> ModelError {
        in_answer(piece).expect("an error")
    }

    #[test]
    fn errors_within_an_answer_keep_their_meaning() {
        let code = |code: &str| json!({"error": {"code": code, "message": "m"}});
        let kind = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "m"}});
        let status = |code: u16, status: &str| json!({"error": {"code": code, "status": status, "message": "m"}});
        for (piece, wanted) in [
            (code("rate_limit_exceeded"), "RateLimited"),
            (code("insufficient_quota"), "Auth"),
            (code("context_length_exceeded"), "ContextOverflow"),
            (code("model_not_found"), "UnknownModel"),
            (code("server_error"), "Unavailable"),
            (json!({"error": {"code": null, "type": "invalid_request_error"}}), "BadRequest"),
            (json!({"error": {"code": 429, "message": "m"}}), "RateLimited"),
            (json!({"object": "error", "type": "BadRequestError", "code": 400, "message": "m"}), "BadRequest"),
            (json!({"object": "error", "type": "rate_limited", "code": "1300", "message": "m"}), "RateLimited"),
            (kind("overloaded_error"), "Overloaded"),
            (kind("rate_limit_error"), "RateLimited"),
            (kind("authentication_error"), "Auth"),
            (kind("invalid_request_error"), "BadRequest"),
            (kind("request_too_large"), "TooLarge"),
            (kind("timeout_error"), "Timeout"),
            (kind("api_error"), "Unavailable"),
            (status(429, "RESOURCE_EXHAUSTED"), "RateLimited"),
            (status(503, "UNAVAILABLE"), "Overloaded"),
            (status(504, "DEADLINE_EXCEEDED"), "Timeout"),
            (status(403, "PERMISSION_DENIED"), "Auth"),
            (status(400, "INVALID_ARGUMENT"), "BadRequest"),
            (status(500, "INTERNAL"), "Unavailable"),
            (json!({"error": "an error was encountered while running the model"}), "Unavailable"),
        ] {
            is(&within(&piece), wanted);
        }
        for sound in [json!({"choices": []}), json!({"error": null}), json!([]), json!("text"), json!({"type": "ping"})]
        {
            assert!(in_answer(&sound).is_none(), "{sound}");
        }
    }

    /// The providers' own words, as people report them.
    #[test]
    fn a_conversation_that_is_too_long_is_recognised() {
        for words in [
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens.",
            "Your input exceeds the context window of this model.",
            "prompt is too long: 209353 tokens > 199999 maximum",
            "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease input length",
            "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
            "Prompt contains 300000 tokens, too large for model with 131072 maximum context length",
            "the request exceeds the available context size. try increasing the context size",
            "request (1407 tokens) exceeds the available context size (256 tokens), try increasing it",
            "The decoder prompt (length 88049) is longer than the maximum model length of 32768.",
            "prompt too long; exceeded max context length by 4096 tokens",
        ] {
            let told = json!({"error": {"code": 400, "message": words, "type": "invalid_request_error"}});
            is(&within(&told), "ContextOverflow");
            is(&within(&json!({"error": words})), "ContextOverflow");
            is(&of_status(StatusCode::BAD_REQUEST, told.to_string().as_bytes(), None), "ContextOverflow");
            is(&of_status(StatusCode::BAD_REQUEST, words.as_bytes(), None), "ContextOverflow");
        }
    }

    #[test]
    fn a_status_and_a_name_are_weighed() {
        let wait = Some(Duration::from_secs(3));
        let of =
            |status: u16, body: &str| of_status(StatusCode::from_u16(status).expect("status"), body.as_bytes(), wait);
        is(&of(429, r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#), "Auth");
        is(&of(429, r#"{"error":{"type":"invalid_request_error"}}"#), "RateLimited { retry_after: Some(3s) }");
        is(&of(401, r#"{"error":{"type":"invalid_request_error"}}"#), "Auth");
        is(&of(402, ""), "Auth");
        is(
            &of(
                400,
                r#"[{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]"#,
            ),
            "Auth",
        );
        // A limit by the minute that speaks of tokens, and one that no waiting mends.
        is(&of(429, r#"{"error":{"message":"exceeds the maximum number of tokens per minute"}}"#), "RateLimited");
        is(
            &of(413, r#"{"error":{"code":"rate_limit_exceeded","message":"Request too large for model `m`"}}"#),
            "TooLarge",
        );
        is(&of(500, r#"{"error":{"code":500,"type":"exceed_context_size_error"}}"#), "ContextOverflow");
        for (status, wanted) in [
            (400, "BadRequest"),
            (403, "Auth"),
            (404, "UnknownModel"),
            (408, "Timeout"),
            (413, "TooLarge"),
            (422, "BadRequest"),
            (429, "RateLimited"),
            (500, "Unavailable"),
            (502, "Unavailable"),
            (503, "Overloaded"),
            (504, "Timeout"),
            (529, "Overloaded"),
        ] {
            is(&of(status, "<html>no JSON</html>"), wanted);
        }
    }

    #[test]
    fn the_log_gets_codes_and_no_messages() {
        let told = json!({"error": {"code": "a b <script>", "type": "some_code", "message": "sk-secret said hello"}});
        let error = format!("{:?}", of_status(StatusCode::BAD_REQUEST, told.to_string().as_bytes(), None));
        assert_eq!(error, r#"BadRequest(Some("status 400, some_code"))"#);
    }
}
