//! Sessions: tokens, renewal, end.

use std::time::Duration;

use db::Engine;
use harness::{Client, TestApp};
use serde_json::json;

on_both!(end_with_logout, age_and_are_renewed, forged_tokens_open_nothing, tokens_for_frames);

const DAY: u64 = 86_400;

async fn status(client: &Client) -> u16 {
    client.get("/auth/my-permissions").await.status
}

async fn end_with_logout(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let other_session = app.sign_in("ada@example.org").await;
    let out = admin.post("/auth/logout", json!({})).await;
    assert!(out.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")), "the cookie stays");
    out.expect(200);
    admin.get("/auth/user").await.refused(401, "invalid_token");
    assert_eq!(status(&other_session).await, 200);
    app.finish().await;
}

async fn age_and_are_renewed(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    // Fresh: not renewed.
    let answer = admin.get("/auth/user").await;
    assert_eq!(answer.header("x-renewed-token"), None);
    // Used after half of its life: renewed, and the old token keeps its own end.
    app.clock.advance(Duration::from_secs(8 * DAY));
    let answer = admin.get("/auth/user").await;
    let renewed = admin.with_token(answer.header("x-renewed-token").expect("a renewed token"));
    app.clock.advance(Duration::from_secs(7 * DAY));
    admin.get("/auth/user").await.refused(401, "expired_token");
    assert_eq!(status(&renewed).await, 200);
    // Logging out with the renewed token ends the session as a whole.
    renewed.post("/auth/logout", json!({})).await.expect(200);
    renewed.get("/auth/user").await.refused(401, "invalid_token");
    // Unused for longer than its life: over.
    let again = app.sign_in("ada@example.org").await;
    app.clock.advance(Duration::from_secs(15 * DAY));
    again.get("/auth/user").await.refused(401, "expired_token");
    app.finish().await;
}

async fn forged_tokens_open_nothing(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let token = admin.token.clone().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let forged = [
        // {"alg":"none"}
        format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(43)),
        format!("{}.{}x.{}", parts[0], parts[1], parts[2]),
        "abc".to_owned(),
        "a.b.c".to_owned(),
        "x".repeat(20_000),
    ];
    for token in forged {
        let answer = app.client.with_token(&token).get("/auth/user").await;
        assert!(matches!(answer.status, 401 | 431), "{}: {:#}", answer.status, answer.body);
    }
    app.client.get("/auth/user").await.refused(401, "missing_token");
    assert_eq!(app.client.get("/auth/user?soft=1").await.expect(200), json!({"authenticated": false}));
    app.finish().await;
}

async fn tokens_for_frames(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let issued = admin.post("/api/session-token", json!({})).await.expect(200);
    let token = issued["token"].as_str().unwrap().to_owned();
    let frame = |path: &str| {
        app.client.send(app.client.request("GET".parse().unwrap(), path).header("x-session-token", &token))
    };
    assert_eq!(frame("/auth/user").await.expect(200)["email"], "ada@example.org");
    // It is no bearer token. A frame may ask for the next one before this one ends.
    app.client.with_token(&token).get("/auth/user").await.refused(401, "invalid_token");
    assert_ne!(frame("/api/session-token").await.expect(200)["token"], json!(token));
    // Its end comes with the session's or its own.
    app.clock.advance(Duration::from_secs(issued["expiresIn"].as_u64().unwrap() + 61));
    frame("/auth/user").await.refused(401, "expired_token");
    let issued = admin.post("/api/session-token", json!({})).await.expect(200);
    let token = issued["token"].as_str().unwrap().to_owned();
    let frame = |path: &str| {
        app.client.send(app.client.request("GET".parse().unwrap(), path).header("x-session-token", &token))
    };
    frame("/auth/user").await.expect(200);
    admin.post("/auth/logout", json!({})).await.expect(200);
    frame("/auth/user").await.refused(401, "invalid_token");
    app.finish().await;
}
