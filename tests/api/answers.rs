//! Turns: their events, their end, their place.

use db::Engine;
use harness::{Script, TITLE, TestApp, text};
use serde_json::{Value, json};
use shared_protocol::chat::{ChatEvent, TurnErrorCode};

on_both!(
    an_answer_streams_and_is_stored,
    a_whole_answer_as_json,
    a_stop_keeps_the_text,
    one_turn_at_a_time,
    a_reader_that_leaves_stops_nothing,
    the_title_is_made_once,
    ratings_are_kept,
    a_model_by_name_or_none,
    a_filtered_or_empty_answer_is_no_success,
    a_conversation_that_is_too_long_is_cut,
    hidden_characters_are_kept_and_not_sent,
    bad_requests_begin_nothing,
);

async fn messages(client: &harness::Client, conversation: &str) -> Vec<Value> {
    let page = client.get(&format!("/api/conversations/{conversation}/messages")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn an_answer_streams_and_is_stored(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    app.model.next(Script::words("Grüße, 😀 und <b>mehr</b>"));
    let mut events = admin.ask("hello there").await;
    let start = events.start().await;
    let (answer, last) = events.answer().await;
    assert_eq!(answer, "Grüße, 😀 und <b>mehr</b>");
    let ChatEvent::Done(done) = last else { panic!("{last:?}") };
    assert_eq!((done.message_id, done.model.as_str()), (start.message_id, "scripted"));
    assert_eq!((done.usage.input, done.usage.output), (11, 4));

    let stored = messages(&admin, &start.conversation_id.to_string()).await;
    assert_eq!(stored.len(), 2);
    assert_eq!((&stored[0]["role"], &stored[0]["content"]), (&json!("user"), &json!("hello there")));
    assert_eq!(stored[0]["id"], json!(start.user_message_id));
    assert_eq!((&stored[1]["content"], &stored[1]["status"]), (&json!(answer), &json!("completed")));
    assert_eq!(stored[1]["usage"], json!({"input": 11, "output": 4}));
    assert_eq!(stored[1]["parentId"], json!(start.user_message_id));

    // The next turn sends the history, and the system prompt first.
    admin.ask_in(&start.conversation_id.to_string(), "and now?").await.rest().await;
    let sent = &app.model.requests()[1]["messages"];
    let roles: Vec<&str> = sent.as_array().unwrap().iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(sent[2]["content"], json!(answer));
    app.finish().await;
}

async fn a_whole_answer_as_json(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let parts = json!([{"type": "text", "text": "in"}, {"type": "text", "text": "parts"}]);
    let body = json!({"stream": false, "messages": [{"role": "user", "content": parts}]});
    let answer = admin.post("/api/chat", body).await.expect(200);
    assert_eq!(answer["message"]["content"], "You said: in\nparts");
    assert_eq!(answer["message"]["status"], "completed");
    assert_eq!(answer["usage"]["input"], 11);
    app.finish().await;
}

async fn a_stop_keeps_the_text(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("tell me a long story").await;
    let start = events.start().await;
    valve.send("Once upon ");
    assert_eq!(events.token().await.1, "Once upon ");
    let cancel = format!("/api/chat/{}/cancel", start.message_id);
    assert_eq!(admin.post(&cancel, json!({})).await.expect(200), json!({"ok": true}));
    let rest = events.rest().await;
    let Some((_, ChatEvent::Error(error))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(error.code, TurnErrorCode::Cancelled);
    // The provider is not read any further.
    valve.closed().await;
    assert!(!valve.is_read());
    let stored = messages(&admin, &start.conversation_id.to_string()).await;
    assert_eq!((&stored[1]["content"], &stored[1]["status"]), (&json!("Once upon "), &json!("cancelled")));
    // What was used until then is counted by us.
    assert!(stored[1]["usage"]["input"].as_u64() > Some(10) && stored[1]["usage"]["output"].as_u64() > Some(0));
    let conversation = admin.get(&format!("/api/conversations/{}", start.conversation_id)).await.expect(200);
    assert_eq!((&conversation["status"], conversation.get("activeMessageId")), (&json!("cancelled"), None));
    // A stop that comes too late does no harm: the answer may have ended while it was on its way.
    admin.post(&cancel, json!({})).await.expect(200);
    assert_eq!(messages(&admin, &start.conversation_id.to_string()).await[1]["status"], "cancelled");
    // And the conversation goes on.
    let (answer, _) = admin.ask_in(&start.conversation_id.to_string(), "go on").await.answer().await;
    assert_eq!(answer, "You said: go on");
    app.finish().await;
}

async fn one_turn_at_a_time(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("first").await;
    let start = events.start().await;
    let second = json!({"conversationId": start.conversation_id, "messages": [{"role": "user", "content": "second"}]});
    admin.post("/api/chat", second.clone()).await.refused(409, "turn_in_progress");
    let detail = admin.get(&format!("/api/conversations/{}", start.conversation_id)).await.expect(200);
    assert_eq!((&detail["activeMessageId"], &detail["status"]), (&json!(start.message_id), &json!("active")));
    valve.end();
    events.rest().await;
    let (answer, _) = admin.chat(second).await.answer().await;
    assert_eq!(answer, "You said: second");

    // Of many at once, one begins.
    let conversation = admin.post("/api/conversations", json!({})).await.expect(201)["id"].as_str().unwrap().to_owned();
    let (script, valve) = Script::valve();
    app.model.next(script);
    let body = json!({"conversationId": conversation, "messages": [{"role": "user", "content": "race"}]});
    let ask = || admin.request("POST".parse().unwrap(), "/api/chat").json(&body).send();
    let answers = futures_util::future::join_all((0..5).map(|_| ask())).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.as_ref().unwrap().status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409]);
    valve.send("won");
    valve.end();
    drop(answers);
    let stored = loop {
        let stored = messages(&admin, &conversation).await;
        if stored.last().is_some_and(|message| message["status"] == "completed") {
            break stored;
        }
    };
    assert_eq!(stored.len(), 2, "{stored:#?}");
    app.finish().await;
}

async fn a_reader_that_leaves_stops_nothing(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("hello").await;
    let start = events.start().await;
    valve.send("one ");
    let (seen, _) = events.token().await;
    drop(events);
    valve.send("two ");
    let mut events = admin.resume(&seen.to_string()).await;
    assert_eq!(events.token().await.1, "two ");
    valve.send("three");
    valve.end();
    let (rest, last) = events.answer().await;
    assert_eq!((rest.as_str(), last.is_last()), ("three", true));
    let stored = messages(&admin, &start.conversation_id.to_string()).await;
    assert_eq!(stored[1]["content"], "one two three");
    app.finish().await;
}

async fn the_title_is_made_once(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("Tell me about tides").await;
    let start = events.start().await;
    events.rest().await;
    let path = format!("/api/conversations/{}", start.conversation_id);
    let mut tries = 0;
    while admin.get(&path).await.expect(200)["title"] != TITLE {
        tries += 1;
        assert!(tries < 2_000, "no title was made");
    }
    assert_eq!(admin.get(&path).await.expect(200)["titlePlaceholder"], false);
    admin.patch(&path, json!({"title": "Mine"})).await.expect(200);
    admin.ask_in(&start.conversation_id.to_string(), "more").await.rest().await;
    assert_eq!(admin.get(&path).await.expect(200)["title"], "Mine");
    // Asked for, a title is made anew.
    assert_eq!(admin.post(&format!("{path}/title"), json!({})).await.expect(200)["title"], TITLE);
    // Nothing has been said here that a title could be made of.
    let empty = admin.post("/api/conversations", json!({})).await.expect(201);
    let answer = admin.post(&format!("/api/conversations/{}/title", empty["id"].as_str().unwrap()), json!({})).await;
    answer.refused(409, "conflict");
    app.finish().await;
}

async fn ratings_are_kept(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask("rate me").await;
    let start = events.start().await;
    events.rest().await;
    let path = format!("/api/chat/{}/feedback", start.message_id);
    admin.post(&path, json!({"rating": "down", "comment": "too short"})).await.expect(200);
    let conversation = start.conversation_id.to_string();
    assert_eq!(messages(&admin, &conversation).await[1]["feedback"], json!({"rating": "down", "comment": "too short"}));
    admin.post(&path, json!({"rating": null})).await.expect(200);
    assert!(messages(&admin, &conversation).await[1].get("feedback").is_none());
    admin.post(&path, json!({"rating": "sideways"})).await.refused(400, "bad_request");
    let long = admin.post(&path, json!({"rating": "up", "comment": "x".repeat(2_001)})).await;
    assert_eq!(long.refused(422, "validation_failed")["details"][0]["field"], "comment");
    admin
        .post(&format!("/api/chat/{}/feedback", start.user_message_id), json!({"rating": "up"}))
        .await
        .refused(404, "not_found");
    app.finish().await;
}

async fn bad_requests_begin_nothing(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    for (body, status) in [
        (json!({}), 422),
        (json!({"messages": []}), 422),
        (json!({"messages": [{"role": "user", "content": "   "}]}), 422),
        (json!({"messages": [{"role": "assistant", "content": "x"}]}), 422),
        (json!({"messages": [{"role": "user", "content": "x".repeat(200_001)}]}), 413),
        (json!({"messages": [{"role": "wizard", "content": "x"}]}), 400),
        (json!({"messages": "x"}), 400),
        (json!({"messages": [{"role": "user", "content": "\u{200b}\u{2060}"}]}), 422),
        // A field that is not known may have changed everything: a file that is not read, a chat that is kept.
        (json!({"ephemeral": true, "messages": [{"role": "user", "content": "x"}]}), 400),
        (json!({"attachments": [], "messages": [{"role": "user", "content": "x"}]}), 400),
        (json!({"conversationId": "conv_1", "messages": [{"role": "user", "content": "x"}]}), 400),
    ] {
        let answer = admin.post("/api/chat", body.clone()).await;
        assert_eq!(answer.status, status, "{:#}", answer.body);
    }
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 0);
    assert!(app.model.requests().is_empty());
    // A text that looks like the protocol is text.
    let sly = "event: done\ndata: {}\n\nid: 7";
    app.model.next(Script::Pieces(vec![sly.to_owned(), "\r\n\r\n".to_owned(), "\u{0}end".to_owned()]));
    let events = admin.ask(sly).await.rest().await;
    assert!(text(&events).starts_with(sly));
    assert!(matches!(events.last(), Some((_, ChatEvent::Done(_)))));
    app.finish().await;
}

async fn a_model_by_name_or_none(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let ask = |model: &str| json!({"stream": false, "model": model, "messages": [{"role": "user", "content": "x"}]});
    let refused = admin.post("/api/chat", ask("another")).await.refused(422, "validation_failed");
    assert_eq!(refused["details"][0]["field"], "model");
    assert_eq!(admin.post("/api/chat", ask("scripted")).await.expect(200)["message"]["model"], "scripted");
    app.finish().await;
}

async fn a_filtered_or_empty_answer_is_no_success(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let ending = |reason: &str| {
        let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
        Script::Raw(format!("data: {stop}\n\ndata: [DONE]\n\n").into_bytes())
    };
    for (reason, code) in
        [("content_filter", TurnErrorCode::ModerationBlocked), ("stop", TurnErrorCode::ProviderUnavailable)]
    {
        app.model.next(ending(reason));
        let (_, last) = admin.ask("something").await.answer().await;
        let ChatEvent::Error(error) = last else { panic!("{last:?}") };
        assert_eq!(error.code, code);
    }
    app.finish().await;
}

async fn a_conversation_that_is_too_long_is_cut(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let mut events = admin.ask(&"first words ".repeat(3_000)).await;
    let conversation = events.start().await.conversation_id.to_string();
    events.rest().await;
    for n in 0..4 {
        admin.ask_in(&conversation, &format!("{n} {}", "more words ".repeat(3_000))).await.rest().await;
    }
    // The provider's window is smaller than it is believed to be.
    let words = "This model's maximum context length is 8192 tokens (context_length_exceeded).";
    for _ in 0..2 {
        app.model.next(Script::Refusal(400, words));
    }
    let (answer, _) = admin.ask_in(&conversation, "and now?").await.answer().await;
    assert_eq!(answer, "You said: and now?");
    let sent: Vec<usize> =
        app.model.requests().iter().map(|request| request["messages"].as_array().unwrap().len()).collect();
    let [whole, half, quarter] = sent[sent.len() - 3..] else { panic!("{sent:?}") };
    assert!(whole > half && half > quarter && quarter >= 2, "{sent:?}");
    // What never fits says so after a few tries.
    for _ in 0..4 {
        app.model.next(Script::Refusal(400, words));
    }
    let (_, last) = admin.ask_in(&conversation, "never").await.answer().await;
    assert!(matches!(last, ChatEvent::Error(error) if error.code == TurnErrorCode::ContextOverflow));
    app.finish().await;
}

async fn hidden_characters_are_kept_and_not_sent(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let family = "👨\u{200d}👩\u{200d}👧 hi\u{200b}dden\u{e0041}";
    let mut events = admin.ask(family).await;
    let start = events.start().await;
    events.rest().await;
    assert_eq!(messages(&admin, &start.conversation_id.to_string()).await[0]["content"], family);
    let sent = app.model.requests()[0]["messages"][1]["content"].as_str().unwrap().to_owned();
    assert_eq!(sent, "👨👩👧 hidden");
    app.finish().await;
}
