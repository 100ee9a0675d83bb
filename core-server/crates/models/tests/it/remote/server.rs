//! The scripted server, and a model that asks it.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::post,
};
use futures_util::{StreamExt as _, stream};
use models::{
    ChatRequest, Delta, LocalModels, Message, ModelError, ProviderKind, ProviderSettings, RetryPolicy, SharedModel,
    build,
};
use serde_json::Value;

pub(super) type Headers = &'static [(&'static str, &'static str)];

/// What the server answers to one request.
#[derive(Clone)]
pub(super) enum Reply {
    Bytes(Vec<u8>),
    /// These bytes, and then silence.
    Stall(Vec<u8>),
    /// These bytes, and then the connection is gone.
    Cut(Vec<u8>),
    /// These bytes, and then others again and again.
    Endless(Vec<u8>, Vec<u8>),
    Status(u16, Headers, &'static str),
    /// A status whose body never comes.
    StatusStall(u16, Headers),
}

/// What the server was asked.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

pub(super) struct Server {
    pub(super) model: SharedModel,
    pub(super) asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(super) fn count(&self) -> usize {
        self.asked.lock().expect("lock").len()
    }

    pub(super) fn bodies(&self) -> Vec<Value> {
        self.asked.lock().expect("lock").iter().map(|asked| asked.body.clone()).collect()
    }
}

struct Script {
    replies: Mutex<VecDeque<Reply>>,
    cut: usize,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The part of the provider's usual address that is its path.
fn base_path(kind: ProviderKind) -> String {
    let usual = kind.default_base_url().expect("an address");
    usual.path().trim_end_matches('/').to_owned()
}

/// A server for `kind` that gives the replies in order, cut into pieces of `cut` bytes.
pub(super) async fn server(kind: ProviderKind, cut: usize, replies: Vec<Reply>) -> Server {
    server_with(kind, cut, replies, |_| {}).await
}

/// The same, with other settings.
pub(super) async fn server_with(
    kind: ProviderKind,
    cut: usize,
    replies: Vec<Reply>,
    change: impl FnOnce(&mut ProviderSettings),
) -> Server {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let script = Arc::new(Script { replies: Mutex::new(replies.into()), cut, asked: asked.clone() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let router = Router::new().fallback(post(answer)).with_state(script);
    #[expect(clippy::disallowed_methods, reason = "a test server")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut settings = ProviderSettings::of(kind);
    settings.base_url = Some(format!("http://{address}{}", base_path(kind)).parse().expect("url"));
    settings.api_key = Some("sk-secret".into());
    settings.model = Some("m".to_owned());
    settings.retry = RetryPolicy { retries: 3, first_wait: Duration::ZERO, longest_wait: Duration::ZERO };
    settings.stall_timeout = Duration::from_millis(200);
    change(&mut settings);
    #[expect(clippy::disallowed_methods, reason = "a test client")]
    let http = reqwest::Client::new();
    let local = LocalModels::new("/nonexistent".into(), Duration::from_secs(1));
    Server { model: build(&settings, http, &local).expect("settings"), asked }
}

async fn answer(State(script): State<Arc<Script>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = serde_json::from_slice(&body).expect("a JSON request");
    script.asked.lock().expect("lock").push(Asked { path: uri.to_string(), headers, body });
    let reply = script.replies.lock().expect("lock").pop_front().expect("one more request than replies");
    let sent = |bytes: &[u8]| {
        let parts: Vec<io::Result<Bytes>> =
            bytes.chunks(script.cut).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        stream::iter(parts)
    };
    let with_status = |status: u16, headers: Headers| {
        let mut response = Response::builder().status(StatusCode::from_u16(status).expect("status"));
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response
    };
    match reply {
        Reply::Bytes(bytes) => Response::new(Body::from_stream(sent(&bytes))),
        Reply::Stall(bytes) => Response::new(Body::from_stream(sent(&bytes).chain(stream::pending()))),
        Reply::Cut(bytes) => {
            let end = stream::once(async {
                // While a body waits, what it gave before is sent.
                tokio::task::yield_now().await;
                Err(io::Error::other("cut"))
            });
            Response::new(Body::from_stream(sent(&bytes).chain(end)))
        }
        Reply::Endless(first, again) => {
            let again = stream::repeat(Bytes::from(again)).map(Ok);
            Response::new(Body::from_stream(sent(&first).chain(again)))
        }
        Reply::Status(status, headers, body) => with_status(status, headers).body(Body::from(body)).expect("response"),
        Reply::StatusStall(status, headers) => with_status(status, headers)
            .body(Body::from_stream(stream::pending::<io::Result<Bytes>>()))
            .expect("response"),
    }
}

pub(super) fn request() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::System("Be brief.".to_owned()), Message::User("Hi".to_owned())],
        ..ChatRequest::default()
    }
}

/// The whole answer, or the fault that ended it.
pub(super) async fn read(model: &SharedModel) -> Result<Vec<Delta>, ModelError> {
    let mut stream = model.stream(request()).await?;
    let mut deltas = Vec::new();
    while let Some(delta) = stream.next().await {
        deltas.push(delta?);
    }
    Ok(deltas)
}

pub(super) fn assert_is(error: &ModelError, wanted: &str, of: &str) {
    assert!(format!("{error:?}").starts_with(wanted), "{of}: {wanted}, not {error:?}");
}
