//! Texts that were typed and not sent, kept for this tab.

use shared_protocol::ConversationId;

use crate::browser::storage::SESSION;

fn key(conversation: Option<ConversationId>) -> String {
    conversation.map_or_else(|| "alcove-draft".to_owned(), |id| format!("alcove-draft-{id}"))
}

/// What was typed in a conversation.
pub(super) fn read(conversation: Option<ConversationId>) -> String {
    SESSION.read(&key(conversation)).unwrap_or_default()
}

/// Keeps what is typed.
pub(super) fn write(conversation: Option<ConversationId>, text: &str) {
    if text.is_empty() {
        SESSION.remove(&key(conversation));
    } else {
        SESSION.write(&key(conversation), text);
    }
}
