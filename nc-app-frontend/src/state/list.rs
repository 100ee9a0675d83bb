//! The list of conversations in the sidebar.

use std::rc::Rc;

use shared_protocol::{ConversationId, Page, Timestamp, conversation::Conversation};
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
    /// How many of the server's list were read: where the next page begins. Not the number of items,
    /// because a conversation that moved up between two readings comes twice.
    pub next: u64,
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
        self.next < self.total
    }

    fn contains(&self, id: ConversationId) -> bool {
        self.items.iter().any(|known| known.id == id)
    }

    fn change(&mut self, id: ConversationId, change: impl FnOnce(&mut Conversation)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
            *item = item.with(change);
        }
    }

    fn first(&mut self, page: Page<Conversation>) {
        let read = page.items.len() as u64;
        let before = std::mem::take(&mut self.items);
        // What is known already and did not change keeps its address, so that it is not drawn again.
        self.items = page
            .items
            .into_iter()
            .map(|item| match before.iter().find(|known| known.id == item.id) {
                Some(known) if **known == item => known.clone(),
                _ => Shared::new(item),
            })
            .collect();
        // What was read beyond this page stays, so that a refresh does not shorten the list: whatever
        // belongs behind the page's last row. What belongs before it and was not in it is gone.
        let last = self.items.last().map(|item| rank(item));
        if let Some(last) = last.filter(|_| self.known && read < page.total) {
            let rest = before.into_iter().filter(|item| rank(item) <= last && !self.contains(item.id));
            let rest: Vec<_> = rest.collect();
            self.items.extend(rest);
        }
        // Rows that vanished moved the following ones up: reading from here on must not skip them.
        let vanished = self.total.saturating_sub(page.total);
        self.next = if self.known { self.next.saturating_sub(vanished).max(read) } else { read };
        self.total = page.total;
        self.known = true;
        self.failed = None;
    }

    fn more(&mut self, page: Page<Conversation>) {
        self.next += page.items.len() as u64;
        // An empty page is the end, whatever the total says; else it would be asked for without end.
        self.total = if page.items.is_empty() { self.next } else { page.total };
        for item in page.items {
            if !self.contains(item.id) {
                self.items.push(Shared::new(item));
            }
        }
        self.failed = None;
    }
}

/// Where the server puts a row: pinned ones first, then the newest.
fn rank(item: &Conversation) -> (bool, Timestamp) {
    (item.pinned, item.updated_at)
}

impl Reducible for List {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        match action {
            Action::Search(query) if query != next.query => {
                next = Self { query, items: next.items, ..Self::default() };
            }
            Action::First(query, page) if query == next.query => next.first(page),
            Action::More(query, page) if query == next.query => next.more(page),
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
                let removed = (before - next.items.len()) as u64;
                next.total = next.total.saturating_sub(removed);
                next.next = next.next.saturating_sub(removed);
            }
        }
        next.into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A conversation that changed at the given second; it is also its id.
    fn row(second: u32) -> Conversation {
        serde_json::from_value(json!({
            "id": format!("conv_{second:026}"), "title": second.to_string(), "titlePlaceholder": true,
            "agentId": format!("asst_{}", "0".repeat(26)), "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": format!("2026-01-01T00:00:{second:02}Z"), "lastMessagePreview": null, "pinned": false,
            "labels": [], "status": "created",
        }))
        .expect("a conversation")
    }

    fn page(seconds: &[u32], total: u64) -> Page<Conversation> {
        let items: Vec<_> = seconds.iter().map(|second| row(*second)).collect();
        serde_json::from_value(json!({"items": items, "total": total, "limit": 2, "offset": 0})).expect("a page")
    }

    fn first(seconds: &[u32], total: u64) -> Action {
        Action::First(String::new(), page(seconds, total))
    }

    fn more(seconds: &[u32], total: u64) -> Action {
        Action::More(String::new(), page(seconds, total))
    }

    fn after(actions: Vec<Action>) -> List {
        Rc::unwrap_or_clone(actions.into_iter().fold(Rc::new(List::default()), Reducible::reduce))
    }

    fn titles(list: &List) -> Vec<&str> {
        list.items.iter().map(|item| item.title.as_str()).collect()
    }

    #[test]
    fn a_new_conversation_pushes_no_row_over_the_pages_border() {
        let list = after(vec![first(&[9, 8], 4), more(&[7, 6], 4), first(&[10, 9], 5)]);
        assert_eq!(titles(&list), ["10", "9", "8", "7", "6"]);
        // The next reading gives the last known row again, and after that there is an end.
        assert!(list.has_more());
        let list = after(vec![first(&[9, 8], 4), more(&[7, 6], 4), first(&[10, 9], 5), more(&[6], 5)]);
        assert_eq!(titles(&list), ["10", "9", "8", "7", "6"]);
        assert!(!list.has_more());
    }

    #[test]
    fn only_the_first_page_known_keeps_its_last_row() {
        let list = after(vec![first(&[9, 8], 3), first(&[10, 9], 4)]);
        assert_eq!(titles(&list), ["10", "9", "8"]);
        assert!(list.has_more());
    }

    #[test]
    fn a_row_that_is_gone_from_the_first_page_is_gone() {
        let list = after(vec![first(&[9, 8], 4), more(&[7, 6], 4), first(&[9, 7], 3)]);
        assert_eq!(titles(&list), ["9", "7", "6"]);
        assert!(!list.has_more());
    }

    #[test]
    fn reading_more_always_ends() {
        // The server counts more rows than it gives.
        let list = after(vec![first(&[9, 8], 5), more(&[8], 5), more(&[], 5)]);
        assert_eq!(titles(&list), ["9", "8"]);
        assert!(!list.has_more());
    }

    #[test]
    fn unchanged_rows_keep_their_address() {
        let before = after(vec![first(&[9, 8], 2)]);
        let again = Rc::unwrap_or_clone(Rc::new(before.clone()).reduce(first(&[9, 8], 2)));
        assert!(before.items == again.items);
    }

    #[test]
    fn a_removed_row_is_not_counted() {
        let list = after(vec![first(&[9, 8], 3), Action::Removed(row(9).id)]);
        assert_eq!((titles(&list), list.total, list.next), (vec!["8"], 2, 1));
        assert!(list.has_more());
    }

    #[test]
    fn answers_to_another_search_are_passed_over() {
        let list = after(vec![Action::Search("a".to_owned()), first(&[9], 1)]);
        assert!(!list.known && list.items.is_empty());
    }
}
