//! Durable background work.
//!
//! A job is a row that is written in the same transaction as the data it belongs to, so it exists
//! if and only if the data does. A [`Runner`] claims ready rows under a lease. Every claim raises the
//! row's epoch, and only the holder of the present epoch may finish it: a worker that was thought
//! dead cannot finish what another one does by now.
//!
//! Tables: `jobs`, `schedule_ticks`.

mod model;
mod runner;
mod schedule;
mod store;

pub use model::{Claimed, JobError, NewJob, Outcome};
pub use runner::{Handler, Runner, RunnerParts};
pub use schedule::Schedule;
pub use store::{count_failed, enqueue};

/// Bus topic that wakes runners.
pub const WAKE_TOPIC: &str = "jobs";
