//! One answer in each wire format: "Grüß dich 😀" and a call of `find`, 7 tokens in and 5 out.

use models::ProviderKind;
use serde_json::{Value, json};

pub(super) const KINDS: [ProviderKind; 5] =
    [ProviderKind::OpenAi, ProviderKind::Mistral, ProviderKind::Anthropic, ProviderKind::Google, ProviderKind::Ollama];

/// The answer in the format of `kind`.
pub(super) fn whole(kind: ProviderKind) -> Vec<u8> {
    match kind {
        ProviderKind::Anthropic => anthropic(),
        ProviderKind::Google => google(),
        ProviderKind::Ollama => ollama(),
        _ => openai(),
    }
}

/// Pieces in the framing of `kind`.
pub(super) fn framed(kind: ProviderKind, pieces: &[Value]) -> Vec<u8> {
    let frame = |piece: &Value| match kind {
        ProviderKind::Ollama => format!("{piece}\n"),
        _ => format!("data: {piece}\n\n"),
    };
    pieces.iter().flat_map(|piece| frame(piece).into_bytes()).collect()
}

/// A piece of text in the format of `kind`.
pub(super) fn text(kind: ProviderKind, text: &str) -> Value {
    match kind {
        ProviderKind::Anthropic => {
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
        }
        ProviderKind::Google => json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]}),
        ProviderKind::Ollama => json!({"message": {"role": "assistant", "content": text}, "done": false}),
        _ => json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}),
    }
}

fn openai() -> Vec<u8> {
    let kind = ProviderKind::OpenAi;
    let chunk =
        |delta: Value, finish: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let mut bytes = b": beat\r\n\r\n".to_vec();
    bytes.extend(framed(
        kind,
        &[
            chunk(json!({"role": "assistant", "content": ""}), Value::Null),
            text(kind, "Grüß "),
            text(kind, "dich 😀"),
            chunk(
                json!({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "find", "arguments": "{\"q\":"}}]}),
                Value::Null,
            ),
            chunk(json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"x\"}"}}]}), Value::Null),
            chunk(json!({}), json!("tool_calls")),
            json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}),
        ],
    ));
    bytes.extend(b"data: [DONE]\n\n");
    bytes
}

fn anthropic() -> Vec<u8> {
    let kind = ProviderKind::Anthropic;
    framed(
        kind,
        &[
            json!({"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "ping"}),
            text(kind, "Grüß "),
            text(kind, "dich 😀"),
            json!({"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "c1", "name": "find", "input": {}}}),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"q\":"}}),
            json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "\"x\"}"}}),
            json!({"type": "content_block_stop", "index": 1}),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}}),
            json!({"type": "message_stop"}),
        ],
    )
}

fn google() -> Vec<u8> {
    let kind = ProviderKind::Google;
    framed(
        kind,
        &[
            text(kind, "Grüß "),
            text(kind, "dich 😀"),
            json!({"candidates": [{"content": {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {"q": "x"}}}]}}]}),
            json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5}}),
        ],
    )
}

fn ollama() -> Vec<u8> {
    let kind = ProviderKind::Ollama;
    framed(
        kind,
        &[
            text(kind, "Grüß "),
            text(kind, "dich 😀"),
            json!({"message": {"content": "", "tool_calls": [{"function": {"name": "find", "arguments": {"q": "x"}}}]}, "done": false}),
            json!({"message": {"content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 5}),
        ],
    )
}
