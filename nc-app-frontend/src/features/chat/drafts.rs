//! Texts that were typed and not sent, or sent and not yet heard of: kept for this tab and this person.

use std::rc::Rc;

use shared_protocol::ConversationId;

use crate::browser::storage::SESSION;

/// What all keys begin with. The person's id follows, because another one may sign in in this tab.
const PREFIX: &str = "alcove-draft-";

/// The drafts of one person.
#[derive(Clone, PartialEq)]
pub(super) struct Drafts {
    user: Rc<str>,
}

impl Drafts {
    /// The drafts of the person with this id.
    pub(super) fn of(user: &str) -> Self {
        Self { user: user.into() }
    }

    /// What was typed in a conversation. A text that was sent and not heard of comes back in front.
    pub(super) fn read(&self, conversation: Option<ConversationId>) -> String {
        let unsent = SESSION.read(&self.key("unsent", conversation)).unwrap_or_default();
        let typed = SESSION.read(&self.key("typed", conversation)).unwrap_or_default();
        if unsent.is_empty() {
            return typed;
        }
        let both = joined(&unsent, &typed);
        self.write(conversation, &both);
        self.sent(conversation);
        both
    }

    /// Keeps what is typed.
    pub(super) fn write(&self, conversation: Option<ConversationId>, text: &str) {
        keep(&self.key("typed", conversation), text);
    }

    /// Keeps a text that is on its way, until the turn has begun.
    pub(super) fn sending(&self, conversation: Option<ConversationId>, text: &str) {
        keep(&self.key("unsent", conversation), text);
    }

    /// The text on its way has arrived, or was taken back.
    pub(super) fn sent(&self, conversation: Option<ConversationId>) {
        keep(&self.key("unsent", conversation), "");
    }

    fn key(&self, kind: &str, conversation: Option<ConversationId>) -> String {
        let place = conversation.map_or_else(|| "new".to_owned(), |id| id.to_string());
        format!("{PREFIX}{}-{kind}-{place}", self.user)
    }
}

/// Forgets everything, whoever typed it.
pub(crate) fn forget_drafts() {
    SESSION.remove_all(PREFIX);
}

/// A text that comes back, before what was typed meanwhile.
pub(super) fn joined(back: &str, typed: &str) -> String {
    if typed.trim().is_empty() { back.to_owned() } else { format!("{back}\n\n{typed}") }
}

fn keep(key: &str, text: &str) {
    if text.is_empty() {
        SESSION.remove(key);
    } else {
        SESSION.write(key, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_comes_back_hides_nothing() {
        assert_eq!(joined("a", " "), "a");
        assert_eq!(joined("a", "b"), "a\n\nb");
    }
}
