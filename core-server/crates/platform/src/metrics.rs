//! The names of all metrics, and the recorder that renders them.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Answered requests by method, route and status.
pub const HTTP_REQUESTS: &str = "alcove_http_requests_total";
/// Time to answer a request, in seconds.
pub const HTTP_DURATION: &str = "alcove_http_request_duration_seconds";
/// Ended chat turns by tier and model.
pub const CHAT_TURNS: &str = "alcove_chat_turns_total";
/// Length of chat turns, in seconds.
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
/// Ended jobs by kind and outcome.
pub const JOBS: &str = "alcove_jobs_total";

/// Installs the recorder of the process. A second call, as in tests, returns an own recorder that
/// nothing writes to.
///
/// # Errors
/// Fails only when the buckets are refused.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0];
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &buckets)?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    Ok(handle)
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
    describe_counter!(JOBS, "Ended background jobs.");
}
