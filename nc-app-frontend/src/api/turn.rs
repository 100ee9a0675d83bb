//! Follows one turn to its end: over a stream, over a stream that breaks and is taken up again, or,
//! where nothing streams, by asking for what is new.

use std::cell::Cell;

use gloo_timers::future::TimeoutFuture;
use shared_protocol::{
    ConversationId, MessageId,
    api::{LAST_EVENT_ID_HEADER, MAX_POLL_SECONDS},
    chat::{ChatEvent, ChatRequest, EventId, EventPage},
    sse::SseParser,
};
use web_sys::{AbortSignal, Response};

use super::{
    Api, Failure,
    client::NOTHING,
    wire::{Body, Piece},
};

/// Waits between tries to take up a broken stream, in milliseconds.
const BACK_OFF: [u32; 5] = [500, 1_000, 2_000, 4_000, 8_000];
/// How long the first byte may take: `start` is sent at once, so silence means that something buffers.
const FIRST_BYTE: u32 = 10_000;
/// How long a stream may be silent: the server sends a heartbeat every 15 seconds.
const HEARTBEAT: u32 = 40_000;

thread_local! {
    /// Whether something on the way buffers streams; found once, true until the page is left.
    static BUFFERED: Cell<bool> = const { Cell::new(false) };
}

/// What happens while a turn is followed.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// An event of the turn, with its number.
    Event(u64, ChatEvent),
    /// The connection is lost; the given try to get it back begins.
    Lost(u32),
    /// The connection is there again.
    Back,
    /// The turn could not be begun, or is not known.
    Refused(Failure),
    /// The connection could not be had back; the turn may still run.
    GaveUp,
}

/// How a reading ended.
enum End {
    Whole,
    Broken,
    Buffered,
}

/// Follows one turn.
pub struct Follower {
    api: Api,
    abort: AbortSignal,
    tell: Box<dyn Fn(Signal)>,
    turn: Cell<Option<EventId>>,
}

impl Follower {
    /// A follower that tells `tell` of everything, until `abort` says stop.
    pub fn new(api: Api, abort: AbortSignal, tell: impl Fn(Signal) + 'static) -> Self {
        Self { api, abort, tell: Box::new(tell), turn: Cell::new(None) }
    }

    /// Begins a turn and follows it to its end.
    pub async fn begin(self, mut request: ChatRequest) {
        if BUFFERED.get() {
            match self.begin_buffered(&mut request).await {
                Ok(message) => self.resume(EventId { message_id: message, seq: 0 }).await,
                Err(failure) => self.tell(Signal::Refused(failure)),
            }
            return;
        }
        let accept = [("accept", "text/event-stream")];
        match self.api.send("POST", "/api/chat", Some(&request), &accept, Some(&self.abort)).await {
            Ok(response) => match self.read(&response).await {
                End::Whole => {}
                End::Broken => self.go_on(request.conversation_id).await,
                End::Buffered => {
                    BUFFERED.set(true);
                    self.go_on(request.conversation_id).await;
                }
            },
            // The request may have arrived although its answer did not.
            Err(Failure::Offline) => {
                let running = match request.conversation_id {
                    Some(id) => self.find(Some(id)).await,
                    None => None,
                };
                match running {
                    Some(message) => self.resume(EventId { message_id: message, seq: 0 }).await,
                    None => self.tell(Signal::Refused(Failure::Offline)),
                }
            }
            Err(failure) => self.tell(Signal::Refused(failure)),
        }
    }

    /// Takes up a turn after the given event.
    pub async fn resume(self, after: EventId) {
        self.turn.set(Some(after));
        self.go_on(None).await;
    }

    /// Reads on until the turn's end, through breaks.
    async fn go_on(&self, conversation: Option<ConversationId>) {
        let mut tries = 0;
        loop {
            if self.abort.aborted() {
                return;
            }
            if self.turn.get().is_none() {
                let found = self.find(conversation).await;
                self.turn.set(found.map(|message_id| EventId { message_id, seq: 0 }));
            }
            let Some(before) = self.turn.get() else {
                return self.tell(Signal::Refused(Failure::Offline));
            };
            let end = if BUFFERED.get() { self.poll(before).await } else { self.reopen(before).await };
            match end {
                Ok(End::Whole) | Err(Failure::Aborted) => return,
                Ok(End::Buffered) => BUFFERED.set(true),
                Ok(End::Broken) => {}
                Err(failure) if failure.is_passing() => {}
                Err(failure) => return self.tell(Signal::Refused(failure)),
            }
            if self.turn.get() != Some(before) {
                tries = 0;
            }
            let Some(wait) = BACK_OFF.get(tries) else { return self.tell(Signal::GaveUp) };
            tries += 1;
            self.tell(Signal::Lost(u32::try_from(tries).unwrap_or(u32::MAX)));
            TimeoutFuture::new(*wait).await;
        }
    }

    async fn reopen(&self, after: EventId) -> Result<End, Failure> {
        // A resume is told by its header; its body is an empty object.
        let header = after.to_string();
        let headers = [("accept", "text/event-stream"), (LAST_EVENT_ID_HEADER, header.as_str())];
        let empty = serde_json::json!({});
        let response = self.api.send("POST", "/api/chat", Some(&empty), &headers, Some(&self.abort)).await?;
        self.tell(Signal::Back);
        Ok(self.read(&response).await)
    }

    async fn read(&self, response: &Response) -> End {
        let Some(body) = Body::of(response) else { return End::Buffered };
        let mut parser = SseParser::new();
        let mut patience = FIRST_BYTE;
        loop {
            match body.next(patience).await {
                Piece::Bytes(bytes) => {
                    patience = HEARTBEAT;
                    let Ok(events) = parser.push(&bytes) else { return End::Broken };
                    for event in events {
                        let id = event.id.as_deref().and_then(|id| id.parse::<EventId>().ok());
                        if self.take(id, ChatEvent::parse(&event.event, &event.data).ok().flatten()) {
                            return End::Whole;
                        }
                    }
                }
                Piece::Silence if patience == FIRST_BYTE => return End::Buffered,
                Piece::End | Piece::Broken | Piece::Silence => return End::Broken,
            }
        }
    }

    async fn poll(&self, begin: EventId) -> Result<End, Failure> {
        loop {
            let EventId { message_id, seq } = self.turn.get().unwrap_or(begin);
            let path = format!("/api/chat?messageId={message_id}&after={seq}&wait={MAX_POLL_SECONDS}");
            let headers = [("accept", "application/json")];
            let response = self.api.send("GET", &path, NOTHING, &headers, Some(&self.abort)).await?;
            let page: EventPage = super::client::json_of(&response).await?;
            self.tell(Signal::Back);
            for item in page.items {
                if self.take(item.id.parse().ok(), Some(item.event)) {
                    return Ok(End::Whole);
                }
            }
            if page.done {
                return Ok(End::Whole);
            }
        }
    }

    /// Tells of one event unless it is known already. True at the turn's last one.
    fn take(&self, id: Option<EventId>, event: Option<ChatEvent>) -> bool {
        let Some(id) = id else { return false };
        if self.turn.get().is_some_and(|last| last.message_id == id.message_id && last.seq >= id.seq) {
            return false;
        }
        self.turn.set(Some(id));
        let Some(event) = event else { return false };
        let is_last = event.is_last();
        self.tell(Signal::Event(id.seq, event));
        is_last
    }

    /// The turn that runs in a conversation, or in the newest one.
    async fn find(&self, conversation: Option<ConversationId>) -> Option<MessageId> {
        for wait in BACK_OFF {
            let found = match conversation {
                Some(id) => self.api.conversation(id).await.map(|detail| detail.conversation.active_message_id),
                None => self
                    .api
                    .conversations("", 0, 1)
                    .await
                    .map(|page| page.items.first().and_then(|newest| newest.active_message_id)),
            };
            match found {
                Ok(found) => return found,
                Err(failure) if failure.is_passing() && !self.abort.aborted() => TimeoutFuture::new(wait).await,
                Err(_) => return None,
            }
        }
        None
    }

    /// Begins a turn where the answer to the beginning is held back until the turn's end.
    async fn begin_buffered(&self, request: &mut ChatRequest) -> Result<MessageId, Failure> {
        let conversation = match request.conversation_id {
            Some(id) => id,
            None => self.api.new_conversation().await?.id,
        };
        request.conversation_id = Some(conversation);
        let refused = std::rc::Rc::new(std::cell::RefCell::new(None));
        let (api, body, result) = (self.api.clone(), request.clone(), refused.clone());
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(failure) = api.send("POST", "/api/chat", Some(&body), &[], None).await {
                *result.borrow_mut() = Some(failure);
            }
        });
        for _ in 0..40 {
            TimeoutFuture::new(300).await;
            if let Some(failure) = refused.borrow_mut().take() {
                return Err(failure);
            }
            if let Some(message) = self.api.conversation(conversation).await?.conversation.active_message_id {
                return Ok(message);
            }
        }
        Err(Failure::Offline)
    }

    fn tell(&self, signal: Signal) {
        if !self.abort.aborted() {
            (self.tell)(signal);
        }
    }
}
