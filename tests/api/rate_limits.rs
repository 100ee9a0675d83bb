//! Rate limits, in process and in Redis.

use db::Engine;
use harness::{TestApp, TestOptions};

async fn a_family_has_its_limit(settings: Vec<(&'static str, String)>) {
    let app = TestApp::with(TestOptions { engine: Engine::Sqlite, settings }).await;
    let mut passed = 0_u32;
    let refused = loop {
        let answer = app.client.get("/auth/setup-status").await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.header("ratelimit-limit"), Some("6"));
        answer.expect(200);
        passed += 1;
        assert!(passed < 100, "no limit");
    };
    // The burst, and perhaps one that came back while the others were answered.
    assert!((6..=8).contains(&passed), "{passed}");
    let wait: u64 = refused.header("retry-after").expect("a wait").parse().unwrap();
    assert!((1..=11).contains(&wait), "{wait}");
    refused.refused(429, "rate_limited");
    // Other families are not touched, and health checks have no limit.
    app.client.get("/api/conversations").await.refused(401, "missing_token");
    for _ in 0..20 {
        app.client.get("/api/health").await.expect(200);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_process() {
    a_family_has_its_limit(vec![("RATE_LIMIT_AUTH", "6:6".to_owned())]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_redis() {
    let url = harness::setting("REDIS_URL").expect("ALCOVE_TEST_REDIS_URL names a Redis");
    let prefix = format!("test-{}:", std::process::id());
    let settings = vec![("RATE_LIMIT_AUTH", "6:6".to_owned()), ("REDIS_URL", url), ("REDIS_KEY_PREFIX", prefix)];
    a_family_has_its_limit(settings).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_on_and_stopping_are_not_asking() {
    let settings = vec![("RATE_LIMIT_CHAT", "1:3".to_owned())];
    let app = TestApp::with(TestOptions { engine: Engine::Sqlite, settings }).await;
    let admin = app.admin().await;
    let all = admin.ask("one").await.rest().await;
    admin.ask("two").await.rest().await;
    let message = all[0].0.message_id;
    for _ in 0..10 {
        admin.get(&format!("/api/chat?messageId={message}")).await.expect(200);
        admin.post(&format!("/api/chat/{message}/cancel"), serde_json::json!({})).await.expect(200);
    }
    admin.ask("three").await.rest().await;
    let body = serde_json::json!({"messages": [{"role": "user", "content": "four"}]});
    admin.post("/api/chat", body).await.refused(429, "rate_limited");
    app.finish().await;
}
