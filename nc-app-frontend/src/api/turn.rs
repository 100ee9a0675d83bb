//! Follows one turn to its end: over a stream, over a stream that breaks and is taken up again, or,
//! where nothing streams, by asking for what is new.

use std::{cell::Cell, pin::pin};

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use shared_protocol::{
    ConversationId,
    api::{LAST_EVENT_ID_HEADER, MAX_POLL_SECONDS},
    chat::{ChatEvent, ChatRequest, EventId, EventPage},
    sse::SseParser,
};
use web_sys::{AbortSignal, Response};

pub use super::search::Asked;
use super::{
    Api, Failure,
    client::NOTHING,
    search::Found,
    wire::{Body, Piece},
};
use crate::browser::wake;

/// Waits between the first tries to take up a broken stream, in milliseconds.
pub const BACK_OFF: [u32; 5] = [500, 1_000, 2_000, 4_000, 8_000];
/// The bounds of every later wait. It differs from try to try, so that many who lost the same server
/// do not come back at once.
const LATER: std::ops::Range<u32> = 8_000..15_000;
/// How long the first byte may take: `start` is sent at once, so silence means that something buffers.
const FIRST_BYTE: u32 = 10_000;
/// The same where it is known already that something buffers.
const SOON: u32 = 300;
/// How long a stream may be silent: the server sends a heartbeat every 15 seconds.
const HEARTBEAT: u32 = 40_000;
/// How long one long-poll reading may take: what the server waits, and the way there and back.
#[expect(clippy::cast_possible_truncation, reason = "less than a minute")]
const POLL: u32 = 1_000 * MAX_POLL_SECONDS as u32 + FIRST_BYTE;

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
    Lost(usize),
    /// The connection is there again.
    Back,
    /// The turn could not be begun.
    Refused(Failure),
    /// The turn's events cannot be had, but it exists: the conversation tells what came of it.
    Over(Option<ConversationId>),
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
    pub async fn begin(self, mut request: ChatRequest, mut asked: Asked) {
        // Where the beginning is not heard of, the conversation must be known beforehand.
        if BUFFERED.get() && request.conversation_id.is_none() {
            match self.api.new_conversation().await {
                Ok(made) => request.conversation_id = Some(made.id),
                Err(failure) => return self.tell(Signal::Refused(failure)),
            }
        }
        asked.conversation = request.conversation_id;
        let accept = [("accept", "text/event-stream")];
        let sending = pin!(self.api.send("POST", "/api/chat", Some(&request), &accept, Some(&self.abort)));
        let sending = match select(sending, TimeoutFuture::new(first_byte())).await {
            Either::Left((result, _)) => return self.begun(result, &asked).await,
            Either::Right(((), sending)) => sending,
        };
        // Even the headers are held back. The request stays as it is: it may have been refused, or its
        // answer comes in one piece at the turn's end.
        BUFFERED.set(true);
        let searching = pin!(self.search(&asked, None));
        match select(sending, searching).await {
            Either::Left((result, _)) => self.begun(result, &asked).await,
            Either::Right((Some(found), _)) => self.follow(found).await,
            Either::Right((None, sending)) => self.begun(sending.await, &asked).await,
        }
    }

    /// Takes up a turn after the given event.
    pub async fn resume(self, after: EventId) {
        self.turn.set(Some(after));
        self.go_on(after).await;
    }

    /// The request was answered, or its answer was lost.
    async fn begun(&self, result: Result<Response, Failure>, asked: &Asked) {
        match result {
            Ok(response) => match self.read(&response).await {
                End::Whole => return,
                End::Broken => {}
                End::Buffered => BUFFERED.set(true),
            },
            // The request may have arrived although its answer did not.
            Err(Failure::Offline) => self.tell(Signal::Lost(1)),
            Err(failure) => return self.tell(Signal::Refused(failure)),
        }
        match self.turn.get() {
            Some(last) => self.go_on(last).await,
            None => match self.search(asked, Some(2)).await {
                Some(found) => self.follow(found).await,
                None => self.tell(Signal::Refused(Failure::Offline)),
            },
        }
    }

    async fn follow(&self, found: Found) {
        match found {
            Found::Running(message_id) => {
                let begin = EventId { message_id, seq: 0 };
                self.turn.set(Some(begin));
                self.go_on(begin).await;
            }
            Found::Ended(conversation) => self.tell(Signal::Over(Some(conversation))),
        }
    }

    /// Reads on until the turn's end, through breaks.
    async fn go_on(&self, begin: EventId) {
        let mut tries = 0;
        while !self.abort.aborted() {
            let before = self.turn.get().unwrap_or(begin);
            let end = if BUFFERED.get() { self.poll(before).await } else { self.reopen(before).await };
            match end {
                Ok(End::Whole) | Err(Failure::Aborted) => return,
                Ok(End::Buffered) => {
                    BUFFERED.set(true);
                    continue;
                }
                Ok(End::Broken) => {}
                Err(failure) if failure.is_passing() => {}
                Err(_) => return self.tell(Signal::Over(None)),
            }
            if self.turn.get() != Some(before) {
                tries = 0;
            }
            tries += 1;
            self.tell(Signal::Lost(tries));
            match BACK_OFF.get(tries - 1) {
                Some(wait) => wake::pause(*wait).await,
                None => wake::pause_while_seen(later()).await,
            }
        }
    }

    async fn reopen(&self, after: EventId) -> Result<End, Failure> {
        // A resume is told by its header; its body is an empty object.
        let header = after.to_string();
        let headers = [("accept", "text/event-stream"), (LAST_EVENT_ID_HEADER, header.as_str())];
        let empty = serde_json::json!({});
        let sending = pin!(self.api.send("POST", "/api/chat", Some(&empty), &headers, Some(&self.abort)));
        match select(sending, TimeoutFuture::new(first_byte())).await {
            Either::Left((response, _)) => {
                let response = response?;
                self.tell(Signal::Back);
                Ok(self.read(&response).await)
            }
            Either::Right(_) => Ok(End::Buffered),
        }
    }

    async fn read(&self, response: &Response) -> End {
        let Some(body) = Body::of(response) else { return End::Buffered };
        let mut parser = SseParser::new();
        let mut patience = first_byte();
        let mut is_silent = true;
        loop {
            match body.next(patience).await {
                Piece::Bytes(bytes) => {
                    (patience, is_silent) = (HEARTBEAT, false);
                    let Ok(events) = parser.push(&bytes) else { return End::Broken };
                    for event in events {
                        let id = event.id.as_deref().and_then(|id| id.parse::<EventId>().ok());
                        if self.take(id, ChatEvent::parse(&event.event, &event.data).ok().flatten()) {
                            return End::Whole;
                        }
                    }
                }
                Piece::Silence if is_silent => return End::Buffered,
                Piece::End | Piece::Broken | Piece::Silence => return End::Broken,
            }
        }
    }

    async fn poll(&self, begin: EventId) -> Result<End, Failure> {
        loop {
            let EventId { message_id, seq } = self.turn.get().unwrap_or(begin);
            let path = format!("/api/chat?messageId={message_id}&after={seq}&wait={MAX_POLL_SECONDS}");
            let headers = [("accept", "application/json")];
            let reading = pin!(async {
                let response = self.api.send("GET", &path, NOTHING, &headers, Some(&self.abort)).await?;
                super::client::json_of::<EventPage>(&response).await
            });
            let page = match select(reading, TimeoutFuture::new(POLL)).await {
                Either::Left((page, _)) => page?,
                Either::Right(_) => return Ok(End::Broken),
            };
            self.tell(Signal::Back);
            for item in page.items {
                if self.take(item.id.parse().ok(), Some(item.event)) {
                    return Ok(End::Whole);
                }
            }
            if page.done {
                // An end without its event: the conversation has what came of the turn.
                self.tell(Signal::Over(None));
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

    /// Looks for a turn until it is found, the server has said `enough` times that there is none, or
    /// the server cannot be asked.
    async fn search(&self, asked: &Asked, enough: Option<usize>) -> Option<Found> {
        let mut looks = 0;
        let mut failures = 0;
        while !self.abort.aborted() {
            let wait = match self.api.look_for(asked).await {
                Ok(Some(found)) => return Some(found),
                Ok(None) => {
                    looks += 1;
                    if enough.is_some_and(|enough| looks >= enough) {
                        return None;
                    }
                    SOON * u32::try_from(looks).unwrap_or(u32::MAX).min(10)
                }
                Err(failure) if failure.is_passing() => {
                    failures += 1;
                    *BACK_OFF.get(failures - 1)?
                }
                Err(_) => return None,
            };
            wake::pause(wait).await;
        }
        None
    }

    fn tell(&self, signal: Signal) {
        if !self.abort.aborted() {
            (self.tell)(signal);
        }
    }
}

/// How long the first byte is waited for.
fn first_byte() -> u32 {
    if BUFFERED.get() { SOON } else { FIRST_BYTE }
}

fn later() -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand, never negative")]
    let beyond = (js_sys::Math::random() * f64::from(LATER.end - LATER.start)) as u32;
    LATER.start + beyond
}
