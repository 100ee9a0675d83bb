//! What is sent: addresses, headers and bodies.

use futures_util::StreamExt as _;
use models::{ChatRequest, Message, ProviderKind, ToolCall, ToolSpec};
use serde_json::{Value, json};

use super::{
    samples::{KINDS, whole},
    server::{Asked, Reply, server, server_with},
};

fn parameters() -> Value {
    json!({"type": "object", "properties": {"q": {"type": "string"}}})
}

/// A conversation in which two tools were called at once.
fn conversation() -> ChatRequest {
    let call = |id: &str, q: &str| ToolCall { id: id.to_owned(), name: "find".to_owned(), arguments: json!({"q": q}) };
    let result = |id: &str, content: &str| Message::Tool { call_id: id.to_owned(), content: content.to_owned() };
    ChatRequest {
        messages: vec![
            Message::System("Be brief.".to_owned()),
            Message::User("Hi".to_owned()),
            Message::Assistant { content: "Looking.".to_owned(), tool_calls: vec![call("a1", "x"), call("a2", "y")] },
            result("a1", "one"),
            result("a2", "two"),
        ],
        tools: vec![ToolSpec { name: "find".to_owned(), description: "Finds.".to_owned(), parameters: parameters() }],
        temperature: Some(0.5),
        max_output_tokens: Some(64),
        stop: vec!["END".to_owned()],
    }
}

async fn asked(kind: ProviderKind) -> Asked {
    let server = server(kind, 9999, vec![Reply::Bytes(whole(kind))]).await;
    let mut stream = server.model.stream(conversation()).await.expect("an answer");
    while stream.next().await.is_some() {}
    server.asked.lock().expect("lock").remove(0)
}

/// The server stands where the provider's usual address has its path.
#[tokio::test]
async fn each_format_asks_at_its_address_with_its_credentials() {
    for kind in KINDS {
        let asked = asked(kind).await;
        let (path, key) = match kind {
            ProviderKind::Anthropic => ("/v1/messages", ("x-api-key", "sk-secret")),
            ProviderKind::Google => ("/v1beta/models/m:streamGenerateContent?alt=sse", ("x-goog-api-key", "sk-secret")),
            ProviderKind::Ollama => ("/api/chat", ("authorization", "Bearer sk-secret")),
            _ => ("/v1/chat/completions", ("authorization", "Bearer sk-secret")),
        };
        assert_eq!(asked.path, path, "{kind:?}");
        let carriers: Vec<_> = asked
            .headers
            .iter()
            .filter(|(_, value)| value.to_str().is_ok_and(|value| value.contains("sk-secret")))
            .collect();
        assert_eq!(carriers.len(), 1, "{kind:?}: the key is in one header and nowhere else");
        assert_eq!((carriers[0].0.as_str(), carriers[0].1.to_str().expect("text")), key, "{kind:?}");
        assert!(!asked.body.to_string().contains("sk-secret"), "{kind:?}");
        assert_eq!(asked.headers["content-type"], "application/json", "{kind:?}");
        let version = asked.headers.get("anthropic-version").map(|value| value.to_str().expect("text"));
        assert_eq!(version, (kind == ProviderKind::Anthropic).then_some("2023-06-01"), "{kind:?}");
    }
}

#[tokio::test]
async fn chat_completions_are_encoded() {
    let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "find", "arguments": arguments}});
    let mut wanted = json!({
        "model": "m",
        "stream": true,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Looking.", "tool_calls": [call("a1", "{\"q\":\"x\"}"), call("a2", "{\"q\":\"y\"}")]},
            {"role": "tool", "tool_call_id": "a1", "content": "one"},
            {"role": "tool", "tool_call_id": "a2", "content": "two"},
        ],
        "tools": [{"type": "function", "function": {"name": "find", "description": "Finds.", "parameters": parameters()}}],
        "temperature": 0.5,
        "max_tokens": 64,
        "stop": ["END"],
    });
    assert_eq!(asked(ProviderKind::Mistral).await.body, wanted);
    wanted["stream_options"] = json!({"include_usage": true});
    assert_eq!(asked(ProviderKind::OpenAi).await.body, wanted);
}

#[tokio::test]
async fn anthropic_is_encoded() {
    let result = |id: &str, content: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": content}]});
    let wanted = json!({
        "model": "m",
        "stream": true,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "a1", "name": "find", "input": {"q": "x"}},
                {"type": "tool_use", "id": "a2", "name": "find", "input": {"q": "y"}},
            ]},
            result("a1", "one"),
            result("a2", "two"),
        ],
        "tools": [{"name": "find", "description": "Finds.", "input_schema": parameters()}],
        "temperature": 0.5,
        "max_tokens": 64,
        "stop_sequences": ["END"],
    });
    assert_eq!(asked(ProviderKind::Anthropic).await.body, wanted);
}

#[tokio::test]
async fn google_is_encoded() {
    let result = |content: &str| json!({"functionResponse": {"name": "find", "response": {"result": content}}});
    let wanted = json!({
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [
                {"text": "Looking."},
                {"functionCall": {"name": "find", "args": {"q": "x"}}},
                {"functionCall": {"name": "find", "args": {"q": "y"}}},
            ]},
            {"role": "user", "parts": [result("one"), result("two")]},
        ],
        "tools": [{"functionDeclarations": [{"name": "find", "description": "Finds.", "parameters": parameters()}]}],
        "generationConfig": {"temperature": 0.5, "maxOutputTokens": 64, "stopSequences": ["END"]},
    });
    assert_eq!(asked(ProviderKind::Google).await.body, wanted);
}

#[tokio::test]
async fn ollama_is_encoded() {
    let call = |q: &str| json!({"function": {"name": "find", "arguments": {"q": q}}});
    let wanted = json!({
        "model": "m",
        "stream": true,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Looking.", "tool_calls": [call("x"), call("y")]},
            {"role": "tool", "content": "one"},
            {"role": "tool", "content": "two"},
        ],
        "tools": [{"type": "function", "function": {"name": "find", "description": "Finds.", "parameters": parameters()}}],
        "options": {"num_ctx": 8192, "temperature": 0.5, "num_predict": 64, "stop": ["END"]},
    });
    assert_eq!(asked(ProviderKind::Ollama).await.body, wanted);
}

/// Ollama would cut the prompt, without a word, at a default of its own.
#[tokio::test]
async fn ollama_is_told_our_window() {
    let kind = ProviderKind::Ollama;
    for (setting, wanted) in [(None, 8192), (Some(32_768), 32_768)] {
        let server = server_with(kind, 9999, vec![Reply::Bytes(whole(kind))], |settings| {
            settings.context_window = setting;
        })
        .await;
        assert_eq!(server.model.context_window(), wanted);
        drop(server.model.stream(conversation()).await.expect("an answer"));
        assert_eq!(server.bodies()[0]["options"]["num_ctx"], wanted);
    }
    let other = server(ProviderKind::OpenAi, 9999, Vec::new()).await;
    assert_eq!(other.model.context_window(), 128_000);
}
