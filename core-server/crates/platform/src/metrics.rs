//! The names of all metrics, and the recorder that renders them.

use std::time::Duration;

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Lifecycle;

/// Answered requests by method, route and status.
pub const HTTP_REQUESTS: &str = "alcove_http_requests_total";
/// Time to answer a request by method, route and status, in seconds.
pub const HTTP_DURATION: &str = "alcove_http_request_duration_seconds";
/// Ended chat turns by tier and model.
pub const CHAT_TURNS: &str = "alcove_chat_turns_total";
/// Length of chat turns by tier and model, in seconds.
pub const CHAT_DURATION: &str = "alcove_chat_turn_duration_seconds";
/// Tokens by direction and model.
pub const CHAT_TOKENS: &str = "alcove_chat_tokens_total";
/// Database connections in use.
pub const POOL_IN_USE: &str = "alcove_db_pool_in_use";
/// The most database connections.
pub const POOL_MAX: &str = "alcove_db_pool_max";
/// Whether Redis answers.
pub const REDIS_CONNECTED: &str = "alcove_redis_connected";
/// Migrations that the database has.
pub const MIGRATIONS: &str = "alcove_migrations_applied_total";
/// Accounts that may sign in, of all organisations.
pub const USERS_ACTIVE: &str = "alcove_users_active_total";
/// Questions of the present month, of all organisations. Begins anew with each month.
pub const MESSAGES_MONTH: &str = "alcove_users_messages_month_total";
/// Ended jobs by kind and outcome.
pub const JOBS: &str = "alcove_jobs_total";

/// How often samples are put into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Installs the recorder of the process and keeps it small. A second call, as in tests, returns an own
/// recorder that nothing writes to.
///
/// # Errors
/// Fails only when the buckets are refused.
pub fn install(lifecycle: &Lifecycle) -> anyhow::Result<PrometheusHandle> {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0];
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    lifecycle.serve("metrics", keep_up(handle.clone(), lifecycle.clone()));
    Ok(handle)
}

/// Every sample of a histogram is kept until somebody asks for it, so a server that nobody scrapes would
/// grow with each request.
async fn keep_up(handle: PrometheusHandle, lifecycle: Lifecycle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => handle.run_upkeep(),
            () = lifecycle.stopping().cancelled() => return,
        }
    }
}

fn describe() {
    describe_counter!(HTTP_REQUESTS, "Answered requests.");
    describe_histogram!(HTTP_DURATION, "Time to answer a request, in seconds.");
    describe_counter!(CHAT_TURNS, "Ended chat turns.");
    describe_histogram!(CHAT_DURATION, "Length of chat turns, in seconds.");
    describe_counter!(CHAT_TOKENS, "Tokens of chat turns.");
    describe_gauge!(POOL_IN_USE, "Database connections in use.");
    describe_gauge!(POOL_MAX, "The most database connections.");
    describe_gauge!(REDIS_CONNECTED, "Whether Redis answers.");
    describe_counter!(MIGRATIONS, "Migrations that the database has.");
    describe_gauge!(USERS_ACTIVE, "Accounts that may sign in.");
    describe_counter!(JOBS, "Ended background jobs.");
}

#[cfg(test)]
mod tests {
    use metrics::histogram;

    use super::*;

    #[tokio::test]
    async fn samples_are_taken_in_without_a_scrape() {
        let lifecycle = Lifecycle::new();
        let handle = install(&lifecycle).unwrap();
        histogram!("upkeep_seconds").record(0.5);
        // Rendering would take the samples in, so what is there is read from the recorder's own picture.
        let taken_in = || format!("{handle:?}").contains("count: 1,");
        assert!(!taken_in(), "{handle:?}");
        let waiting = async {
            while !taken_in() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(UPKEEP, waiting).await.expect("the samples are taken in");
        // The task does not hold the process up.
        tokio::time::timeout(UPKEEP, lifecycle.shutdown(Duration::from_secs(60))).await.expect("the task ends");
    }
}
