//! What is asked again, and when.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use models::{Delta, ModelError, ProviderKind, RetryPolicy};
use serde_json::json;

use super::{
    samples::{KINDS, framed, text, whole},
    server::{Reply, assert_is, read, request, server, server_with},
};

#[tokio::test]
async fn transient_faults_are_tried_again_and_final_ones_are_not() {
    let busy = || Reply::Status(429, &[("retry-after", "1")], "{}");
    let down = || Reply::Status(500, &[], "{}");
    let kind = ProviderKind::OpenAi;
    let works = server(kind, 99, vec![busy(), down(), down(), Reply::Bytes(whole(kind))]).await;
    assert!(read(&works.model).await.is_ok());
    let fails = server(kind, 99, vec![down(), down(), down(), down()]).await;
    assert!(matches!(read(&fails.model).await, Err(ModelError::Unavailable(_))));
    for (status, body, wanted) in [
        (401, "{}", "Auth"),
        (404, "{}", "UnknownModel"),
        (400, "{\"error\":{\"code\":\"context_length_exceeded\"}}", "ContextOverflow"),
        (422, "{}", "BadRequest"),
        (429, "{\"error\":{\"code\":\"insufficient_quota\"}}", "Auth"),
    ] {
        let server = server(kind, 99, vec![Reply::Status(status, &[], body)]).await;
        let error = read(&server.model).await.expect_err("a refusal");
        assert_is(&error, wanted, &status.to_string());
        assert!(!format!("{error:?} {error}").contains("sk-secret"));
    }
}

/// A sound status says nothing: until the first delta nobody has seen anything.
#[tokio::test]
async fn what_fails_before_the_first_delta_is_asked_again_in_every_format() {
    for kind in KINDS {
        let overloaded = match kind {
            ProviderKind::Anthropic => json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}),
            ProviderKind::Google => json!({"error": {"code": 503, "status": "UNAVAILABLE", "message": "m"}}),
            ProviderKind::Ollama => json!({"error": "an error was encountered while running the model"}),
            _ => json!({"error": {"code": "rate_limit_exceeded", "message": "m"}}),
        };
        let replies = vec![
            Reply::Bytes(framed(kind, &[overloaded])),
            Reply::Cut(b": beat\n".iter().copied().filter(|_| kind != ProviderKind::Ollama).collect()),
            Reply::Stall(Vec::new()),
            Reply::Bytes(whole(kind)),
        ];
        let server =
            server_with(kind, 99, replies, |settings| settings.first_token_timeout = Duration::from_millis(200)).await;
        let deltas = read(&server.model).await.expect("an answer");
        assert!(matches!(deltas.last(), Some(Delta::Finish { .. })), "{kind:?}");
        assert_eq!(server.count(), 4, "{kind:?}");
        let bodies = server.bodies();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{kind:?}");
    }
}

#[tokio::test]
async fn a_final_error_within_an_answer_is_not_asked_again() {
    let kind = ProviderKind::Anthropic;
    let refused = json!({"type": "error", "error": {"type": "authentication_error", "message": "m"}});
    let server = server(kind, 99, vec![Reply::Bytes(framed(kind, &[refused]))]).await;
    assert_is(&read(&server.model).await.expect_err("a refusal"), "Auth", "Anthropic");
}

/// Even when both come in the same packet.
#[tokio::test]
async fn what_came_before_a_fault_is_shown_and_not_asked_again() {
    for kind in KINDS {
        let bytes = framed(kind, &[text(kind, "Well"), json!({"error": {"type": "overloaded_error"}})]);
        let server = server(kind, 100_000, vec![Reply::Bytes(bytes)]).await;
        let mut stream = server.model.stream(request()).await.expect("a beginning");
        assert_eq!(stream.next().await.expect("a delta").expect("text"), Delta::Text("Well".to_owned()), "{kind:?}");
        assert!(matches!(stream.next().await, Some(Err(ModelError::Overloaded))), "{kind:?}");
        assert!(stream.next().await.is_none(), "{kind:?}");
    }
}

#[tokio::test]
async fn the_wait_that_the_provider_asks_for_is_kept() {
    let kind = ProviderKind::Anthropic;
    let longest_wait = Duration::from_millis(80);
    for status in [429, 503, 529] {
        let replies = vec![Reply::Status(status, &[("retry-after", "7")], "{}"), Reply::Bytes(whole(kind))];
        let server = server_with(kind, 99, replies, |settings| {
            settings.retry = RetryPolicy { retries: 3, first_wait: Duration::ZERO, longest_wait };
        })
        .await;
        let started = Instant::now();
        read(&server.model).await.expect("an answer");
        assert!(started.elapsed() >= longest_wait, "{status}");
    }
}
