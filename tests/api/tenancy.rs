//! Another tenant's things, and a colleague's, do not exist.

use db::Engine;
use harness::{Client, TestApp};
use serde_json::json;

on_both!(foreign_things_do_not_exist);

async fn foreign_things_do_not_exist(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("a secret question").await;
    let start = events.start().await;
    events.rest().await;
    let (conversation, message) = (start.conversation_id, start.message_id);
    let own = admin.get(&format!("/api/conversations/{conversation}")).await.expect(200);
    let agent = own["agent"]["id"].as_str().unwrap().to_owned();

    for stranger in [app.other_tenant().await, app.colleague(&admin).await] {
        let list = stranger.get("/api/conversations?q=secret").await.expect(200);
        assert_eq!((list["total"].as_i64(), list["items"].as_array().unwrap().len()), (Some(0), 0));
        for (method, path, body) in [
            ("GET", format!("/api/conversations/{conversation}"), json!(null)),
            ("PATCH", format!("/api/conversations/{conversation}"), json!({"title": "mine"})),
            ("PUT", format!("/api/conversations/{conversation}"), json!({"title": "mine"})),
            ("DELETE", format!("/api/conversations/{conversation}"), json!(null)),
            ("GET", format!("/api/conversations/{conversation}/messages"), json!(null)),
            ("POST", format!("/api/conversations/{conversation}/title"), json!({})),
            ("POST", format!("/api/conversations/{conversation}/branch"), json!({"messageId": message})),
            ("POST", format!("/api/chat/{message}/cancel"), json!({})),
            ("POST", format!("/api/chat/{message}/feedback"), json!({"rating": "up"})),
            ("GET", format!("/api/chat?messageId={message}"), json!(null)),
            (
                "POST",
                "/api/chat".to_owned(),
                json!({"conversationId": conversation, "messages": [{"role": "user", "content": "x"}]}),
            ),
        ] {
            let request = stranger.request(method.parse().unwrap(), &path);
            let request = if body.is_null() { request } else { request.json(&body) };
            stranger.send(request).await.refused(404, "not_found");
        }
        let resume =
            stranger.request("POST".parse().unwrap(), "/api/chat").header("last-event-id", format!("{message}:0"));
        stranger.send(resume.json(&json!({}))).await.refused(404, "not_found");
    }
    // The agent is the organisation's: a colleague has it, another tenant has not.
    let other = app.sign_in("bob@example.net").await;
    other.post("/api/conversations", json!({"agentId": agent})).await.refused(404, "not_found");
    let colleague = app.sign_in("cleo@example.org").await;
    colleague.post("/api/conversations", json!({"agentId": agent})).await.expect(201);
    untouched(&admin, &conversation.to_string()).await;
    app.finish().await;
}

async fn untouched(admin: &Client, conversation: &str) {
    let mine = admin.get(&format!("/api/conversations/{conversation}")).await.expect(200);
    assert_ne!(mine["title"], "mine");
    let messages = admin.get(&format!("/api/conversations/{conversation}/messages")).await.expect(200);
    assert_eq!(messages["items"].as_array().unwrap().len(), 2);
    assert!(messages["items"][1].get("feedback").is_none());
}
