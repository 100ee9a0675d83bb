//! One conversation as it is shown: its messages, and the turn that is being answered.

use std::rc::Rc;

use shared_protocol::{
    ConversationId, ErrorCode, MessageId, Timestamp,
    chat::ChatEvent,
    conversation::{ConversationDetail, Feedback, Message, MessagePage, MessageRole, MessageStatus},
};
use yew::Reducible;

use super::{
    Shared,
    turn::{Link, Turn},
};
use crate::api::{
    Failure,
    turn::{BACK_OFF, Signal},
};

/// Messages of a conversation, oldest first.
pub type Messages = Shared<Vec<Shared<Message>>>;

/// Whether the conversation could be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It is being read.
    Loading,
    /// It is there.
    Ready,
    /// It could not be read.
    Failed(Failure),
}

/// Where a new turn begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// After everything.
    End,
    /// In the place of this message of the person, with another text.
    Instead(MessageId),
    /// After this message of the person, which stays.
    After(MessageId),
}

/// A turn that could not be begun. Its text must not get lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Why.
    pub failure: Failure,
    /// The text that was to be sent; nothing for another answer to an older question.
    pub text: Option<String>,
    /// Where it was to go.
    pub place: Place,
    /// When it was refused, by the reader's clock.
    pub at: Timestamp,
}

/// The page of older messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Older {
    /// Nothing is being done about it.
    #[default]
    Idle,
    /// It is being read.
    Reading,
    /// It could not be read.
    Failed(Failure),
}

/// The state of the main pane.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// The conversation; `None` before the first message.
    pub id: Option<ConversationId>,
    /// What is known of it.
    pub detail: Option<Shared<ConversationDetail>>,
    /// Whether it could be read.
    pub phase: Phase,
    /// Its messages.
    pub messages: Messages,
    /// Where the page of older messages begins.
    pub older: Option<MessageId>,
    /// Whether that page is being read.
    pub older_reading: Older,
    /// The turn that is being answered.
    pub turn: Option<Turn>,
    /// The last turn, when it could not be begun.
    pub refused: Option<Refusal>,
    /// The messages as they were before the turn was asked for, and where it was to go.
    before: Option<(Messages, Place)>,
}

/// What can happen to a thread.
pub enum Action {
    /// Shows another conversation, or none.
    Open(Option<ConversationId>),
    /// The conversation was read.
    Loaded(ConversationDetail, MessagePage),
    /// It could not be read.
    LoadFailed(Failure),
    /// Details were read again.
    Detail(ConversationDetail),
    /// Older messages are being read.
    OlderReading,
    /// Older messages were read.
    Older(MessagePage),
    /// Older messages could not be read.
    OlderFailed(Failure),
    /// The person asks: the text (if it is new) and the place.
    Ask(Option<String>, Place),
    /// Things happened to the turn.
    Signals(Vec<Signal>, Timestamp),
    /// The person asked to stop.
    Stopping,
    /// The server could not be asked to stop.
    StopFailed,
    /// The person closed the notice of a refusal.
    Dismiss,
    /// The person rated an answer, or the rating could not be kept and is as before.
    Rated(MessageId, Option<Feedback>),
    /// The title changed.
    Renamed(ConversationId, String),
}

impl Thread {
    /// A thread before anything is known.
    pub fn opened(id: Option<ConversationId>) -> Self {
        Self {
            id,
            detail: None,
            phase: if id.is_some() { Phase::Loading } else { Phase::Ready },
            messages: Shared::new(Vec::new()),
            older: None,
            older_reading: Older::Idle,
            turn: None,
            refused: None,
            before: None,
        }
    }

    /// Whether an answer is being made.
    pub fn is_busy(&self) -> bool {
        self.turn.is_some()
    }

    /// Whether the person said more after a message: asking anew in its place would hide that.
    pub fn goes_on_after(&self, id: MessageId) -> bool {
        let later = self.position(id).map_or(&[][..], |at| &self.messages[at + 1..]);
        later.iter().any(|message| message.role == MessageRole::User)
    }

    /// The message before another one.
    pub fn before(&self, id: MessageId) -> Option<&Shared<Message>> {
        self.messages.get(self.position(id)?.checked_sub(1)?)
    }

    /// A message.
    pub fn message(&self, id: MessageId) -> Option<&Shared<Message>> {
        self.messages.get(self.position(id)?)
    }

    fn ask(&mut self, question: Option<String>, place: Place) {
        self.before = Some((self.messages.clone(), place));
        let keep = match place {
            Place::End => self.messages.len(),
            Place::Instead(id) => self.position(id).unwrap_or(self.messages.len()),
            Place::After(id) => self.position(id).map_or(self.messages.len(), |at| at + 1),
        };
        if keep < self.messages.len() {
            self.messages = Shared::new(self.messages[..keep].to_vec());
        }
        self.refused = None;
        self.turn = Some(Turn::asked(question, self.id));
    }

    fn position(&self, id: MessageId) -> Option<usize> {
        self.messages.iter().position(|message| message.id == id)
    }

    fn signal(&mut self, signal: Signal, now: Timestamp) {
        let Some(turn) = self.turn.as_mut() else { return };
        match signal {
            Signal::Event(seq, event) => self.event(seq, event, now),
            Signal::Lost(tries) => turn.link = if tries > BACK_OFF.len() { Link::Lost } else { Link::Reconnecting },
            Signal::Back => turn.link = Link::Live,
            // What is shown stays until the conversation has been read again.
            Signal::Over(conversation) => {
                turn.link = Link::Reconnecting;
                self.id = self.id.or(conversation);
            }
            Signal::Refused(failure) => {
                let text = turn.question.take();
                self.turn = None;
                let place = match self.before.take() {
                    Some((messages, place)) => {
                        self.messages = messages;
                        place
                    }
                    None => Place::End,
                };
                self.refused = Some(Refusal { failure, text, place, at: now });
            }
        }
    }

    fn event(&mut self, seq: u64, event: ChatEvent, now: Timestamp) {
        let Some(turn) = self.turn.as_mut() else { return };
        let begins = matches!(event, ChatEvent::Start(_));
        let finished = turn.take(seq, event, now);
        if begins {
            self.before = None;
            self.id = turn.conversation_id;
            let asked = (turn.question.take(), turn.user_message_id, turn.conversation_id);
            if let (Some(text), Some(id), Some(conversation_id)) = asked
                && self.position(id).is_none()
            {
                self.push(question(id, conversation_id, text, now));
            }
        }
        if let Some(message) = finished {
            self.turn = None;
            self.push(message);
        }
    }

    /// Adds a message, or replaces what stands for it already.
    fn push(&mut self, message: Message) {
        let mut messages: Vec<_> = self.messages.iter().filter(|known| known.id != message.id).cloned().collect();
        messages.push(Shared::new(message));
        self.messages = Shared::new(messages);
    }

    fn change(&mut self, id: MessageId, change: impl FnOnce(&mut Message)) {
        if let Some(at) = self.position(id) {
            let mut messages = self.messages.to_vec();
            messages[at] = messages[at].with(change);
            self.messages = Shared::new(messages);
        }
    }

    fn loaded(&mut self, detail: ConversationDetail, page: MessagePage) {
        let active = detail.conversation.active_message_id;
        self.detail = Some(Shared::new(detail));
        // The message in the making is shown by the turn, which replays its text.
        let read = page.items.into_iter().filter(|message| Some(message.id) != active);
        // What is known already keeps its address, so that it is not drawn again.
        let read: Vec<_> = read
            .map(|message| match self.message(message.id) {
                Some(known) if **known == message => known.clone(),
                _ => Shared::new(message),
            })
            .collect();
        // Older pages that were read before stay above.
        let above = read.first().and_then(|first| self.position(first.id)).unwrap_or(0);
        if above == 0 {
            self.older = page.next_before;
        }
        let messages: Vec<_> = self.messages[..above].iter().cloned().chain(read).collect();
        if *self.messages != messages {
            self.messages = Shared::new(messages);
        }
        self.phase = Phase::Ready;
        self.older_reading = Older::Idle;
        self.before = None;
        // A text that was not sent stays until the person has taken it back.
        self.refused = self.refused.take().filter(|refusal| refusal.text.is_some());
        match active {
            Some(message) => self.follow(message),
            None => self.turn = None,
        }
    }

    fn load_failed(&mut self, failure: Failure) {
        let is_gone = failure.code() == Some(ErrorCode::NotFound);
        match &mut self.turn {
            // The person keeps what is there and can try again.
            Some(turn) if self.phase == Phase::Ready && !is_gone => turn.link = Link::Lost,
            None if self.phase == Phase::Ready && !is_gone => {}
            _ => self.phase = Phase::Failed(failure),
        }
    }

    fn follow(&mut self, message: MessageId) {
        if self.turn.as_ref().is_some_and(|turn| turn.message_id == Some(message)) {
            return;
        }
        let mut turn = Turn::asked(None, self.id);
        turn.message_id = Some(message);
        self.turn = Some(turn);
    }
}

/// A message of the person that was sent just now.
fn question(id: MessageId, conversation_id: ConversationId, content: String, now: Timestamp) -> Message {
    Message {
        id,
        conversation_id,
        role: MessageRole::User,
        content,
        parent_id: None,
        created_at: now,
        model: None,
        usage: None,
        tool_calls: Vec::new(),
        citations: Vec::new(),
        redaction: None,
        feedback: None,
        status: MessageStatus::Completed,
        error: None,
    }
}

impl Reducible for Thread {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        match action {
            Action::Open(id) => next = Self::opened(id),
            Action::Loaded(detail, page) if next.id == Some(detail.conversation.id) => next.loaded(detail, page),
            Action::LoadFailed(failure) => next.load_failed(failure),
            Action::OlderReading => next.older_reading = Older::Reading,
            Action::OlderFailed(failure) => next.older_reading = Older::Failed(failure),
            Action::Detail(detail) if next.id == Some(detail.conversation.id) => {
                next.detail = Some(Shared::new(detail));
            }
            Action::Older(page) if page.items.first().is_none_or(|first| Some(first.conversation_id) == next.id) => {
                next.older = page.next_before;
                next.older_reading = Older::Idle;
                let mut messages: Vec<_> = page.items.into_iter().map(Shared::new).collect();
                messages.extend(next.messages.iter().cloned());
                next.messages = Shared::new(messages);
            }
            Action::Loaded(..) | Action::Detail(_) | Action::Older(_) => {}
            Action::Ask(text, place) => next.ask(text, place),
            Action::Signals(signals, now) => {
                for signal in signals {
                    next.signal(signal, now);
                }
            }
            Action::Stopping => {
                if let Some(turn) = next.turn.as_mut() {
                    turn.stopping = true;
                }
            }
            Action::StopFailed => {
                if let Some(turn) = next.turn.as_mut() {
                    turn.stopping = false;
                }
            }
            Action::Dismiss => next.refused = None,
            Action::Rated(id, feedback) => next.change(id, |message| {
                message.feedback = feedback.filter(|feedback| feedback.rating.is_some());
            }),
            Action::Renamed(id, title) => {
                if let Some(detail) = next.detail.as_ref().filter(|detail| detail.conversation.id == id) {
                    next.detail = Some(detail.with(|detail| detail.conversation.title = title));
                }
            }
        }
        next.into()
    }
}

/// A message for tests.
#[cfg(test)]
pub(crate) fn sample(id: MessageId, conversation: ConversationId, role: MessageRole, content: &str) -> Message {
    Message { role, ..question(id, conversation, content.to_owned(), Timestamp::from_micros(0)) }
}

#[cfg(test)]
#[path = "thread_tests.rs"]
mod tests;
