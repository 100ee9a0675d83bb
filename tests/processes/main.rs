//! The real program as processes: killed, doubled, starved.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a fault is a failed test")]

mod commands;
mod crash;
mod disk;
mod redis_away;
mod replicas;
mod slow;
mod stop;
mod telemetry;

use harness::{Process, ScriptedModel};

const ALCOVE: &str = env!("CARGO_BIN_EXE_alcove");

/// Settings of a server whose model is scripted.
fn scripted<'a>(model: &'a ScriptedModel, data: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("DATA_DIR", data),
        ("MODEL_PROVIDER", "openai"),
        ("MODEL_BASE_URL", &model.base),
        ("MODEL_API_KEY", "sk-test"),
        ("MODEL_NAME", "scripted"),
        ("RATE_LIMIT_CHAT", "off"),
        ("RATE_LIMIT_AUTH", "off"),
        ("RATE_LIMIT_API", "off"),
    ]
}

async fn serve(model: &ScriptedModel, data: &str) -> Process {
    Process::start(ALCOVE, &["serve"], &scripted(model, data)).await
}
