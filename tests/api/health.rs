//! Health, metrics, and the headers that every answer has.

use db::Engine;
use harness::{TestApp, TestOptions};
use serde_json::json;

on_both!(probes_and_details, metrics_are_behind_their_password, every_answer_is_labelled);

async fn probes_and_details(engine: Engine) {
    let app = TestApp::start(engine).await;
    let health = app.client.get("/api/health").await.expect(200);
    assert_eq!((&health["status"], &health["tier"]), (&json!("ok"), &json!("community")));
    assert_eq!(app.client.get("/api").await.expect(200)["name"], "Alcove API");
    for path in ["/api/health/db", "/api/health/redis"] {
        app.client.get(path).await.refused(401, "missing_token");
    }
    assert_eq!(app.client.get("/api/health?ready=true").await.expect(200)["status"], "ok");
    let admin = app.admin().await;
    assert_eq!(admin.get("/api/health/db").await.expect(200)["migrations"], "done");
    assert_eq!(admin.get("/api/health/redis").await.expect(200)["status"], "disabled");
    app.colleague(&admin).await.get("/api/health/db").await.refused(403, "forbidden");
    app.finish().await;
}

async fn metrics_are_behind_their_password(engine: Engine) {
    let settings = vec![("METRICS_BASIC_AUTH", "prom:secret".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let metrics = |auth: Option<(&str, &str)>| {
        let request = app.client.request("GET".parse().unwrap(), "/metrics");
        app.client.send(match auth {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        })
    };
    let refused = metrics(None).await;
    assert!(refused.header("www-authenticate").is_some_and(|value| value.starts_with("Basic")));
    refused.refused(401, "missing_token");
    assert_eq!(metrics(Some(("prom", "wrong"))).await.status, 401);
    let admin = app.admin().await;
    admin.ask("count me").await.rest().await;
    let text = metrics(Some(("prom", "secret"))).await.expect(200);
    let text = text.as_str().unwrap();
    assert!(text.contains("alcove_http_requests_total{") && text.contains("route=\"/api/chat\""), "{text}");
    assert!(!text.contains("conv_") && !text.contains("example.org"), "metrics tell of single people");
    app.finish().await;
}

async fn every_answer_is_labelled(engine: Engine) {
    let app = TestApp::start(engine).await;
    for path in ["/api/health", "/", "/nowhere", "/api/conversations"] {
        let answer = app.client.get(path).await;
        assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").is_some(), "{path}");
        assert!(answer.header("referrer-policy").is_some(), "{path}");
    }
    // A given id is kept when it is harmless.
    let ask = |id: &str| {
        app.client.send(app.client.request("GET".parse().unwrap(), "/api/health").header("x-request-id", id))
    };
    assert_eq!(ask("trace-123").await.header("x-request-id"), Some("trace-123"));
    assert_ne!(ask("bad id <script>").await.header("x-request-id"), Some("bad id <script>"));
    // Large JSON is compressed, streams never (the client of these tests checks that).
    let document = app
        .client
        .send(app.client.request("GET".parse().unwrap(), "/api/openapi.json").header("accept-encoding", "br"))
        .await;
    assert_eq!(document.header("content-encoding"), Some("br"));
    // Pages of other origins may not read.
    let foreign = app
        .client
        .send(app.client.request("GET".parse().unwrap(), "/api/health").header("origin", "https://evil.example"))
        .await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    app.finish().await;
}
