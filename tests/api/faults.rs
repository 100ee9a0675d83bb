//! Faults inside: rows that nobody owns, owners that are taken for dead, marks that the bus lost.

use std::time::Duration;

use db::Engine;
use harness::{Script, TestApp, text};
use serde_json::{Value, json};
use shared_protocol::chat::{ChatEvent, TurnErrorCode};

on_both!(
    a_turn_without_a_task_is_ended,
    a_turn_that_was_taken_away_shows_no_end_of_its_own,
    a_stop_that_the_bus_lost_is_found,
    a_deleted_conversation_is_purged_after_its_time,
);

async fn a_turn_without_a_task_is_ended(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("first").await;
    let start = events.start().await;
    events.rest().await;
    // As after a commit whose confirmation was lost: the row says active, and nothing runs.
    app.tamper("UPDATE turns SET status = 'active', finished_at = NULL, started_at = 0").await;
    let body = json!({"conversationId": start.conversation_id, "messages": [{"role": "user", "content": "next"}]});
    admin.post("/api/chat", body.clone()).await.refused(409, "turn_in_progress");
    // Its reader is told of the end as soon as it is found.
    let rest = admin.resume(&format!("{}:0", start.message_id)).await.rest().await;
    let Some((_, ChatEvent::Error(error))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(error.code, TurnErrorCode::Interrupted);
    admin.chat(body).await.answer().await;
    app.finish().await;
}

async fn a_turn_that_was_taken_away_shows_no_end_of_its_own(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("mine?").await;
    let start = events.start().await;
    valve.send("some ");
    events.token().await;
    app.tamper("UPDATE turns SET status = 'interrupted', finished_at = 1").await;
    app.tamper("UPDATE messages SET status = 'interrupted', content = 'stored' WHERE role = 'assistant'").await;
    valve.send("more");
    valve.end();
    let rest = events.rest().await;
    assert!(rest.iter().all(|(_, event)| !event.is_last()), "{rest:?}");
    let path = format!("/api/conversations/{}/messages", start.conversation_id);
    let page = admin.get(&path).await.expect(200);
    assert_eq!((&page["items"][1]["content"], &page["items"][1]["status"]), (&json!("stored"), &json!("interrupted")));
    app.finish().await;
}

async fn a_stop_that_the_bus_lost_is_found(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("stop me").await;
    valve.send("some ");
    events.token().await;
    app.tamper("UPDATE turns SET cancel_requested_at = 1").await;
    let rest = events.rest().await;
    let Some((_, ChatEvent::Error(error))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!((error.code, text(&rest)), (TurnErrorCode::Cancelled, String::new()));
    app.finish().await;
}

async fn a_deleted_conversation_is_purged_after_its_time(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("forget me").await;
    let start = events.start().await;
    events.rest().await;
    let path = format!("/api/conversations/{}", start.conversation_id);
    let branch = admin.post(&format!("{path}/branch"), json!({"messageId": start.message_id})).await.expect(201);
    admin.delete(&path).await.expect(200);
    app.clock.advance(Duration::from_secs(31 * 24 * 3600));
    let mut left = app.stored("SELECT content FROM messages ORDER BY id").await;
    let mut tries = 0;
    while left.len() > 2 {
        tries += 1;
        assert!(tries < 5_000, "{left:?}");
        left = app.stored("SELECT content FROM messages ORDER BY id").await;
    }
    // The branch is a conversation of its own and stays, without its parent.
    let admin = app.sign_in("ada@example.org").await;
    let branch = admin.get(&format!("/api/conversations/{}", branch["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(branch.get("parentConversationId").unwrap_or(&Value::Null), &Value::Null);
    app.finish().await;
}
