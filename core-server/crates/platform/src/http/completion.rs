//! What was begun is finished: a request that changes something runs on when its client goes away.
//!
//! A server drops the handler of a closed connection, and a transaction may be committed just then: the
//! work that belongs to it would never be done, and a stored answer never be stored.

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tokio::sync::oneshot;

use crate::{ApiError, Lifecycle};

/// Runs requests that may change something as tasks of their own, which shutdown waits for.
pub async fn run(State(lifecycle): State<Lifecycle>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (answer, answered) = oneshot::channel();
    lifecycle.spawn("request", async move {
        let response = next.run(request).await;
        // Without a listener the client is gone; the work is done all the same.
        let _ = answer.send(response);
    });
    // A panic inside is logged by the task's watcher.
    answered.await.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response())
}
