//! `Idempotency-Key` on routes that create.

use std::time::Duration;

use db::Engine;
use harness::{Answer, Client, Script, TestApp};
use serde_json::{Value, json};

on_both!(
    the_first_answer_is_given_again,
    many_at_once_make_one,
    keys_belong_to_their_user,
    the_chat_streams_all_the_same,
    answers_are_sealed_and_signing_in_has_no_keys,
    a_whole_answer_of_the_chat_is_given_once,
);

const KEY: &str = "7d0a3d0c-55a8-4d7c-8d8b-6f6f0d6f7c11";

async fn create(client: &Client, key: &str, body: Value) -> Answer {
    client
        .send(client.request("POST".parse().unwrap(), "/api/conversations").header("idempotency-key", key).json(&body))
        .await
}

async fn the_first_answer_is_given_again(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let first = create(&admin, KEY, json!({"title": "once"})).await.expect(201);
    assert_eq!(create(&admin, KEY, json!({"title": "once"})).await.expect(201), first);
    create(&admin, KEY, json!({"title": "twice"})).await.refused(409, "idempotency_conflict");
    create(&admin, "not a uuid", json!({"title": "x"})).await.refused(400, "bad_request");
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 1);
    // After a day the key is free.
    app.clock.advance(Duration::from_secs(25 * 3_600));
    let admin = app.sign_in("ada@example.org").await;
    assert_ne!(create(&admin, KEY, json!({"title": "once"})).await.expect(201)["id"], first["id"]);
    app.finish().await;
}

async fn many_at_once_make_one(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let answers = futures_util::future::join_all((0..8).map(|_| create(&admin, KEY, json!({"title": "race"})))).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    for answer in answers {
        if answer.status != 201 {
            assert!(answer.header("retry-after").is_some());
            answer.refused(409, "idempotency_in_progress");
        }
    }
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 1);
    app.finish().await;
}

async fn keys_belong_to_their_user(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let other = app.other_tenant().await;
    let mine = create(&admin, KEY, json!({"title": "mine"})).await.expect(201);
    let theirs = create(&other, KEY, json!({"title": "theirs"})).await.expect(201);
    assert_ne!(mine["id"], theirs["id"]);
    app.finish().await;
}

async fn the_chat_streams_all_the_same(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let body = json!({"messages": [{"role": "user", "content": "stream"}]});
    let request = admin.request("POST".parse().unwrap(), "/api/chat").header("idempotency-key", KEY).json(&body);
    let mut events = admin.events(request).await;
    events.start().await;
    valve.send("one ");
    assert_eq!(events.token().await.1, "one ");
    valve.end();
    events.rest().await;
    app.finish().await;
}

async fn answers_are_sealed_and_signing_in_has_no_keys(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    create(&admin, KEY, json!({"title": "between us"})).await.expect(201);
    let stored = app.stored("SELECT body FROM idempotency_keys").await.concat();
    assert!(!stored.is_empty() && !stored.contains("between us"));
    // No copy of a secret is kept: each time there is another one.
    let issue = || {
        let request = admin.request("POST".parse().unwrap(), "/api/session-token").header("idempotency-key", KEY);
        admin.send(request.json(&json!({})))
    };
    assert_ne!(issue().await.expect(200)["token"], issue().await.expect(200)["token"]);
    let body = json!({"email": "ada@example.org", "password": harness::PASSWORD});
    let login = app.client.request("POST".parse().unwrap(), "/auth/admin-login").header("idempotency-key", KEY);
    app.client.send(login.json(&body)).await.expect(200);
    // A stranger's key opens nothing.
    create(&app.client, KEY, json!({"title": "x"})).await.refused(401, "missing_token");
    app.finish().await;
}

async fn a_whole_answer_of_the_chat_is_given_once(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let body = json!({"stream": false, "messages": [{"role": "user", "content": "once"}]});
    let ask = || {
        let request = admin.request("POST".parse().unwrap(), "/api/chat").header("idempotency-key", KEY);
        admin.send(request.json(&body))
    };
    let first = ask().await.expect(200);
    assert_eq!(ask().await.expect(200), first);
    assert_eq!(app.model.requests().len(), 1);
    app.finish().await;
}
