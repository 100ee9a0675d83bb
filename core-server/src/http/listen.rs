//! Taking connections: time-outs for slow callers, a bound on their number, and a quick end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use platform::Lifecycle;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt as _;

/// How long a caller may take for the head of a request, and may keep a connection without one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a connection over HTTP/2 shows that it lives, and how long its answer may take.
const PING: Duration = Duration::from_secs(20);
/// Connections at once; more wait in the kernel's queue. Beyond it the process would run out of file
/// descriptors and could not even open its database.
const CONNECTIONS: usize = 10_000;
/// The pause after the kernel refused to hand over a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections until the process begins to stop; running requests go on until they end or are cut off.
pub fn start(listener: TcpListener, router: Router, lifecycle: &Lifecycle) {
    let tasks = lifecycle.clone();
    lifecycle.spawn("http", async move {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let next = async {
                let place = places.clone().acquire_owned().await;
                (listener.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                next = next => next,
                () = tasks.stopping().cancelled() => return,
            };
            match (accepted, place) {
                (Ok((stream, peer)), Ok(place)) => {
                    tasks.spawn("connection", connection(stream, peer, place, router.clone(), tasks.clone()));
                }
                (Err(error), _) => {
                    // Such as too many open files: others end meanwhile.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(PAUSE).await;
                }
                // The semaphore is never closed.
                (Ok(_), Err(_)) => return,
            }
        }
    });
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    _place: OwnedSemaphorePermit,
    router: Router,
    lifecycle: Lifecycle,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = lifecycle.stopping().cancelled() => {
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                ended = serving => ended,
                // Cut off: what was not answered by now is not answered.
                () = lifecycle.stopped().cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
