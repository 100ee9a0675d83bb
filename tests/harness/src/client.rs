//! A client that checks every answer.

use std::{collections::VecDeque, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use shared_protocol::{
    chat::{ChatEvent, EventId},
    sse::SseParser,
};

use crate::validate::Document;

/// A caller, perhaps signed in.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    /// The server's origin.
    pub origin: String,
    pub(crate) document: Arc<Document>,
    /// The session that is sent as bearer token.
    pub token: Option<String>,
}

/// An answer that the document allows.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// JSON body, or the text, or null.
    pub body: Value,
}

impl Answer {
    /// The answer's body if it has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// Checks status and error code, and returns the body.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["error"].as_str()), (status, Some(code)), "{:#}", self.body);
        assert!(self.body["requestId"].as_str().is_some_and(|id| !id.is_empty()));
        self.body
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// The same caller with another session.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Nobody.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// A request to be completed and given to [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends and checks the answer against the document.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body =
            serde_json::from_str(&text).unwrap_or(if text.is_empty() { Value::Null } else { Value::String(text) });
        let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        self.document.check(&method, &path, status, &kind, &body);
        Answer { status, headers, body }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Asks in a new conversation and reads the events.
    pub async fn ask(&self, text: &str) -> Events {
        self.chat(json!({"messages": [{"role": "user", "content": text}]})).await
    }

    /// Asks in that conversation and reads the events.
    pub async fn ask_in(&self, conversation: &str, text: &str) -> Events {
        self.chat(json!({"conversationId": conversation, "messages": [{"role": "user", "content": text}]})).await
    }

    /// Starts a turn.
    pub async fn chat(&self, body: Value) -> Events {
        self.events(self.request(Method::POST, "/api/chat").json(&body)).await
    }

    /// Reads on after an event.
    pub async fn resume(&self, after: &str) -> Events {
        self.events(self.request(Method::POST, "/api/chat").header("last-event-id", after).json(&json!({}))).await
    }

    /// Sends a request whose answer is an event stream.
    pub async fn events(&self, request: RequestBuilder) -> Events {
        let response = request.send().await.unwrap();
        let status = response.status();
        assert!(status.is_success(), "{status}: {}", response.text().await.unwrap());
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().get("content-encoding").is_none());
        Events {
            body: Box::pin(response.bytes_stream()),
            parser: SseParser::new(),
            ready: VecDeque::new(),
            comments: 0,
        }
    }
}

/// Events as they come.
pub struct Events {
    body: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    parser: SseParser,
    ready: VecDeque<(EventId, ChatEvent)>,
    /// Heartbeats so far.
    pub comments: usize,
}

impl Events {
    /// The next event; none when the stream has ended or broken off.
    pub async fn next(&mut self) -> Option<(EventId, ChatEvent)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let piece = self.body.next().await?.ok()?;
            self.comments += piece.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b":")).count();
            for event in self.parser.push(&piece).unwrap() {
                let id = event.id.expect("every event has an id").parse().unwrap();
                self.ready
                    .push_back((id, ChatEvent::parse(&event.event, &event.data).unwrap().expect("a known event")));
            }
        }
    }

    /// The turn's `start`, which must be the next event.
    pub async fn start(&mut self) -> shared_protocol::chat::Start {
        match self.next().await {
            Some((id, ChatEvent::Start(start))) => {
                assert_eq!((id.seq, id.message_id), (1, start.message_id));
                start
            }
            other => panic!("not the start of a turn: {other:?}"),
        }
    }

    /// Reads up to the next piece of text.
    pub async fn token(&mut self) -> (EventId, String) {
        loop {
            match self.next().await.expect("more events") {
                (id, ChatEvent::Token(token)) => return (id, token.text),
                (_, ChatEvent::Start(_) | ChatEvent::TitleUpdate(_)) => {}
                (_, other) => panic!("not a token: {other:?}"),
            }
        }
    }

    /// Everything up to the end.
    pub async fn rest(mut self) -> Vec<(EventId, ChatEvent)> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    /// The whole text, the last event, and a check that numbers go up by one.
    pub async fn answer(self) -> (String, ChatEvent) {
        let events = self.rest().await;
        assert!(events.windows(2).all(|pair| pair[0].0.seq + 1 == pair[1].0.seq), "{events:?}");
        let text = text(&events);
        (text, events.into_iter().next_back().expect("a last event").1)
    }
}

/// The text of these events.
pub fn text(events: &[(EventId, ChatEvent)]) -> String {
    let token = |event: &ChatEvent| if let ChatEvent::Token(token) = event { Some(token.text.clone()) } else { None };
    events.iter().filter_map(|(_, event)| token(event)).collect()
}
