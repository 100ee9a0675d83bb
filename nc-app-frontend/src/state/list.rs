//! The list of conversations in the sidebar.

use std::rc::Rc;

use shared_protocol::{ConversationId, Page, conversation::Conversation};
use yew::Reducible;

use super::Shared;
use crate::api::Failure;

/// The list, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Conversations, newest first.
    pub items: Vec<Shared<Conversation>>,
    /// How many there are.
    pub total: u64,
    /// What is searched for.
    pub query: String,
    /// Whether anything was read for this query.
    pub known: bool,
    /// Why the last reading failed.
    pub failed: Option<Failure>,
}

/// What can happen to the list.
pub enum Action {
    /// The person searches for something else.
    Search(String),
    /// The beginning of the list was read.
    First(String, Page<Conversation>),
    /// More of the list was read.
    More(String, Page<Conversation>),
    /// A reading failed.
    Failed(Failure),
    /// One conversation changed.
    Changed(Box<Conversation>),
    /// One conversation has another title.
    Renamed(ConversationId, String),
    /// One conversation is gone.
    Removed(ConversationId),
}

impl List {
    /// Whether there is more to read.
    pub fn has_more(&self) -> bool {
        (self.items.len() as u64) < self.total
    }

    fn append(&mut self, items: Vec<Conversation>) {
        for item in items {
            // A conversation that moved up between two readings comes twice.
            if !self.items.iter().any(|known| known.id == item.id) {
                self.items.push(Shared::new(item));
            }
        }
    }

    fn change(&mut self, id: ConversationId, change: impl FnOnce(&mut Conversation)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
            *item = item.with(change);
        }
    }
}

impl Reducible for List {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        match action {
            Action::Search(query) if query != next.query => {
                next = Self { query, items: next.items, ..Self::default() };
            }
            Action::First(query, page) if query == next.query => {
                let read = page.items.len();
                // What was read beyond the first page stays, so that a refresh does not shorten the list.
                let rest = if next.known { next.items.split_off(read.min(next.items.len())) } else { Vec::new() };
                next.items = Vec::new();
                next.append(page.items);
                for item in rest {
                    if !next.items.iter().any(|known| known.id == item.id) {
                        next.items.push(item);
                    }
                }
                next.items.truncate(usize::try_from(page.total).unwrap_or(usize::MAX));
                next.total = page.total;
                next.known = true;
                next.failed = None;
            }
            Action::More(query, page) if query == next.query => {
                next.total = page.total;
                if page.items.is_empty() {
                    next.total = next.items.len() as u64;
                }
                next.append(page.items);
                next.failed = None;
            }
            Action::Search(_) | Action::First(..) | Action::More(..) => {}
            Action::Failed(failure) => next.failed = Some(failure),
            Action::Changed(conversation) => {
                let id = conversation.id;
                next.change(id, |known| *known = *conversation);
            }
            Action::Renamed(id, title) => next.change(id, |known| known.title = title),
            Action::Removed(id) => {
                let before = next.items.len();
                next.items.retain(|item| item.id != id);
                next.total = next.total.saturating_sub((before - next.items.len()) as u64);
            }
        }
        next.into()
    }
}
