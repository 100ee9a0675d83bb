//! Each wire format against a server that answers with scripted bytes, in whole and in pieces.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::StatusCode,
    response::Response,
    routing::post,
};
use futures_util::{StreamExt as _, stream};
use models::{
    ChatRequest, Delta, FinishReason, LocalModels, Message, ModelError, ProviderKind, ProviderSettings, RetryPolicy,
    SharedModel, build,
};
use serde_json::{Value, json};

/// What the server answers to one request.
enum Reply {
    Bytes(Vec<u8>),
    /// These bytes, and then silence.
    Stall(Vec<u8>),
    Status(u16, &'static [(&'static str, &'static str)], &'static str),
}

struct Server {
    model: SharedModel,
    requests: Arc<Mutex<Vec<Value>>>,
}

/// A server for `kind` that gives the replies in order, cut into pieces of `cut` bytes.
async fn server(kind: ProviderKind, cut: usize, replies: Vec<Reply>) -> Server {
    let replies = Arc::new(Mutex::new(replies.into_iter().collect::<std::collections::VecDeque<_>>()));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    let answer = move |body: Bytes| {
        seen.lock().expect("lock").push(serde_json::from_slice(&body).expect("a JSON request"));
        let reply = replies.lock().expect("lock").pop_front().expect("one more request than replies");
        async move {
            match reply {
                Reply::Status(status, headers, body) => {
                    let mut response = Response::builder().status(StatusCode::from_u16(status).expect("status"));
                    for (name, value) in headers {
                        response = response.header(*name, *value);
                    }
                    response.body(Body::from(body)).expect("response")
                }
                Reply::Bytes(bytes) => Response::new(pieces(&bytes, cut, false)),
                Reply::Stall(bytes) => Response::new(pieces(&bytes, cut, true)),
            }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let router = Router::new().fallback(post(answer));
    #[expect(clippy::disallowed_methods, reason = "a test server")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut settings = ProviderSettings::of(kind);
    settings.base_url = Some(format!("http://{address}/v1").parse().expect("url"));
    settings.api_key = Some("sk-secret".into());
    settings.model = Some("m".to_owned());
    settings.retry = RetryPolicy { retries: 3, first_wait: Duration::ZERO, longest_wait: Duration::ZERO };
    settings.stall_timeout = Duration::from_millis(200);
    #[expect(clippy::disallowed_methods, reason = "a test client")]
    let http = reqwest::Client::new();
    let local = LocalModels::new("/nonexistent".into(), Duration::from_secs(1));
    Server { model: build(&settings, http, &local).expect("settings"), requests }
}

fn pieces(bytes: &[u8], cut: usize, stall: bool) -> Body {
    let parts: Vec<Result<Bytes, Infallible>> =
        bytes.chunks(cut).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    let parts = stream::iter(parts);
    if stall { Body::from_stream(parts.chain(stream::pending())) } else { Body::from_stream(parts) }
}

fn request() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::System("Be brief.".to_owned()), Message::User("Hi".to_owned())],
        ..ChatRequest::default()
    }
}

async fn read(model: &SharedModel) -> Result<Vec<Delta>, ModelError> {
    let mut stream = model.stream(request()).await?;
    let mut deltas = Vec::new();
    while let Some(delta) = stream.next().await {
        deltas.push(delta?);
    }
    Ok(deltas)
}

fn events(pieces: &[Value]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| format!("data: {piece}\n\n").into_bytes()).collect()
}

fn openai() -> Vec<u8> {
    let chunk =
        |delta: Value, finish: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let mut bytes = b": beat\r\n\r\n".to_vec();
    bytes.extend(events(&[
        chunk(json!({"role": "assistant", "content": ""}), Value::Null),
        chunk(json!({"content": "Grüß "}), Value::Null),
        chunk(json!({"content": "dich 😀"}), Value::Null),
        chunk(
            json!({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "find", "arguments": "{\"q\":"}}]}),
            Value::Null,
        ),
        chunk(json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"x\"}"}}]}), Value::Null),
        chunk(json!({}), json!("tool_calls")),
        json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}}),
    ]));
    bytes.extend(b"data: [DONE]\n\n");
    bytes
}

fn anthropic() -> Vec<u8> {
    events(&[
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Grüß "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "dich 😀"}}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "c1", "name": "find", "input": {}}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"q\":"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "\"x\"}"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ])
}

fn google() -> Vec<u8> {
    let chunk = |parts: Value| json!({"candidates": [{"content": {"role": "model", "parts": parts}}]});
    events(&[
        chunk(json!([{"text": "Grüß "}])),
        chunk(json!([{"text": "dich 😀"}])),
        chunk(json!([{"functionCall": {"name": "find", "args": {"q": "x"}}}])),
        json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5}}),
    ])
}

fn ollama() -> Vec<u8> {
    [
        json!({"message": {"role": "assistant", "content": "Grüß "}, "done": false}),
        json!({"message": {"role": "assistant", "content": "dich 😀"}, "done": false}),
        json!({"message": {"content": "", "tool_calls": [{"function": {"name": "find", "arguments": {"q": "x"}}}]}, "done": false}),
        json!({"message": {"content": ""}, "done": true, "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 5}),
    ]
    .iter()
    .flat_map(|piece| format!("{piece}\n").into_bytes())
    .collect()
}

#[tokio::test]
async fn every_format_gives_the_same_answer_however_it_is_cut() {
    for (kind, bytes) in [
        (ProviderKind::OpenAi, openai()),
        (ProviderKind::Mistral, openai()),
        (ProviderKind::Anthropic, anthropic()),
        (ProviderKind::Google, google()),
        (ProviderKind::Ollama, ollama()),
    ] {
        for cut in [1, 7, 100_000] {
            let server = server(kind, cut, vec![Reply::Bytes(bytes.clone())]).await;
            let deltas = read(&server.model).await.expect("an answer");
            let text: String = deltas
                .iter()
                .filter_map(|delta| if let Delta::Text(text) = delta { Some(text.as_str()) } else { None })
                .collect();
            assert_eq!(text, "Grüß dich 😀", "{kind:?}");
            let calls: Vec<_> = deltas
                .iter()
                .filter_map(|delta| if let Delta::ToolCall(call) = delta { Some(call) } else { None })
                .collect();
            assert_eq!(
                (calls.len(), calls[0].name.as_str(), &calls[0].arguments),
                (1, "find", &json!({"q": "x"})),
                "{kind:?}"
            );
            let Some(Delta::Finish { reason: FinishReason::ToolCalls, usage }) = deltas.last() else {
                panic!("{kind:?}: {deltas:?}")
            };
            assert_eq!((usage.input, usage.output), (7, 5), "{kind:?}");
            let sent = server.requests.lock().expect("lock")[0].to_string();
            assert!(sent.contains("Be brief.") && sent.contains("Hi"), "{kind:?}: {sent}");
        }
    }
}

#[tokio::test]
async fn transient_faults_are_tried_again_and_final_ones_are_not() {
    let busy = || Reply::Status(429, &[("retry-after", "1")], "{}");
    let down = || Reply::Status(500, &[], "{}");
    let works = server(ProviderKind::OpenAi, 99, vec![busy(), down(), down(), Reply::Bytes(openai())]).await;
    assert!(read(&works.model).await.is_ok());
    let fails = server(ProviderKind::OpenAi, 99, vec![down(), down(), down(), down()]).await;
    assert!(matches!(read(&fails.model).await, Err(ModelError::Unavailable(_))));
    for (status, body, wanted) in [
        (401, "{}", "Auth"),
        (404, "{}", "UnknownModel"),
        (400, "{\"error\":{\"code\":\"context_length_exceeded\"}}", "ContextOverflow"),
        (422, "{}", "BadRequest"),
    ] {
        let server = server(ProviderKind::OpenAi, 99, vec![Reply::Status(status, &[], body)]).await;
        let error = read(&server.model).await.expect_err("a refusal");
        assert!(format!("{error:?}").starts_with(wanted), "{status}: {error:?}");
        assert!(!format!("{error:?} {error}").contains("sk-secret"));
    }
}

#[tokio::test]
async fn broken_answers_end_in_clear_errors() {
    let whole = openai();
    let half = whole[..whole.len() / 2].to_vec();
    let cases: Vec<(Reply, &str)> = vec![
        (Reply::Bytes(half.clone()), "Unavailable"),
        (Reply::Stall(half), "Timeout"),
        (Reply::Bytes(b"data: nonsense\n\n".to_vec()), "Malformed"),
        (Reply::Bytes(b"<html>Bad gateway</html>".to_vec()), "Unavailable"),
        (Reply::Bytes(b"data: {\"choices\": \"\xff\xfe\"}\n\n".to_vec()), "Malformed"),
        (Reply::Bytes(vec![b'x'; 10 << 20]), "Malformed"),
        (Reply::Bytes(b"data: {\"error\":{\"code\":\"server_error\"}}\n\n".to_vec()), "Unavailable"),
    ];
    for (reply, wanted) in cases {
        let server = server(ProviderKind::OpenAi, 4096, vec![reply]).await;
        let error = read(&server.model).await.expect_err("a fault");
        assert!(format!("{error:?}").starts_with(wanted), "{wanted}: {error:?}");
    }
}
