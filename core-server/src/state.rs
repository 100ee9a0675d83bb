//! What all handlers share.

use std::sync::Arc;

use assistant::Assistant;
use axum::extract::FromRef;
use identity::Identity;
use ops::Ops;

/// The states of the features.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// Accounts and tenancy.
    pub identity: Identity,
    /// Conversations and turns.
    pub assistant: Assistant,
    /// Health and metrics.
    pub ops: Ops,
    /// Origins that may show the pages in a frame.
    pub frame_ancestors: Arc<[String]>,
}
