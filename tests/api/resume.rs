//! Reading a turn again: by resume and by long poll.

use std::time::{Duration, Instant};

use db::Engine;
use harness::{Script, TestApp, text};
use serde_json::json;

on_both!(from_any_event_on, by_long_poll, with_a_token_in_the_query, old_events_are_gone_and_said_so);

async fn from_any_event_on(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    app.model.next(Script::words("a b c d e f"));
    let all = admin.ask("letters").await.rest().await;
    let message = all[0].0.message_id;
    for from in 0..all.len() {
        let again = admin.resume(&format!("{message}:{from}")).await.rest().await;
        assert_eq!(again, all[from..], "from {from}");
    }
    // Nothing comes after the end, and a number that was never given out says so.
    assert!(admin.resume(&format!("{message}:{}", all.len())).await.rest().await.is_empty());
    let beyond = format!("{message}:{}", all.len() + 1);
    let beyond = admin.request("POST".parse().unwrap(), "/api/chat").header("last-event-id", beyond);
    admin.send(beyond.json(&json!({}))).await.refused(410, "expired");
    let resume = |id: &str| {
        admin.send(admin.request("POST".parse().unwrap(), "/api/chat").header("last-event-id", id).json(&json!({})))
    };
    resume("nonsense").await.refused(400, "bad_request");
    resume("msg_00000000000000000000000000:1").await.refused(404, "not_found");
    app.finish().await;
}

async fn by_long_poll(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let (script, valve) = Script::valve();
    app.model.next(script);
    let mut events = admin.ask("slowly").await;
    let start = events.start().await;
    valve.send("one ");
    events.token().await;
    let path = format!("/api/chat?messageId={}", start.message_id);
    let page = admin.get(&path).await.expect(200);
    assert_eq!((&page["done"], &page["items"][0]["event"]), (&json!(false), &json!("start")));
    let next = page["next"].as_str().unwrap().to_owned();

    // Nothing new within the wait: an empty page, in time.
    let begun = Instant::now();
    let empty = admin.get(&format!("{path}&after={next}&wait=1")).await.expect(200);
    assert_eq!((empty["items"].as_array().unwrap().len(), empty["next"].as_str().unwrap()), (0, next.as_str()));
    assert!(begun.elapsed() >= Duration::from_secs(1));

    // Something new ends the wait.
    let waiting = format!("{path}&after={next}&wait=20");
    let (page, ()) = tokio::join!(admin.get(&waiting), async { valve.send("two") });
    let page = page.expect(200);
    assert_eq!(page["items"][0]["data"]["text"], "two");
    valve.end();
    events.rest().await;
    let next = page["next"].as_str().unwrap();
    let last = admin.get(&format!("{path}&after={next}&wait=20")).await.expect(200);
    assert_eq!((&last["done"], &last["items"][0]["event"]), (&json!(true), &json!("done")));
    // The number alone is enough.
    let all = admin.get(&format!("{path}&after=0")).await.expect(200);
    assert_eq!((&all["done"], &all["items"][0]["event"]), (&json!(true), &json!("start")));
    let foreign = format!("{path}&after=msg_00000000000000000000000000:1");
    admin.get(&foreign).await.refused(400, "bad_request");
    admin.get("/api/chat?messageId=nonsense").await.refused(400, "bad_request");
    admin.get("/api/chat").await.refused(400, "bad_request");
    app.finish().await;
}

async fn with_a_token_in_the_query(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let all = admin.ask("for an event source").await.rest().await;
    let (message, token) = (all[0].0.message_id, admin.token.clone().unwrap());
    let nobody = &app.client;
    let stream = nobody
        .request("GET".parse().unwrap(), &format!("/api/chat?messageId={message}&token={token}"))
        .header("accept", "text/event-stream");
    assert_eq!(text(&nobody.events(stream).await.rest().await), text(&all));
    nobody.get(&format!("/api/chat?messageId={message}&token=abc")).await.refused(401, "invalid_token");
    nobody.get(&format!("/api/chat?messageId={message}")).await.refused(401, "missing_token");
    // No other route takes a token from the query.
    nobody.get(&format!("/api/conversations?token={token}")).await.refused(401, "missing_token");
    app.finish().await;
}

async fn old_events_are_gone_and_said_so(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let all = admin.ask("soon forgotten").await.rest().await;
    let message = all[0].0.message_id;
    app.clock.advance(Duration::from_secs(12 * 60));
    let admin = app.sign_in("ada@example.org").await;
    // The purge runs with the next tick.
    let mut tries = 0;
    loop {
        let resume =
            admin.request("POST".parse().unwrap(), "/api/chat").header("last-event-id", format!("{message}:0"));
        let answer = admin.send(resume.json(&json!({}))).await;
        if answer.status != 200 {
            let refused = answer.refused(410, "expired");
            assert!(refused["details"]["conversationId"].is_string());
            break;
        }
        tries += 1;
        assert!(tries < 5_000, "the events were never purged");
    }
    app.finish().await;
}
