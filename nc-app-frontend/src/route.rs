//! Addresses of the client.

use shared_protocol::ConversationId;
use yew_router::Routable;

/// Every address that shows something of its own.
#[derive(Clone, PartialEq, Routable)]
pub(crate) enum Route {
    /// A new conversation.
    #[at("/app")]
    New,
    /// A conversation that exists.
    #[at("/app/c/:id")]
    Conversation {
        /// Which one.
        id: ConversationId,
    },
    /// Where people are sent to sign in; after that it is the same as `/app`.
    #[at("/login")]
    Login,
    /// Anything else.
    #[not_found]
    #[at("/")]
    Elsewhere,
}
