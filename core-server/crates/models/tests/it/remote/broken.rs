//! Answers that break off, never end or make no sense, in every format.

use std::time::Duration;

use models::{ModelError, ProviderKind};
use serde_json::{Value, json};

use super::{
    samples::{KINDS, framed, text, whole},
    server::{Reply, assert_is, read, server},
};

/// The fault that `reply` ends in. As many times as it may be asked, the server answers the same.
async fn fault(kind: ProviderKind, reply: Reply, requests: usize) -> ModelError {
    let server = server(kind, 64 * 1024, vec![reply; 4]).await;
    let error = read(&server.model).await.expect_err("a fault");
    assert_eq!(server.count(), requests, "{kind:?}: {error:?}");
    error
}

fn piece(kind: ProviderKind, bytes: &[u8]) -> Reply {
    let (before, after): (&[u8], &[u8]) = match kind {
        ProviderKind::Ollama => (b"", b"\n"),
        _ => (b"data: ", b"\n\n"),
    };
    Reply::Bytes([before, bytes, after].concat())
}

#[tokio::test]
async fn broken_answers_end_in_clear_errors_in_every_format() {
    for kind in KINDS {
        let whole = whole(kind);
        let half = whole[..whole.len() / 2].to_vec();
        // The last number is how many requests it takes: what may go well the next time is asked
        // again, but not after somebody has seen a part of the answer.
        let cases: Vec<(&str, Reply, &str, usize)> = vec![
            ("half", Reply::Bytes(half.clone()), "Unavailable", 1),
            ("cut", Reply::Cut(half.clone()), "Unavailable", 1),
            ("stall", Reply::Stall(half), "Timeout", 1),
            ("empty", Reply::Bytes(Vec::new()), "Unavailable", 4),
            ("a page", Reply::Bytes(b"<html>Bad gateway</html>".to_vec()), "Unavailable", 4),
            ("nonsense", piece(kind, b"nonsense"), "Malformed", 1),
            ("bytes", piece(kind, b"{\"choices\": \"\xff\xfe\"}"), "Malformed", 1),
            ("a long line", Reply::Bytes(vec![b'x'; 10 << 20]), "Malformed", 1),
            ("500", Reply::Status(500, &[], "{}"), "Unavailable", 4),
            ("422", Reply::Status(422, &[], "{}"), "BadRequest", 1),
        ];
        for (name, reply, wanted, requests) in cases {
            assert_is(&fault(kind, reply, requests).await, wanted, &format!("{kind:?}, {name}"));
        }
    }
}

/// None of them has a line that is too long.
#[tokio::test]
async fn answers_without_an_end_are_given_up_in_every_format() {
    for kind in KINDS {
        let long = framed(kind, &vec![text(kind, &"x".repeat(4096)); 16]);
        assert_is(&fault(kind, Reply::Endless(Vec::new(), long), 1).await, "Malformed", &format!("{kind:?}, text"));
        let idle = if kind == ProviderKind::Ollama { "\n" } else { ": beat\n\n" }.repeat(8192).into_bytes();
        assert_is(&fault(kind, Reply::Endless(Vec::new(), idle), 1).await, "Malformed", &format!("{kind:?}, idle"));
    }
    let open = b"data: x\n".repeat(8192);
    assert_is(&fault(ProviderKind::OpenAi, Reply::Endless(Vec::new(), open), 1).await, "Malformed", "an open piece");
    let fragment =
        json!({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "x".repeat(4096)}}]}}]});
    let call = framed(ProviderKind::OpenAi, &vec![fragment; 16]);
    assert_is(&fault(ProviderKind::OpenAi, Reply::Endless(Vec::new(), call), 1).await, "Malformed", "an endless call");
}

#[tokio::test]
async fn errors_within_an_answer_keep_their_meaning_in_every_format() {
    let openai = |code: &str| json!({"error": {"code": code, "message": "m"}});
    let anthropic = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "m"}});
    let google = |code: u16, status: &str| json!({"error": {"code": code, "status": status, "message": "m"}});
    let too_long = "The input token count (9) exceeds the maximum number of tokens allowed (8).";
    let cases: Vec<(ProviderKind, Value, &str)> = vec![
        (ProviderKind::OpenAi, openai("rate_limit_exceeded"), "RateLimited"),
        (ProviderKind::OpenAi, openai("insufficient_quota"), "Auth"),
        (ProviderKind::OpenAi, openai("context_length_exceeded"), "ContextOverflow"),
        (ProviderKind::OpenAi, openai("server_error"), "Unavailable"),
        (ProviderKind::Mistral, json!({"object": "error", "type": "rate_limited", "message": "m"}), "RateLimited"),
        (ProviderKind::Anthropic, anthropic("overloaded_error"), "Overloaded"),
        (ProviderKind::Anthropic, anthropic("rate_limit_error"), "RateLimited"),
        (ProviderKind::Anthropic, anthropic("invalid_request_error"), "BadRequest"),
        (ProviderKind::Anthropic, anthropic("authentication_error"), "Auth"),
        (ProviderKind::Google, google(429, "RESOURCE_EXHAUSTED"), "RateLimited"),
        (ProviderKind::Google, google(503, "UNAVAILABLE"), "Overloaded"),
        (ProviderKind::Google, json!({"error": {"code": 400, "message": too_long}}), "ContextOverflow"),
        (ProviderKind::Ollama, json!({"error": "llama runner process has terminated"}), "Unavailable"),
        (ProviderKind::Ollama, json!({"error": "the input length exceeds the context length"}), "ContextOverflow"),
    ];
    for (kind, error, wanted) in cases {
        // After text, so that nothing is asked again.
        let bytes = framed(kind, &[text(kind, "Well"), error.clone()]);
        assert_is(&fault(kind, Reply::Bytes(bytes), 1).await, wanted, &format!("{kind:?}: {error}"));
    }
}

/// Without a limit of time on the body, this would wait for ever.
#[tokio::test]
async fn a_refusal_whose_body_never_comes_is_judged_by_its_status() {
    for kind in KINDS {
        let reply = Reply::StatusStall(401, &[]);
        let error = tokio::time::timeout(Duration::from_secs(10), fault(kind, reply, 1)).await.expect("an end");
        assert_is(&error, "Auth", &format!("{kind:?}"));
    }
}
