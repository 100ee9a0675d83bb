//! The API over HTTP, on both engines. Every answer is checked against the API document.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a fault is a failed test")]

/// Runs each of these functions on SQLite and on PostgreSQL.
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

mod answers;
mod bad_days;
mod branches;
mod conversations;
mod document;
mod endpoints;
mod errors;
mod faults;
mod health;
mod idempotency;
mod metrics;
mod model_settings;
mod profile;
mod providers;
mod quota;
mod rate_limits;
mod resume;
mod sessions;
mod set_up;
mod sign_in;
mod tenancy;
