//! Finds a turn whose beginning did not reach us: the request arrived, its answer did not.

use shared_protocol::{
    ConversationId, MessageId,
    conversation::{Conversation, Message, MessageRole},
};

use super::{Api, Failure};

/// How many of the newest conversations are looked at.
const NEWEST: u32 = 10;

/// A turn that was asked for, and what was known before it was.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The conversation, unless the turn begins one.
    pub conversation: Option<ConversationId>,
    /// The text, unless an older question is answered again.
    pub text: Option<String>,
    /// Conversations that were known before.
    pub conversations: Vec<ConversationId>,
    /// Messages that were known before.
    pub messages: Vec<MessageId>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It runs, and its answer is this message.
    Running(MessageId),
    /// It has ended; the conversation shows what came of it.
    Ended(ConversationId),
}

impl Api {
    /// Looks once. `None` when the server knows nothing of the turn yet.
    pub(super) async fn look_for(&self, asked: &Asked) -> Result<Option<Found>, Failure> {
        if let Some(id) = asked.conversation {
            let active = self.conversation(id).await?.conversation.active_message_id;
            if let Some(message) = active.filter(|message| !asked.messages.contains(message)) {
                return Ok(Some(Found::Running(message)));
            }
            let page = self.messages(id, None).await?;
            return Ok(has_answer(asked, &page.items).then_some(Found::Ended(id)));
        }
        let newest = self.unpinned_conversations(NEWEST).await?;
        for conversation in candidates(asked, &newest) {
            let messages = self.messages(conversation.id, None).await?.items;
            if begins_with(asked, &messages) {
                return Ok(Some(match conversation.active_message_id {
                    Some(message) => Found::Running(message),
                    None => Found::Ended(conversation.id),
                }));
            }
        }
        Ok(None)
    }
}

/// Conversations that did not exist before, the newest first. The reader's clock is not asked: it
/// may be wrong by hours.
fn candidates<'a>(asked: &Asked, listed: &'a [Conversation]) -> Vec<&'a Conversation> {
    let mut fresh: Vec<_> = listed.iter().filter(|item| !asked.conversations.contains(&item.id)).collect();
    fresh.sort_by_key(|item| std::cmp::Reverse(item.created_at));
    fresh
}

/// Whether a conversation begins with the question: another tab may have begun one as well.
fn begins_with(asked: &Asked, messages: &[Message]) -> bool {
    let question = messages.first().filter(|message| message.role == MessageRole::User);
    question.is_some_and(|message| asked.text.as_deref().is_some_and(|text| same(text, &message.content)))
}

/// Whether an answer has come that was not there before.
fn has_answer(asked: &Asked, messages: &[Message]) -> bool {
    messages.iter().any(|message| message.role == MessageRole::Assistant && !asked.messages.contains(&message.id))
}

/// The server takes characters without width out of a question, so they do not count.
fn same(sent: &str, stored: &str) -> bool {
    let visible = |text: &str| -> String { text.chars().filter(|sign| !is_without_width(*sign)).collect() };
    visible(sent).trim() == visible(stored).trim()
}

fn is_without_width(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\0')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn id<T: serde::de::DeserializeOwned>(prefix: &str, last: u8) -> T {
        serde_json::from_value(Value::from(format!("{prefix}_{}{last}", "0".repeat(25)))).expect("an id")
    }

    fn conversation(last: u8, created: &str) -> Conversation {
        serde_json::from_value(json!({
            "id": format!("conv_{}{last}", "0".repeat(25)), "title": "t", "titlePlaceholder": true,
            "agentId": format!("asst_{}0", "0".repeat(25)), "createdAt": created, "updatedAt": created,
            "lastMessagePreview": null, "pinned": false, "labels": [], "status": "active",
        }))
        .expect("a conversation")
    }

    fn message(last: u8, role: MessageRole, content: &str) -> Message {
        crate::state::thread::sample(id("msg", last), id("conv", 1), role, content)
    }

    #[test]
    fn only_conversations_that_were_not_there_before_come_into_question() {
        let asked = Asked { conversations: vec![id("conv", 1)], ..Asked::default() };
        let listed = [
            conversation(1, "2026-01-03T00:00:00Z"),
            conversation(2, "2026-01-01T00:00:00Z"),
            conversation(3, "2026-01-02T00:00:00Z"),
        ];
        let found: Vec<ConversationId> = candidates(&asked, &listed).iter().map(|item| item.id).collect();
        assert_eq!(found, [id("conv", 3), id("conv", 2)]);
    }

    #[test]
    fn a_conversation_of_another_tab_is_not_ours() {
        let asked = Asked { text: Some("hello\u{200b}".to_owned()), ..Asked::default() };
        assert!(begins_with(&asked, &[message(1, MessageRole::User, "hello")]));
        assert!(!begins_with(&asked, &[message(1, MessageRole::User, "something else")]));
        assert!(!begins_with(&asked, &[]));
    }

    #[test]
    fn an_answer_that_was_not_known_is_the_turns() {
        let asked = Asked { messages: vec![id("msg", 1), id("msg", 2)], ..Asked::default() };
        let known = [message(1, MessageRole::User, "a"), message(2, MessageRole::Assistant, "b")];
        assert!(!has_answer(&asked, &known));
        let mut with_new = known.to_vec();
        with_new.push(message(3, MessageRole::User, "a"));
        assert!(!has_answer(&asked, &with_new));
        with_new.push(message(4, MessageRole::Assistant, "c"));
        assert!(has_answer(&asked, &with_new));
    }
}
