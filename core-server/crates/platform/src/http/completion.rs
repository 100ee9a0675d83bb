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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use axum::{Router, body::Body, http::StatusCode, middleware::from_fn_with_state, routing::post};
    use tokio::sync::Notify;
    use tower::ServiceExt as _;

    use super::*;

    fn request() -> Request {
        Request::post("/").body(Body::empty()).expect("a request")
    }

    #[tokio::test]
    async fn a_client_that_leaves_stops_nothing() {
        let (begun, go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let lifecycle = Lifecycle::new();
        let handler = {
            let (begun, go, done) = (begun.clone(), go.clone(), done.clone());
            move || async move {
                begun.notify_one();
                go.notified().await;
                done.notify_one();
            }
        };
        let router = Router::new().route("/", post(handler)).layer(from_fn_with_state(lifecycle.clone(), run));
        {
            let mut calling = std::pin::pin!(router.oneshot(request()));
            tokio::select! {
                _ = &mut calling => panic!("it waits for the word to go on"),
                () = begun.notified() => {}
            }
        }
        go.notify_one();
        tokio::time::timeout(Duration::from_secs(10), done.notified()).await.expect("the work is done");
        lifecycle.shutdown(Duration::from_secs(10)).await;
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_error() {
        async fn panics() -> &'static str {
            panic!("on purpose")
        }
        let router = Router::<()>::new().route("/", post(panics)).layer(from_fn_with_state(Lifecycle::new(), run));
        let response = router.oneshot(request()).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
