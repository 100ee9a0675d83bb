//! A model server with the wire format of chat completions, whose answers the test decides.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// What the server does with the next question.
pub enum Script {
    /// Answers with these pieces.
    Pieces(Vec<String>),
    /// Answers with what comes through a valve.
    Valve(mpsc::UnboundedReceiver<String>),
    /// Refuses with that status.
    Status(u16),
    /// Refuses with that status and these words.
    Refusal(u16, &'static str),
    /// Sends these bytes as its whole answer.
    Raw(Vec<u8>),
    /// Sends these pieces and then nothing more, without end.
    Stall(Vec<String>),
}

impl Script {
    /// An answer of these words, each a piece.
    pub fn words(text: &str) -> Self {
        Self::Pieces(text.split_inclusive(' ').map(str::to_owned).collect())
    }

    /// An answer that the test lets out piece by piece.
    pub fn valve() -> (Self, Valve) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self::Valve(receiver), Valve(Some(sender)))
    }
}

/// Lets an answer out piece by piece. Dropping it ends the answer.
pub struct Valve(Option<mpsc::UnboundedSender<String>>);

impl Valve {
    /// Lets a piece out.
    pub fn send(&self, piece: &str) {
        self.0.as_ref().expect("an open valve").send(piece.to_owned()).expect("the model listens");
    }

    /// Ends the answer.
    pub fn end(mut self) {
        self.0.take();
    }

    /// Whether the server still reads, that is: has not cancelled.
    pub fn is_read(&self) -> bool {
        self.0.as_ref().is_some_and(|sender| !sender.is_closed())
    }

    /// Waits until the server has cancelled.
    pub async fn closed(&self) {
        self.0.as_ref().expect("an open valve").closed().await;
    }
}

#[derive(Default)]
struct State {
    scripts: Mutex<VecDeque<Script>>,
    requests: Mutex<Vec<Value>>,
}

/// The server.
#[derive(Clone)]
pub struct ScriptedModel {
    state: Arc<State>,
    /// Base address for clients.
    pub base: String,
}

/// The title that the server gives every conversation.
pub const TITLE: &str = "A scripted title";

impl ScriptedModel {
    /// Starts the server on a free port.
    pub async fn start() -> Self {
        let state = Arc::new(State::default());
        let shared = state.clone();
        let app = Router::new().route(
            "/v1/chat/completions",
            post(move |Json(request): Json<Value>| {
                let state = shared.clone();
                async move { answer(&state, &request) }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { state, base }
    }

    /// What to do with the next question; in order.
    pub fn next(&self, script: Script) {
        self.state.scripts.lock().unwrap().push_back(script);
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Value> {
        self.state.requests.lock().unwrap().clone()
    }
}

fn answer(state: &State, request: &Value) -> Response {
    let system = request["messages"][0]["content"].as_str().unwrap_or_default();
    if system.starts_with("Write a title") {
        return stream_of(&[TITLE.to_owned()]);
    }
    state.requests.lock().unwrap().push(request.clone());
    let script = state.scripts.lock().unwrap().pop_front();
    match script {
        None => {
            let messages = request["messages"].as_array().unwrap();
            let last = messages.last().unwrap()["content"].as_str().unwrap();
            let pieces: Vec<String> = format!("You said: {last}").split_inclusive(' ').map(str::to_owned).collect();
            stream_of(&pieces)
        }
        Some(Script::Pieces(pieces)) => stream_of(&pieces),
        Some(Script::Status(status)) => {
            (StatusCode::from_u16(status).unwrap(), Json(json!({"error": {}}))).into_response()
        }
        Some(Script::Refusal(status, words)) => {
            (StatusCode::from_u16(status).unwrap(), Json(json!({"error": {"message": words}}))).into_response()
        }
        Some(Script::Raw(bytes)) => Response::new(Body::from(bytes)),
        Some(Script::Stall(pieces)) => {
            let sent = stream::iter(pieces.into_iter().map(|piece| Ok::<_, Infallible>(chunk(&piece))));
            Response::new(Body::from_stream(sent.chain(stream::pending())))
        }
        Some(Script::Valve(receiver)) => {
            let pieces = stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|piece| (Ok::<_, Infallible>(chunk(&piece)), receiver))
            });
            Response::new(Body::from_stream(pieces.chain(stream::iter([Ok(end(1))]))))
        }
    }
}

fn stream_of(pieces: &[String]) -> Response {
    let count = pieces.len();
    let mut bytes: Vec<Result<Bytes, Infallible>> = pieces.iter().map(|piece| Ok(chunk(piece))).collect();
    bytes.push(Ok(end(count)));
    Response::new(Body::from_stream(stream::iter(bytes)))
}

fn chunk(text: &str) -> Bytes {
    let piece = json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {piece}\n\n").into()
}

fn end(count: usize) -> Bytes {
    let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": count}});
    format!("data: {stop}\n\ndata: {usage}\n\ndata: [DONE]\n\n").into()
}
