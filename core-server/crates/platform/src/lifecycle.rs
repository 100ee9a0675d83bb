//! Start and stop of background work: every task is waited for.

use std::{future::Future, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

/// Knows all tasks of the process and tells them when to stop.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    tasks: TaskTracker,
    stopping: CancellationToken,
    stopped: CancellationToken,
}

impl Lifecycle {
    /// A lifecycle without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task that shutdown waits for. A panic inside is logged and ends only the task.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns, so that shutdown can wait")]
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(self.tasks.track_future(task.in_current_span()));
        tokio::spawn(async move {
            if let Err(error) = handle.await
                && error.is_panic()
            {
                tracing::error!(task = name, "a background task panicked");
            }
        });
    }

    /// Cancelled when the process begins to stop: accept and claim nothing more.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Cancelled when the grace is over: give up what still runs.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    /// Stops all tasks: asks them, waits for `grace`, then insists and waits a little more.
    pub async fn shutdown(&self, grace: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            tracing::warn!(open = self.tasks.len(), "tasks did not end in time; they are cut off");
        }
        self.stopped.cancel();
        if tokio::time::timeout(Duration::from_secs(5), self.tasks.wait()).await.is_err() {
            tracing::error!(open = self.tasks.len(), "tasks did not end at all");
        }
    }
}
