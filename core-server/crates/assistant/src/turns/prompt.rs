//! What the model is given: the agent's instructions and the conversation so far.

use identity::Principal;
use models::Message;
use shared_protocol::{Timestamp, conversation::MessageRole};

use crate::{agents::Agent, messages::store::HistoryRow};

/// Messages that are read at most; older ones do not fit into any context worth its price.
pub(super) const HISTORY: i64 = 200;

/// The messages, oldest first. `history` comes newest first, as it is read.
pub(super) fn build(agent: &Agent, principal: &Principal, history: Vec<HistoryRow>, now: Timestamp) -> Vec<Message> {
    let system = agent
        .system_prompt
        .replace("{{user_name}}", &principal.display_name)
        .replace("{{org_name}}", &principal.org_name)
        .replace("{{today}}", &now.datetime().format("%Y-%m-%d").to_string());
    let mut messages = vec![Message::System(system)];
    // An answer that broke off before its first word says nothing, and some providers refuse blank text.
    let spoken = history.into_iter().rev().filter(|row| !row.content.trim().is_empty());
    messages.extend(spoken.filter_map(|row| match row.role() {
        MessageRole::User => Some(Message::User(without_hidden(&row.content))),
        MessageRole::Assistant => Some(Message::Assistant { content: row.content, tool_calls: Vec::new() }),
        MessageRole::Tool => None,
    }));
    messages
}

/// The text without characters that nobody sees and that can carry instructions: those without width, and
/// the invisible doubles of ASCII. The stored text keeps them, since scripts and emoji are joined by some.
pub(super) fn without_hidden(text: &str) -> String {
    let is_hidden = |symbol: char| matches!(symbol, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{e0000}'..='\u{e007f}');
    text.chars().filter(|symbol| !is_hidden(*symbol)).collect()
}
