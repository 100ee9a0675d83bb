//! Bad input: the one error form, the documented status, nothing broken.

use db::Engine;
use harness::{TestApp, TestOptions};
use serde_json::json;

on_both!(unreadable_requests);

async fn unreadable_requests(engine: Engine) {
    let settings = vec![("REQUEST_BODY_LIMIT", "1mb".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let post = |kind: &str, body: Vec<u8>| {
        let request = admin.request("POST".parse().unwrap(), "/api/conversations");
        admin.send(request.header("content-type", kind).body(body))
    };
    post("application/json", b"{\"title\": ".to_vec()).await.refused(400, "bad_request");
    post("application/json", b"{\"title\": \"\xff\xfe\"}".to_vec()).await.refused(400, "bad_request");
    post("application/json", b"[]".to_vec()).await.refused(400, "bad_request");
    post("application/json", b"{\"title\": \"a\", \"title\": \"b\"}".to_vec()).await.refused(400, "bad_request");
    post("application/json", format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes())
        .await
        .refused(400, "bad_request");
    post("text/plain", b"{}".to_vec()).await.refused(415, "unsupported_media_type");
    post("application/x-www-form-urlencoded", b"title=x".to_vec()).await.refused(415, "unsupported_media_type");
    post("application/json", json!({"title": "x".repeat(2_000_000)}).to_string().into_bytes())
        .await
        .refused(413, "payload_too_large");

    let call = |method: &str, path: &str| admin.send(admin.request(method.parse().unwrap(), path));
    call("GET", "/api/nowhere").await.refused(404, "not_found");
    call("DELETE", "/api/conversations").await.refused(405, "method_not_allowed");
    call("GET", "/api/conversations/%00").await.refused(404, "not_found");
    call("GET", "/api/conversations/..%2F..%2Fetc").await.refused(404, "not_found");
    call("GET", "/assets/../Cargo.toml").await.refused(404, "not_found");
    call("GET", "/assets/%2e%2e/index.html").await.refused(404, "not_found");
    assert_eq!(call("HEAD", "/api/health").await.status, 200);
    // Signs that a database could mistake are kept as text.
    let odd = "'; DROP TABLE users; -- \u{202e}\u{1F600} \\ %_";
    let made = admin.post("/api/conversations", json!({"title": odd})).await.expect(201);
    assert_eq!(made["title"], odd);
    // One sign is no text for PostgreSQL; written out as an escape it is.
    admin.post("/api/conversations", json!({"title": "a\u{0}b"})).await.refused(400, "bad_request");
    admin.get("/api/conversations?q=%00").await.refused(400, "bad_request");
    assert_eq!(admin.post("/api/conversations", json!({"title": r"a\u0000b"})).await.expect(201)["title"], r"a\u0000b");
    assert_eq!(admin.get("/api/conversations?q=%27%22%5C").await.expect(200)["total"], 0);
    app.finish().await;
}
