//! Edits, retries and branches.

use db::Engine;
use harness::{Client, Script, TestApp};
use serde_json::{Value, json};

on_both!(an_edit_replaces_what_followed, a_retry_answers_anew, a_branch_is_its_own, strange_parents_are_refused);

async fn contents(client: &Client, conversation: &str) -> Vec<String> {
    let page = client.get(&format!("/api/conversations/{conversation}/messages")).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|item| item["content"].as_str().unwrap().to_owned()).collect()
}

async fn two_turns(client: &Client) -> (String, Vec<Value>) {
    let mut events = client.ask("one").await;
    let conversation = events.start().await.conversation_id.to_string();
    events.rest().await;
    client.ask_in(&conversation, "two").await.rest().await;
    let page = client.get(&format!("/api/conversations/{conversation}/messages")).await.expect(200);
    (conversation, page["items"].as_array().unwrap().clone())
}

async fn an_edit_replaces_what_followed(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (conversation, items) = two_turns(&admin).await;
    let body = json!({"conversationId": conversation, "parentId": items[0]["id"], "messages": [{"role": "user", "content": "uno"}]});
    admin.chat(body).await.rest().await;
    assert_eq!(contents(&admin, &conversation).await, ["uno", "You said: uno"]);
    // The model did not see what was replaced.
    let sent = app.model.requests().pop().unwrap();
    assert!(!sent.to_string().contains("two") && !sent.to_string().contains("\"one\""), "{sent}");
    app.finish().await;
}

async fn a_retry_answers_anew(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (conversation, items) = two_turns(&admin).await;
    app.model.next(Script::words("another two"));
    let body = json!({"conversationId": conversation, "parentId": items[2]["id"], "messages": []});
    admin.chat(body).await.rest().await;
    assert_eq!(contents(&admin, &conversation).await, ["one", "You said: one", "two", "another two"]);
    // Going on after an earlier answer leaves the later turn out.
    let body = json!({"conversationId": conversation, "parentId": items[1]["id"], "messages": [{"role": "user", "content": "three"}]});
    admin.chat(body).await.rest().await;
    assert_eq!(contents(&admin, &conversation).await, ["one", "You said: one", "three", "You said: three"]);
    app.finish().await;
}

async fn a_branch_is_its_own(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (conversation, items) = two_turns(&admin).await;
    let path = format!("/api/conversations/{conversation}/branch");
    let branch = admin.post(&path, json!({"messageId": items[1]["id"], "title": "Side"})).await.expect(201);
    let id = branch["id"].as_str().unwrap().to_owned();
    assert_eq!(branch["parentConversationId"], json!(conversation));
    assert_eq!(branch["branchPointMessageId"], items[1]["id"]);
    assert_eq!(contents(&admin, &id).await, ["one", "You said: one"]);
    admin.ask_in(&id, "aside").await.rest().await;
    assert_eq!(contents(&admin, &conversation).await.len(), 4);
    let sent = app.model.requests().pop().unwrap();
    assert!(!sent.to_string().contains("two"), "{sent}");
    let whole = admin.get(&format!("/api/conversations/{conversation}")).await.expect(200);
    assert_eq!(whole["threads"][0]["id"], json!(id));
    // The branch outlives its parent.
    admin.delete(&format!("/api/conversations/{conversation}")).await.expect(200);
    assert_eq!(contents(&admin, &id).await.len(), 4);
    app.finish().await;
}

async fn strange_parents_are_refused(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (conversation, items) = two_turns(&admin).await;
    let (elsewhere, _) = two_turns(&admin).await;
    let foreign = json!({"conversationId": elsewhere, "parentId": items[0]["id"], "messages": [{"role": "user", "content": "x"}]});
    admin.post("/api/chat", foreign).await.refused(404, "not_found");
    let nothing = json!({"conversationId": conversation, "parentId": items[1]["id"], "messages": []});
    assert_eq!(admin.post("/api/chat", nothing).await.status, 422);
    let path = format!("/api/conversations/{elsewhere}/branch");
    admin.post(&path, json!({"messageId": items[0]["id"]})).await.refused(404, "not_found");
    assert_eq!(contents(&admin, &conversation).await.len(), 4);
    app.finish().await;
}
