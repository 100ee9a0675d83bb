//! What `/metrics` tells.

use db::Engine;
use harness::{Client, TestApp};
use reqwest::Method;

on_both!(all_metrics_are_there, a_month_begins_at_nothing);

/// The value of the series whose line begins with `series`.
async fn value(client: &Client, series: &str) -> Option<f64> {
    let text = client.get("/metrics").await.expect(200);
    let mut lines = text.as_str().unwrap().lines();
    lines.find_map(|line| line.strip_prefix(series)?.rsplit(' ').next()?.parse().ok())
}

async fn all_metrics_are_there(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    app.other_tenant().await;
    admin.ask("count me").await.rest().await;
    let text = admin.get("/metrics").await.expect(200);
    let text = text.as_str().unwrap();
    let has = |name: &str, labels: &[&str]| {
        text.lines().any(|line| line.starts_with(name) && labels.iter().all(|label| line.contains(label)))
    };
    let chat = ["method=\"POST\"", "route=\"/api/chat\"", "status=\"200\""];
    for (name, labels) in [
        ("alcove_http_requests_total{", &chat[..]),
        ("alcove_http_request_duration_seconds_bucket{", &chat[..]),
        ("alcove_chat_turns_total{", &["tier=\"community\"", "model=\"scripted\""][..]),
        ("alcove_chat_turn_duration_seconds_bucket{", &["tier=\"community\"", "model=\"scripted\""][..]),
        ("alcove_chat_tokens_total{", &["direction=\"output\"", "model=\"scripted\""][..]),
        ("alcove_db_pool_in_use ", &[][..]),
        ("alcove_db_pool_max ", &[][..]),
        ("# TYPE alcove_migrations_applied_total counter", &[][..]),
        ("# TYPE alcove_users_active_total gauge", &[][..]),
        ("# TYPE alcove_users_messages_month_total counter", &[][..]),
    ] {
        assert!(has(name, labels), "{name} {labels:?} is missing in {text}");
    }
    assert!(value(&admin, "alcove_migrations_applied_total ").await >= Some(1.0));
    // Of both tenants together.
    assert_eq!(value(&admin, "alcove_users_active_total ").await, Some(2.0));
    app.finish().await;
}

async fn a_month_begins_at_nothing(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    for question in ["one", "two"] {
        admin.ask(question).await.rest().await;
    }
    assert_eq!(value(&admin, "alcove_users_messages_month_total ").await, Some(2.0));
    app.clock.advance(std::time::Duration::from_secs(20 * 24 * 3600));
    assert_eq!(value(&admin, "alcove_users_messages_month_total ").await, Some(0.0));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_choose_no_labels() {
    let app = TestApp::start(Engine::Sqlite).await;
    for n in 0..20 {
        let method = Method::from_bytes(format!("BREW{n}").as_bytes()).unwrap();
        app.client.request(method, "/api/health").send().await.unwrap();
    }
    let text = app.client.get("/metrics").await.expect(200);
    let text = text.as_str().unwrap();
    assert!(!text.contains("BREW"), "{text}");
    assert!(text.contains("method=\"other\""), "{text}");
    app.finish().await;
}
