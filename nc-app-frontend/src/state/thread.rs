//! One conversation as it is shown: its messages, and the turn that is being answered.

use std::rc::Rc;

use shared_protocol::{
    ConversationId, MessageId, Timestamp,
    chat::ChatEvent,
    conversation::{ConversationDetail, Feedback, Message, MessagePage, MessageRole, MessageStatus},
};
use yew::Reducible;

use super::{
    Shared,
    turn::{Link, Turn},
};
use crate::api::{Failure, turn::Signal};

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
    /// The turn that is being answered.
    pub turn: Option<Turn>,
    /// Why the last turn could not be begun, and the text that was to be sent.
    pub refused: Option<(Failure, Option<String>)>,
    /// The messages as they were before the turn was asked for.
    before: Option<Messages>,
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
    /// Older messages were read.
    Older(MessagePage),
    /// The person asks: the text (if it is new) and the place.
    Ask(Option<String>, Place),
    /// A turn that runs already is followed.
    Follow(MessageId),
    /// Things happened to the turn.
    Signals(Vec<Signal>, Timestamp),
    /// The person asked to stop.
    Stopping,
    /// The person closed the notice of a refusal.
    Dismiss,
    /// The person rated an answer.
    Rated(MessageId, Feedback),
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
            turn: None,
            refused: None,
            before: None,
        }
    }

    /// Whether an answer is being made.
    pub fn is_busy(&self) -> bool {
        self.turn.is_some()
    }

    fn ask(&mut self, question: Option<String>, place: Place) {
        self.before = Some(self.messages.clone());
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
            Signal::Lost(_) => turn.link = Link::Reconnecting,
            Signal::Back => turn.link = Link::Live,
            Signal::GaveUp => turn.link = Link::Lost,
            Signal::Refused(failure) => {
                let question = turn.question.take();
                self.turn = None;
                if let Some(before) = self.before.take() {
                    self.messages = before;
                }
                self.refused = Some((failure, question));
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
        self.older = page.next_before;
        // The message in the making is shown by the turn, which replays its text.
        let messages = page.items.into_iter().filter(|message| Some(message.id) != active).map(Shared::new);
        self.messages = Shared::new(messages.collect());
        self.phase = Phase::Ready;
        if let Some(message) = active {
            self.follow(message);
        }
    }

    fn follow(&mut self, message: MessageId) {
        let mut turn = Turn::asked(None, self.id);
        turn.message_id = Some(message);
        self.turn = Some(turn);
    }
}

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
            Action::LoadFailed(failure) => next.phase = Phase::Failed(failure),
            Action::Detail(detail) if next.id == Some(detail.conversation.id) => {
                next.detail = Some(Shared::new(detail));
            }
            Action::Older(page) if page.items.first().is_none_or(|first| Some(first.conversation_id) == next.id) => {
                next.older = page.next_before;
                let mut messages: Vec<_> = page.items.into_iter().map(Shared::new).collect();
                messages.extend(next.messages.iter().cloned());
                next.messages = Shared::new(messages);
            }
            Action::Loaded(..) | Action::Detail(_) | Action::Older(_) => {}
            Action::Ask(text, place) => next.ask(text, place),
            Action::Follow(message) => next.follow(message),
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
            Action::Dismiss => next.refused = None,
            Action::Rated(id, feedback) => next.change(id, |message| {
                message.feedback = feedback.rating.is_some().then_some(feedback);
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

#[cfg(test)]
#[path = "thread_tests.rs"]
mod tests;
