//! The list and its conversations.

use db::Engine;
use harness::{Script, TestApp};
use serde_json::{Value, json};

on_both!(
    deleting_stops_the_answer,
    branches_can_be_switched_off,
    are_made_changed_and_deleted,
    are_listed_searched_and_paged,
    messages_come_in_pages,
    bad_values_are_named
);

async fn are_made_changed_and_deleted(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let made = admin.post("/api/conversations", json!({})).await.expect(201);
    assert_eq!((&made["titlePlaceholder"], &made["status"]), (&json!(true), &json!("created")));
    let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());

    let workspace = json!({"content": {"kind": "note", "text": "x"}});
    let update = json!({"title": " Plans ", "pinned": true, "labels": ["home", "garden"], "workspace": workspace});
    let changed = admin.patch(&path, update).await.expect(200);
    assert_eq!((&changed["title"], &changed["titlePlaceholder"]), (&json!("Plans"), &json!(false)));
    let whole = admin.get(&path).await.expect(200);
    assert_eq!(
        (&whole["labels"], &whole["workspace"], &whole["pinned"]),
        (&json!(["home", "garden"]), &workspace, &json!(true))
    );
    assert!(whole["agent"]["name"].is_string() && whole["threads"] == json!([]));
    // What is left out stays; null removes.
    admin.put(&path, json!({"workspace": null, "pinned": false})).await.expect(200);
    let whole = admin.get(&path).await.expect(200);
    assert_eq!((whole.get("workspace"), &whole["title"]), (None, &json!("Plans")));

    assert_eq!(admin.delete(&path).await.expect(200), json!({"success": true}));
    for gone in [admin.get(&path).await, admin.delete(&path).await, admin.patch(&path, json!({"pinned": true})).await] {
        gone.refused(404, "not_found");
    }
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 0);
    app.finish().await;
}

async fn are_listed_searched_and_paged(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    for n in 0..7 {
        app.clock.advance(std::time::Duration::from_secs(1));
        admin.post("/api/conversations", json!({"title": format!("Number {n} – Grüße 100%_")})).await.expect(201);
    }
    let titles = |answer: &Value| -> Vec<String> {
        answer["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["title"].as_str().unwrap()[7..8].to_owned())
            .collect()
    };
    let list = admin.get("/api/conversations?limit=3").await.expect(200);
    assert_eq!((titles(&list).concat(), list["total"].as_i64()), ("654".to_owned(), Some(7)));
    let list = admin.get("/api/conversations?limit=3&offset=6").await.expect(200);
    assert_eq!((titles(&list).concat(), list["total"].as_i64()), ("0".to_owned(), Some(7)));

    let first = admin.get("/api/conversations?q=number%200").await.expect(200);
    assert_eq!(titles(&first), ["0"]);
    let id = first["items"][0]["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/conversations/{id}"), json!({"pinned": true, "labels": ["x"]})).await.expect(200);
    assert_eq!(
        titles(&admin.get("/api/conversations?limit=2").await.expect(200)).concat(),
        "06",
        "pinned ones come first"
    );
    assert_eq!(titles(&admin.get("/api/conversations?pinned=true").await.expect(200)), ["0"]);
    assert_eq!(titles(&admin.get("/api/conversations?label=x").await.expect(200)), ["0"]);
    // The search takes signs of patterns as they are, in whatever case, also beyond ASCII.
    assert_eq!(admin.get("/api/conversations?q=100%25_").await.expect(200)["total"], 7);
    assert_eq!(admin.get("/api/conversations?q=%25%25").await.expect(200)["total"], 0);
    assert_eq!(admin.get("/api/conversations?q=GR%C3%9CSSE").await.expect(200)["total"], 0);
    assert_eq!(admin.get("/api/conversations?q=gr%C3%BC").await.expect(200)["total"], 7);
    assert_eq!(admin.get("/api/conversations?q=GR%C3%9C").await.expect(200)["total"], 7);
    // Words of a message are found too.
    admin.ask("Where do swallows winter?").await.rest().await;
    assert_eq!(admin.get("/api/conversations?q=swallows").await.expect(200)["total"], 1);
    // Capitals beyond ASCII, in title, text and label, typed either way.
    let made = admin.post("/api/conversations", json!({"title": "Übersicht"})).await.expect(201);
    let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({"labels": ["Ämter"]})).await.expect(200);
    admin.ask("Wo liegt ÅRHUS und Москва?").await.rest().await;
    for (query, total) in [
        ("q=Übersicht", 1),
        ("q=übersicht", 1),
        ("q=ÅRHUS", 1),
        ("q=москва", 1),
        ("label=Ämter", 1),
        ("label=ämter", 1),
    ] {
        assert_eq!(admin.get(&format!("/api/conversations?{query}")).await.expect(200)["total"], total, "{query}");
    }
    admin.patch(&path, json!({"title": "Plain"})).await.expect(200);
    assert_eq!(admin.get("/api/conversations?q=übersicht").await.expect(200)["total"], 0);
    app.finish().await;
}

async fn messages_come_in_pages(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("question 0").await;
    let conversation = events.start().await.conversation_id.to_string();
    events.rest().await;
    for n in 1..5 {
        admin.ask_in(&conversation, &format!("question {n}")).await.rest().await;
    }
    let path = format!("/api/conversations/{conversation}/messages");
    let newest = admin.get(&format!("{path}?limit=4")).await.expect(200);
    let contents = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["content"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(contents(&newest), ["question 3", "You said: question 3", "question 4", "You said: question 4"]);
    let before = newest["nextBefore"].as_str().unwrap();
    let older = admin.get(&format!("{path}?limit=4&before={before}")).await.expect(200);
    assert_eq!(contents(&older), ["question 1", "You said: question 1", "question 2", "You said: question 2"]);
    let before = older["nextBefore"].as_str().unwrap();
    let oldest = admin.get(&format!("{path}?limit=4&before={before}")).await.expect(200);
    assert_eq!((contents(&oldest).len(), oldest.get("nextBefore")), (2, None));
    let first = oldest["items"][1]["id"].as_str().unwrap();
    let after = admin.get(&format!("{path}?limit=2&after={first}")).await.expect(200);
    assert_eq!(contents(&after), ["question 1", "You said: question 1"]);
    app.finish().await;
}

async fn bad_values_are_named(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let made = admin.post("/api/conversations", json!({"title": "x"})).await.expect(201);
    let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
    for (bad, field) in [
        (json!({"title": ""}), "title"),
        (json!({"title": "x".repeat(201)}), "title"),
        (json!({"labels": vec!["x"; 21]}), "labels"),
        (json!({"labels": ["x".repeat(51)]}), "labels"),
        (json!({"workspace": {"content": "x".repeat(1_000_001)}}), "workspace"),
    ] {
        let refused = admin.patch(&path, bad).await.refused(422, "validation_failed");
        assert_eq!(refused["details"][0]["field"], field);
    }
    admin.patch(&path, json!({"title": 7})).await.refused(400, "bad_request");
    admin.patch(&path, json!({"owner": "me"})).await.refused(400, "bad_request");
    admin.get("/api/conversations/nonsense").await.refused(404, "not_found");
    admin.get("/api/conversations?limit=many").await.refused(400, "bad_request");
    assert_eq!(admin.get("/api/conversations?limit=100000").await.expect(200)["limit"], 200);
    assert_eq!(admin.get(&path).await.expect(200)["title"], "x");
    app.finish().await;
}

async fn deleting_stops_the_answer(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("to be deleted").await;
    let start = events.start().await;
    valve.send("some ");
    events.token().await;
    admin.delete(&format!("/api/conversations/{}", start.conversation_id)).await.expect(200);
    valve.closed().await;
    let rest = events.rest().await;
    assert!(rest.last().is_some_and(|(_, event)| event.is_last()), "{rest:?}");
    app.finish().await;
}

async fn branches_can_be_switched_off(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    match engine {
        Engine::Sqlite => app.tamper("UPDATE agents SET threads_enabled = 0").await,
        Engine::Postgres => app.tamper("UPDATE agents SET threads_enabled = FALSE").await,
    }
    let mut events = admin.ask("branch me").await;
    let start = events.start().await;
    events.rest().await;
    let path = format!("/api/conversations/{}/branch", start.conversation_id);
    admin.post(&path, json!({"messageId": start.message_id})).await.refused(403, "threads_disabled");
    app.finish().await;
}
