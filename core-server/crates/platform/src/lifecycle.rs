//! Start and stop of background work: every task is waited for.

use std::{future::Future, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

/// Knows all tasks of the process and tells them when to stop.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    tasks: TaskTracker,
    services: TaskTracker,
    stopping: CancellationToken,
    stopped: CancellationToken,
}

impl Lifecycle {
    /// A lifecycle without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task that shutdown waits for. A panic inside is logged and ends only the task.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        watch(name, self.tasks.track_future(task));
    }

    /// Runs a task that other tasks need to the end, such as a listener. It must end when
    /// [`Self::stopped`] is cancelled, which happens after the other tasks have ended.
    pub fn serve(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        watch(name, self.services.track_future(task));
    }

    /// Cancelled when the process begins to stop: accept and claim nothing more.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Cancelled when the grace is over: give up what still runs.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    /// Stops all tasks: asks them, waits for `grace`, then insists and waits a little more. Services
    /// end last.
    pub async fn shutdown(&self, grace: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        self.services.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.tasks.len(), "tasks did not end in time; they are cut off");
        }
        self.stopped.cancel();
        let all = async { tokio::join!(self.tasks.wait(), self.services.wait()) };
        if tokio::time::timeout(Duration::from_secs(5), all).await.is_err() {
            tracing::error!(open = self.tasks.len() + self.services.len(), "tasks did not end at all");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that spawns, so that shutdown can wait")]
fn watch(name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
    let handle = tokio::spawn(task.in_current_span());
    tokio::spawn(async move {
        if let Err(error) = handle.await
            && error.is_panic()
        {
            tracing::error!(task = name, "a background task panicked");
        }
    });
}
