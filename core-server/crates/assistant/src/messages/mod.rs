//! What was said. Tables owned: `messages`, `tool_calls`.
//!
//! A conversation's messages form a line. An edit or a retry supersedes what came after; superseded
//! rows stay until the purge and are never listed.

pub(crate) mod store;

use shared_protocol::conversation::MessageStatus;

/// The status in the database.
pub(crate) const fn status_text(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Generating => "generating",
        MessageStatus::Completed => "completed",
        MessageStatus::Cancelled => "cancelled",
        MessageStatus::Failed => "failed",
        MessageStatus::Interrupted => "interrupted",
    }
}
