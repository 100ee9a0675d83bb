//! Conversations, their messages, and ratings.

use shared_protocol::{
    ConversationId, MessageId, Page,
    auth::{Ok as Done, Success},
    conversation::{
        BranchRequest, Conversation, ConversationDetail, ConversationUpdate, Feedback, MessagePage, NewConversation,
    },
};

use super::{Api, Failure, client::NOTHING};

/// Conversations of one page of the list.
pub const LIST_PAGE: u32 = 40;
/// Messages of one page of a conversation.
pub const MESSAGE_PAGE: u32 = 50;

impl Api {
    /// One page of the person's conversations, newest first.
    pub async fn conversations(&self, query: &str, offset: u32, limit: u32) -> Result<Page<Conversation>, Failure> {
        let query: String = if query.is_empty() {
            String::new()
        } else {
            format!("&q={}", String::from(js_sys::encode_uri_component(query)))
        };
        self.call("GET", &format!("/api/conversations?limit={limit}&offset={offset}{query}"), NOTHING).await
    }

    /// The newest conversations that are not kept on top.
    pub async fn unpinned_conversations(&self, limit: u32) -> Result<Vec<Conversation>, Failure> {
        let path = format!("/api/conversations?pinned=false&limit={limit}");
        self.call::<Page<Conversation>>("GET", &path, NOTHING).await.map(|page| page.items)
    }

    /// One conversation with its agent.
    pub async fn conversation(&self, id: ConversationId) -> Result<ConversationDetail, Failure> {
        self.call("GET", &format!("/api/conversations/{id}"), NOTHING).await
    }

    /// Makes an empty conversation.
    pub async fn new_conversation(&self) -> Result<Conversation, Failure> {
        self.call("POST", "/api/conversations", Some(&NewConversation::default())).await
    }

    /// The newest messages, or those before `before`.
    pub async fn messages(&self, id: ConversationId, before: Option<MessageId>) -> Result<MessagePage, Failure> {
        let before = before.map(|message| format!("&before={message}")).unwrap_or_default();
        self.call("GET", &format!("/api/conversations/{id}/messages?limit={MESSAGE_PAGE}{before}"), NOTHING).await
    }

    /// Renames or pins a conversation.
    pub async fn update_conversation(
        &self,
        id: ConversationId,
        update: &ConversationUpdate,
    ) -> Result<Conversation, Failure> {
        self.call("PATCH", &format!("/api/conversations/{id}"), Some(update)).await
    }

    /// Deletes a conversation.
    pub async fn delete_conversation(&self, id: ConversationId) -> Result<(), Failure> {
        self.call::<Success>("DELETE", &format!("/api/conversations/{id}"), NOTHING).await.map(drop)
    }

    /// Makes a new conversation of everything up to a message.
    pub async fn branch(&self, id: ConversationId, message_id: MessageId) -> Result<Conversation, Failure> {
        let request = BranchRequest { message_id, title: None };
        self.call("POST", &format!("/api/conversations/{id}/branch"), Some(&request)).await
    }

    /// Rates an answer.
    pub async fn rate(&self, message: MessageId, feedback: &Feedback) -> Result<(), Failure> {
        self.call::<Done>("POST", &format!("/api/chat/{message}/feedback"), Some(feedback)).await.map(drop)
    }

    /// Stops the making of an answer.
    pub async fn cancel(&self, message: MessageId) -> Result<(), Failure> {
        self.call::<Done>("POST", &format!("/api/chat/{message}/cancel"), Some(&serde_json::json!({}))).await.map(drop)
    }
}
