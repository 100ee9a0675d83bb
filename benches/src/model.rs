//! The model endpoint that the core, the peer and the direct calls are measured against: the wire
//! format of chat completions, tokens at a given rate, each stamped with the time of its birth.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{
    Json, Router,
    body::Body,
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::MissedTickBehavior;

/// What the endpoint answers.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    /// Tokens of an answer.
    pub tokens: u32,
    /// Pause between two tokens; none sends them all at once.
    pub pause: Option<Duration>,
    /// Whether the answer stays open after its tokens until the client leaves.
    pub hold: bool,
}

/// The zero of all time stamps.
static EPOCH: OnceLock<Instant> = OnceLock::new();

/// Nanoseconds since the first call.
pub(crate) fn now() -> u64 {
    u64::try_from(EPOCH.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Starts the endpoint; its base address for clients ends in `/v1`.
pub(crate) async fn start(script: Script) -> Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new()
        .route(
            "/v1/models",
            get(|| async { Json(json!({"object": "list", "data": [{"id": "bench", "object": "model"}]})) }),
        )
        .route("/v1/chat/completions", post(move |Json(request): Json<Value>| async move { answer(script, &request) }));
    tokio::spawn(async move { axum::serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), app).await });
    Ok(address)
}

fn answer(script: Script, request: &Value) -> Response {
    if request["stream"] != json!(true) {
        return Json(json!({
            "id": "c", "object": "chat.completion", "created": 0, "model": "bench",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "Bench"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        }))
        .into_response();
    }
    let mut ticks = script.pause.map(tokio::time::interval);
    if let Some(ticks) = &mut ticks {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let body = stream::unfold((0_u32, ticks), move |(sent, mut ticks)| async move {
        if sent < script.tokens {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            return Some((
                Ok::<_, Infallible>(chunk(&json!({"content": format!("#{sent}@{} ", now())}), None)),
                (sent + 1, ticks),
            ));
        }
        if sent == script.tokens {
            if script.hold {
                std::future::pending::<()>().await;
            }
            return Some((Ok(closing(script.tokens)), (sent + 1, ticks)));
        }
        None
    });
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], Body::from_stream(body))
        .into_response()
}

fn chunk(delta: &Value, finish: Option<&str>) -> Bytes {
    let data = json!({
        "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "bench",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]
    });
    Bytes::from(format!("data: {data}\n\n"))
}

fn closing(tokens: u32) -> Bytes {
    let usage = json!({
        "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "bench", "choices": [],
        "usage": {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}
    });
    let mut last = chunk(&json!({}), Some("stop")).to_vec();
    last.extend_from_slice(format!("data: {usage}\n\ndata: [DONE]\n\n").as_bytes());
    Bytes::from(last)
}
