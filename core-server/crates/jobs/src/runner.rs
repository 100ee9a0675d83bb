//! Claims jobs and runs them, a bounded number at a time.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use db::{Db, DbResult};
use futures_util::FutureExt as _;
use metrics::counter;
use platform::{Bus, Clock, Ids, Lifecycle};
use serde_json::json;
use shared_protocol::Timestamp;
use tokio::sync::{Semaphore, broadcast::error::RecvError};

use crate::{
    Schedule, WAKE_TOPIC,
    model::{Claimed, JobError, NewJob, Outcome, wait_before_retry},
    store,
};

/// How long a claim holds without being prolonged.
const LEASE: Duration = Duration::from_secs(60);
/// How often a running job's claim is prolonged.
const BEAT: Duration = Duration::from_secs(20);
/// How often the table is asked when nobody calls.
const POLL: Duration = Duration::from_secs(1);
/// How long completed jobs are kept.
const KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
const PURGE_KIND: &str = "jobs.purge";
const MAX_PARALLEL: usize = 4;

/// Runs the jobs of one kind.
pub type Handler = Arc<dyn Fn(Claimed) -> Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>> + Send + Sync>;

/// What a runner works with.
#[derive(Clone)]
pub struct RunnerParts {
    /// Where the jobs are.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Ids and jitter.
    pub ids: Ids,
    /// Wakes runners.
    pub bus: Bus,
    /// Tells when to stop.
    pub lifecycle: Lifecycle,
}

/// Handlers by kind, schedules, and the loop that serves them.
#[derive(Clone)]
pub struct Runner {
    parts: RunnerParts,
    handlers: HashMap<&'static str, Handler>,
    schedules: Vec<Schedule>,
    slots: Arc<Semaphore>,
    /// The last tick of each schedule that was tried here, so that the table is not asked every second.
    tried: HashMap<&'static str, Timestamp>,
}

impl Runner {
    /// A runner that purges its own table and does nothing else yet.
    pub fn new(parts: RunnerParts) -> Self {
        let mut runner = Self {
            parts: parts.clone(),
            handlers: HashMap::new(),
            schedules: Vec::new(),
            slots: Arc::new(Semaphore::new(MAX_PARALLEL)),
            tried: HashMap::new(),
        };
        runner.handle(PURGE_KIND, move |_| {
            let parts = parts.clone();
            async move {
                let mut tx = parts.db.write().await?;
                store::purge(&mut tx, parts.clock.now().minus(KEEP)).await?;
                tx.commit().await?;
                Ok(())
            }
        });
        runner.schedule(Schedule { kind: PURGE_KIND, every: Duration::from_secs(24 * 3600) });
        runner
    }

    /// Runs jobs of that kind with that function.
    pub fn handle<F>(&mut self, kind: &'static str, run: impl Fn(Claimed) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |job| run(job).boxed()));
    }

    /// Enqueues a job of the schedule's kind at every tick.
    pub fn schedule(&mut self, schedule: Schedule) {
        self.schedules.push(schedule);
    }

    /// Starts the loop. It ends with the process's stop signal; running jobs are waited for.
    pub fn start(self) {
        let lifecycle = self.parts.lifecycle.clone();
        lifecycle.spawn("job runner", self.serve());
    }

    async fn serve(mut self) {
        let mut bus = self.parts.bus.subscribe();
        let stopping = self.parts.lifecycle.stopping().clone();
        while !stopping.is_cancelled() {
            match self.round().await {
                // More may be waiting.
                Ok(claimed) if claimed > 0 => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "jobs could not be claimed"),
            }
            let woken = async {
                loop {
                    match bus.recv().await {
                        Ok(message) if message.topic == WAKE_TOPIC => return,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => return,
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(POLL) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Enqueues what is due, claims what fits and starts it. Returns how many were claimed.
    async fn round(&mut self) -> DbResult<usize> {
        self.enqueue_due().await?;
        // Waiting for a free slot before claiming: a claimed job must not wait with its lease running.
        let Ok(slot) = self.slots.clone().acquire_owned().await else { return Ok(0) };
        // The wait may have been long.
        if self.parts.lifecycle.stopping().is_cancelled() {
            return Ok(0);
        }
        let now = self.parts.clock.now();
        let kinds = json!(self.handlers.keys().collect::<Vec<_>>()).to_string();
        let mut tx = self.parts.db.write().await?;
        let given_up = store::give_up(&mut tx, now).await?;
        let jobs = store::claim(&mut tx, &kinds, now, now.plus(LEASE), 1).await?;
        tx.commit().await?;
        if given_up > 0 {
            tracing::error!(jobs = given_up, "jobs were given up: their workers died with every try");
        }
        let claimed = jobs.len();
        let mut slot = Some(slot);
        for job in jobs {
            let (runner, slot) = (self.clone(), slot.take());
            self.parts.lifecycle.spawn("job", async move {
                runner.run(job).await;
                drop(slot);
            });
        }
        Ok(claimed)
    }

    async fn enqueue_due(&mut self) -> DbResult<()> {
        let now = self.parts.clock.now();
        for schedule in &self.schedules {
            if self.tried.get(schedule.kind) == Some(&schedule.tick(now)) {
                continue;
            }
            let mut tx = self.parts.db.write().await?;
            if store::take_tick(&mut tx, schedule.kind, schedule.tick(now)).await? {
                let job = NewJob {
                    kind: schedule.kind,
                    org: None,
                    payload: json!({}),
                    run_at: now,
                    dedup_key: Some(schedule.kind.to_owned()),
                    max_attempts: 3,
                };
                store::enqueue(&mut tx, self.parts.ids.uuid(), &job, now).await?;
            }
            tx.commit().await?;
            self.tried.insert(schedule.kind, schedule.tick(now));
        }
        Ok(())
    }

    async fn run(&self, job: Claimed) {
        let (id, epoch, kind) = (job.id, job.epoch, job.kind.clone());
        let (attempt, last) = (job.attempt, job.attempt >= job.max_attempts);
        let result = match self.handlers.get(kind.as_str()) {
            Some(handler) => {
                let work = std::panic::AssertUnwindSafe(handler(job)).catch_unwind();
                tokio::select! {
                    result = work => result.unwrap_or_else(|_| Err(JobError::Fatal("the handler panicked".into()))),
                    () = self.keep_claim(id, epoch) => return tracing::warn!(kind, %id, "a job's lease was lost"),
                    // The lease runs out and another worker takes the job up.
                    () = self.parts.lifecycle.stopped().cancelled() => return,
                }
            }
            None => Err(JobError::Fatal(format!("no handler for jobs of kind {kind}").into())),
        };
        let outcome = self.outcome(result, attempt, last);
        let name = match &outcome {
            Outcome::Completed => "completed",
            Outcome::Retry { error, .. } => {
                tracing::warn!(kind, %id, error, "a job failed and will be tried again");
                "retried"
            }
            Outcome::Failed { error } => {
                tracing::error!(kind, %id, error, "a job failed for good");
                "failed"
            }
        };
        counter!(platform::metrics::JOBS, "kind" => kind.clone(), "outcome" => name).increment(1);
        if let Err(error) = self.write_down(id, epoch, &outcome).await {
            tracing::warn!(kind, %id, %error, "a job's end could not be written; it will run again");
        }
    }

    fn outcome(&self, result: Result<(), JobError>, attempt: i64, last: bool) -> Outcome {
        match result {
            Ok(()) => Outcome::Completed,
            Err(JobError::Retry(error)) if !last => {
                let attempt = u32::try_from(attempt).unwrap_or(u32::MAX);
                let wait = wait_before_retry(attempt, self.parts.ids.fraction());
                Outcome::Retry { run_at: self.parts.clock.now().plus(wait), error: error.to_string() }
            }
            Err(JobError::Retry(error) | JobError::Fatal(error)) => Outcome::Failed { error: error.to_string() },
        }
    }

    async fn write_down(&self, id: uuid::Uuid, epoch: i64, outcome: &Outcome) -> DbResult<()> {
        let mut tx = self.parts.db.write().await?;
        store::finish(&mut tx, id, epoch, outcome, self.parts.clock.now()).await?;
        tx.commit().await
    }

    /// Prolongs the claim until it is lost; returns only then.
    async fn keep_claim(&self, id: uuid::Uuid, epoch: i64) {
        loop {
            tokio::time::sleep(BEAT).await;
            let prolong = async {
                let mut tx = self.parts.db.write().await?;
                let held = store::extend(&mut tx, id, epoch, self.parts.clock.now().plus(LEASE)).await?;
                tx.commit().await?;
                DbResult::Ok(held)
            };
            match prolong.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%id, %error, "a job's lease could not be prolonged"),
            }
        }
    }
}
