//! `Idempotency-Key` on routes that create.

use std::time::Duration;

use db::Engine;
use harness::{Answer, Client, TestApp};
use serde_json::{Value, json};

on_both!(the_first_answer_is_given_again, many_at_once_make_one, keys_belong_to_their_user);

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
