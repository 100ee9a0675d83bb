//! The thread that owns the loaded model, and the queue in front of it.

use std::{
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;

use super::{catalog::CHAT, generate::Generator, network::WINDOW};
use crate::{ChatModel, ChatRequest, ChatStream, Delta, ModelError, tokens};

/// Answers that may wait. At this size the last one waits minutes; more would be a promise not kept.
const QUEUE: usize = 32;
/// Deltas that wait for a slow reader.
const DELTAS: usize = 256;

struct Task {
    request: ChatRequest,
    seed: u64,
    deltas: mpsc::Sender<Result<Delta, ModelError>>,
}

/// The local chat model.
pub(super) struct LocalChat {
    path: PathBuf,
    queue: SyncSender<Task>,
    answers: AtomicU64,
}

impl LocalChat {
    /// Starts the thread; the file at `path` is read at the first use.
    pub(super) fn new(path: PathBuf, idle: Duration) -> Self {
        let (queue, tasks) = sync_channel(QUEUE);
        let file = path.clone();
        let started = thread::Builder::new().name("local-model".to_owned()).spawn(move || serve(&tasks, &file, idle));
        if let Err(error) = started {
            // The queue is closed then, and every request is told that nothing is ready.
            tracing::error!(%error, "the thread of the local model cannot be started");
        }
        Self { path, queue, answers: AtomicU64::new(0) }
    }
}

#[async_trait]
impl ChatModel for LocalChat {
    fn name(&self) -> &'static str {
        CHAT.name
    }

    fn context_window(&self) -> usize {
        WINDOW
    }

    fn count_tokens(&self, text: &str) -> usize {
        tokens::estimate_small(text)
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream, ModelError> {
        if !self.path.exists() {
            return Err(ModelError::NotConfigured(
                "the local model's file is missing; run `alcove models pull`".to_owned(),
            ));
        }
        let (deltas, receiver) = mpsc::channel(DELTAS);
        // Another number each time: asking again may give another answer.
        let seed = self.answers.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(Task { request, seed, deltas }).map_err(|error| match error {
            TrySendError::Full(_) => ModelError::Overloaded,
            TrySendError::Disconnected(_) => ModelError::NotConfigured("the local model has stopped".to_owned()),
        })?;
        Ok(stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|delta| (delta, receiver)) })
            .boxed())
    }
}

/// Serves tasks in order; gives the memory back when none came for a while.
fn serve(tasks: &Receiver<Task>, path: &Path, idle: Duration) {
    let mut loaded: Option<Generator> = None;
    loop {
        let task = match tasks.recv_timeout(idle) {
            Ok(task) => task,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if loaded.take().is_some() {
                    tracing::info!("the local model was given back after idling");
                }
                continue;
            }
        };
        if task.deltas.is_closed() {
            continue;
        }
        if let Err(error) = answer(&mut loaded, path, &task) {
            // Nobody may be waiting any more.
            let _ = task.deltas.blocking_send(Err(error));
        }
    }
}

fn answer(loaded: &mut Option<Generator>, path: &Path, task: &Task) -> Result<(), ModelError> {
    let generator = match loaded {
        Some(generator) => generator,
        None => {
            tracing::info!("loading the local model");
            loaded.insert(Generator::load(path)?)
        }
    };
    let mut emit = |delta| task.deltas.blocking_send(Ok(delta)).is_ok();
    generator.answer(&task.request, task.seed, &mut emit, &|| !task.deltas.is_closed())
}
