//! Sessions: tokens, renewal, end.

use std::time::Duration;

use db::Engine;
use harness::{Client, TestApp, TestOptions};
use serde_json::json;

on_both!(
    end_with_logout,
    age_and_are_renewed,
    forged_tokens_open_nothing,
    tokens_for_frames,
    a_frame_ends_with_its_sign_in,
    expired_rows_are_purged,
    listed_people_run_the_installation,
);

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

async fn a_frame_ends_with_its_sign_in(engine: Engine) {
    let settings = vec![("SESSION_ROLLING", "false".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    app.clock.advance(Duration::from_secs(14 * DAY - 1_800));
    let issued = admin.post("/api/session-token", json!({})).await.expect(200);
    let left = issued["expiresIn"].as_u64().unwrap();
    assert!((1_700..=1_800).contains(&left), "{left}");
    let token = issued["token"].as_str().unwrap().to_owned();
    let frame = |method: &str, path: &str| {
        app.client.send(app.client.request(method.parse().unwrap(), path).header("x-session-token", &token))
    };
    // A frame cannot live on by asking for the next token.
    frame("POST", "/api/session-token").await.expect(200);
    app.clock.advance(Duration::from_secs(1_801));
    frame("GET", "/auth/user").await.refused(401, "expired_token");
    frame("POST", "/api/session-token").await.refused(401, "expired_token");
    app.finish().await;
}

async fn expired_rows_are_purged(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    admin.post("/api/session-token", json!({})).await.expect(200);
    // A token that outlives its session must not keep the purge from anything.
    app.tamper("UPDATE session_tokens SET expires_at = 9000000000000000").await;
    app.client.post("/auth/admin-login", json!({"email": "eve@example.org", "password": "x"})).await.expect(401);
    app.clock.advance(Duration::from_secs(20 * DAY));
    let mut tries = 0;
    loop {
        let sessions = app.stored("SELECT method FROM sessions").await.len();
        let failures = app.stored("SELECT bucket FROM login_failures").await.len();
        if (sessions, failures) == (0, 0) {
            break;
        }
        tries += 1;
        assert!(tries < 5_000, "{sessions} sessions and {failures} counters are left");
    }
    app.finish().await;
}

async fn listed_people_run_the_installation(engine: Engine) {
    let settings = vec![("SYSTEM_ADMINS", "Bob@example.net".to_owned()), ("ALLOW_PASSWORD_LOGIN", "false".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let listed = app.other_tenant().await;
    assert_eq!(listed.get("/auth/user").await.expect(200)["isSystemAdmin"], json!(true));
    assert_eq!(admin.get("/auth/user").await.expect(200)["featureFlags"]["deploymentMode"], json!("self-hosted"));
    app.finish().await;
}
