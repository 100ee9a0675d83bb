//! What the queue promises, on both engines.

#![expect(clippy::unwrap_used, reason = "a fault is a failed test")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use db::{Engine, testing::TestDb};
use jobs::{JobError, NewJob, Runner, RunnerParts, Schedule, enqueue};
use platform::{Bus, Clock, Ids, Lifecycle};
use serde_json::json;
use shared_protocol::Timestamp;
use tokio::sync::Notify;

macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(db::Engine::Sqlite).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test(db::Engine::Postgres).await })+
        }
    };
}

on_both!(
    each_job_runs_once_with_many_workers,
    a_job_exists_only_with_its_transaction,
    a_failed_job_is_tried_again_and_given_up,
    a_job_of_a_dead_worker_is_taken_over,
    a_tick_enqueues_once,
    a_job_that_kills_its_workers_is_given_up,
    jobs_of_another_version_are_left_alone,
);

struct World {
    database: TestDb,
    clock: Clock,
    ids: Ids,
    bus: Bus,
}

impl World {
    async fn new(engine: Engine) -> Self {
        let clock = Clock::manual(Timestamp::from_micros(1_773_576_000_000_000));
        let ids = Ids::seeded(clock.clone(), 3);
        Self { database: TestDb::of(engine).await.unwrap(), clock, ids, bus: Bus::local() }
    }

    fn runner(&self) -> (Runner, Lifecycle) {
        let lifecycle = Lifecycle::new();
        let parts = RunnerParts {
            db: self.database.db.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            bus: self.bus.clone(),
            lifecycle: lifecycle.clone(),
        };
        (Runner::new(parts), lifecycle)
    }

    fn job(&self, payload: serde_json::Value) -> NewJob {
        NewJob { kind: "test", org: None, payload, run_at: self.clock.now(), dedup_key: None, max_attempts: 3 }
    }

    async fn enqueue(&self, job: &NewJob) -> bool {
        let mut tx = self.database.db.write().await.unwrap();
        let new = enqueue(&mut tx, self.ids.uuid(), job, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        new
    }

    async fn status(&self, kind: &'static str) -> String {
        let mut tx = self.database.db.read().await.unwrap();
        let sql = "SELECT status FROM jobs WHERE kind = $1";
        db::on!(&mut tx, |c| sqlx::query_scalar(sql).bind(kind).fetch_one(c).await).unwrap()
    }

    fn wake(&self) {
        self.bus.publish(jobs::WAKE_TOPIC, "");
    }

    async fn failed(&self) -> i64 {
        jobs::count_failed(&mut self.database.db.read().await.unwrap()).await.unwrap()
    }
}

async fn each_job_runs_once_with_many_workers(engine: Engine) {
    const JOBS: usize = 120;
    let world = World::new(engine).await;
    for n in 0..JOBS {
        assert!(world.enqueue(&world.job(json!({"n": n}))).await);
    }
    let runs: Arc<Mutex<HashMap<u64, u32>>> = Arc::default();
    let all = Arc::new(Notify::new());
    let mut lifecycles = Vec::new();
    for _ in 0..4 {
        let (mut runner, lifecycle) = world.runner();
        let (runs, all) = (runs.clone(), all.clone());
        runner.handle("test", move |job| {
            let (runs, all) = (runs.clone(), all.clone());
            async move {
                let n = job.payload()?["n"].as_u64().unwrap();
                let mut runs = runs.lock().unwrap();
                *runs.entry(n).or_default() += 1;
                if runs.len() == JOBS {
                    all.notify_one();
                }
                Ok(())
            }
        });
        runner.start();
        lifecycles.push(lifecycle);
    }
    tokio::time::timeout(Duration::from_secs(50), all.notified()).await.unwrap();
    for lifecycle in lifecycles {
        lifecycle.shutdown(Duration::from_secs(10)).await;
    }
    assert!(runs.lock().unwrap().values().all(|count| *count == 1));
    assert_eq!(world.failed().await, 0);
}

async fn a_job_exists_only_with_its_transaction(engine: Engine) {
    let world = World::new(engine).await;
    let job = NewJob { dedup_key: Some("one".to_owned()), ..world.job(json!({})) };
    let mut tx = world.database.db.write().await.unwrap();
    assert!(enqueue(&mut tx, world.ids.uuid(), &job, world.clock.now()).await.unwrap());
    drop(tx);
    // It was rolled back, so its key is free; the second one finds it taken.
    assert!(world.enqueue(&job).await);
    assert!(!world.enqueue(&job).await);
}

async fn a_failed_job_is_tried_again_and_given_up(engine: Engine) {
    let world = World::new(engine).await;
    world.enqueue(&world.job(json!({"fatal": false}))).await;
    world.enqueue(&world.job(json!({"fatal": true}))).await;
    let tries = Arc::new(Mutex::new(Vec::new()));
    let news = Arc::new(Notify::new());
    let (mut runner, lifecycle) = world.runner();
    {
        let (tries, news) = (tries.clone(), news.clone());
        runner.handle("test", move |job| {
            let (tries, news) = (tries.clone(), news.clone());
            async move {
                let fatal = job.payload()?["fatal"].as_bool().unwrap();
                tries.lock().unwrap().push((fatal, job.attempt));
                news.notify_one();
                let error = std::io::Error::other("not today");
                if fatal { Err(JobError::Fatal(error.into())) } else { Err(JobError::Retry(error.into())) }
            }
        });
    }
    runner.start();
    let until = |count: usize| {
        let (tries, news, world) = (tries.clone(), news.clone(), &world);
        async move {
            while tries.lock().unwrap().len() < count {
                // The wait before a retry passes on the test's clock alone.
                world.clock.advance(Duration::from_secs(30));
                world.wake();
                drop(tokio::time::timeout(Duration::from_millis(100), news.notified()).await);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(50), until(4)).await.unwrap();
    lifecycle.shutdown(Duration::from_secs(10)).await;
    let mut tries = tries.lock().unwrap().clone();
    tries.sort_unstable();
    assert_eq!(tries, [(false, 1), (false, 2), (false, 3), (true, 1)]);
    assert_eq!(world.failed().await, 2);
}

async fn a_job_of_a_dead_worker_is_taken_over(engine: Engine) {
    let world = World::new(engine).await;
    world.enqueue(&world.job(json!({}))).await;
    let claimed = Arc::new(Notify::new());
    let (mut dying, dead) = world.runner();
    {
        let claimed = claimed.clone();
        dying.handle("test", move |_| {
            claimed.notify_one();
            std::future::pending()
        });
    }
    dying.start();
    claimed.notified().await;
    // Cut off in the middle, as by a kill: nothing is written down.
    dead.shutdown(Duration::ZERO).await;
    world.clock.advance(Duration::from_secs(3_600));

    let done = Arc::new(Notify::new());
    let (mut living, lifecycle) = world.runner();
    {
        let done = done.clone();
        living.handle("test", move |job| {
            assert_eq!((job.attempt, job.epoch), (2, 2));
            done.notify_one();
            async { Ok(()) }
        });
    }
    living.start();
    tokio::time::timeout(Duration::from_secs(20), done.notified()).await.unwrap();
    lifecycle.shutdown(Duration::from_secs(10)).await;
    assert_eq!(world.failed().await, 0);
}

async fn a_tick_enqueues_once(engine: Engine) {
    let world = World::new(engine).await;
    let ran = Arc::new(Mutex::new(0_u32));
    let first = Arc::new(Notify::new());
    let mut lifecycles = Vec::new();
    for _ in 0..3 {
        let (mut runner, lifecycle) = world.runner();
        let (ran, first) = (ran.clone(), first.clone());
        runner.handle("hourly", move |_| {
            *ran.lock().unwrap() += 1;
            first.notify_one();
            async { Ok(()) }
        });
        runner.schedule(Schedule { kind: "hourly", every: Duration::from_secs(3_600) });
        runner.start();
        lifecycles.push(lifecycle);
    }
    tokio::time::timeout(Duration::from_secs(20), first.notified()).await.unwrap();
    for lifecycle in lifecycles {
        lifecycle.shutdown(Duration::from_secs(10)).await;
    }
    assert_eq!(*ran.lock().unwrap(), 1);
}

async fn a_job_that_kills_its_workers_is_given_up(engine: Engine) {
    let world = World::new(engine).await;
    world.enqueue(&world.job(json!({}))).await;
    for _ in 0..3 {
        let claimed = Arc::new(Notify::new());
        let (mut dying, dead) = world.runner();
        {
            let claimed = claimed.clone();
            dying.handle("test", move |_| {
                claimed.notify_one();
                std::future::pending()
            });
        }
        dying.start();
        tokio::time::timeout(Duration::from_secs(20), claimed.notified()).await.unwrap();
        dead.shutdown(Duration::ZERO).await;
        world.clock.advance(Duration::from_secs(3_600));
    }
    let (mut living, lifecycle) = world.runner();
    living.handle("test", |_| async { panic!("three tries were enough") });
    living.start();
    let given_up = async {
        while world.status("test").await != "failed" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), given_up).await.unwrap();
    lifecycle.shutdown(Duration::from_secs(10)).await;
}

async fn jobs_of_another_version_are_left_alone(engine: Engine) {
    let world = World::new(engine).await;
    world.enqueue(&NewJob { kind: "newer", ..world.job(json!({})) }).await;
    world.enqueue(&world.job(json!({}))).await;
    let done = Arc::new(Notify::new());
    let (mut old, lifecycle) = world.runner();
    {
        let done = done.clone();
        old.handle("test", move |_| {
            done.notify_one();
            async { Ok(()) }
        });
    }
    old.start();
    tokio::time::timeout(Duration::from_secs(20), done.notified()).await.unwrap();
    lifecycle.shutdown(Duration::from_secs(10)).await;
    assert_eq!(world.failed().await, 0);

    let done = Arc::new(Notify::new());
    let (mut new, lifecycle) = world.runner();
    {
        let done = done.clone();
        new.handle("newer", move |job| {
            assert_eq!(job.attempt, 1);
            done.notify_one();
            async { Ok(()) }
        });
    }
    new.start();
    tokio::time::timeout(Duration::from_secs(20), done.notified()).await.unwrap();
    lifecycle.shutdown(Duration::from_secs(10)).await;
}
