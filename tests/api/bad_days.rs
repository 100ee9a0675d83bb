//! Providers that fail in every way: the documented end, the text so far, and the next turn works.

use db::Engine;
use harness::{Script, TestApp, TestOptions};
use serde_json::json;
use shared_protocol::chat::{ChatEvent, TurnErrorCode};

on_both!(each_failure_has_its_code, a_provider_that_is_away, a_long_history_is_trimmed);

fn piece(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
}

async fn each_failure_has_its_code(engine: Engine) {
    let settings = vec![("MODEL_STALL_SECONDS", "1".to_owned()), ("MODEL_FIRST_TOKEN_SECONDS", "1".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let scripts = [
        (Script::Status(401), TurnErrorCode::Auth, ""),
        (Script::Status(400), TurnErrorCode::BadRequest, ""),
        (Script::Status(413), TurnErrorCode::PayloadTooLarge, ""),
        (Script::Stall(vec!["half ".to_owned()]), TurnErrorCode::Timeout, "half "),
        (Script::Raw(piece("cut ").into_bytes()), TurnErrorCode::ProviderUnavailable, "cut "),
        (
            Script::Raw(format!("{}data: {{nonsense\n\n", piece("odd ")).into_bytes()),
            TurnErrorCode::ProviderUnavailable,
            "odd ",
        ),
    ];
    // What fails before its first piece is tried again, three times.
    let page = || Script::Raw(b"<html>not a stream</html>".to_vec());
    for _ in 0..3 {
        app.model.next(page());
    }
    let scripts = [(page(), TurnErrorCode::ProviderUnavailable, "")].into_iter().chain(scripts);
    for (script, code, text) in scripts {
        app.model.next(script);
        let mut events = admin.ask("fail").await;
        let start = events.start().await;
        let (answer, last) = events.answer().await;
        let ChatEvent::Error(error) = last else { panic!("{code:?}: {last:?}") };
        assert_eq!((error.code, answer.as_str()), (code, text));
        assert!(!error.message.is_empty());
        let path = format!("/api/conversations/{}/messages", start.conversation_id);
        let stored = admin.get(&path).await.expect(200);
        assert_eq!((&stored["items"][1]["content"], &stored["items"][1]["status"]), (&json!(text), &json!("failed")));
        assert_eq!(stored["items"][1]["error"]["code"], json!(code));
        let (answer, _) = admin.ask_in(&start.conversation_id.to_string(), "again").await.answer().await;
        assert_eq!(answer, "You said: again");
    }
    app.finish().await;
}

async fn a_provider_that_is_away(engine: Engine) {
    // Nothing listens on a port that was just freed.
    let settings = vec![("MODEL_BASE_URL", format!("http://127.0.0.1:{}/v1", harness::free_port()))];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let mut events = admin.ask("anybody?").await;
    let start = events.start().await;
    let (_, last) = events.answer().await;
    let ChatEvent::Error(error) = last else { panic!("{last:?}") };
    assert_eq!(error.code, TurnErrorCode::ProviderUnavailable);
    let body = json!({"stream": false, "conversationId": start.conversation_id, "messages": [{"role": "user", "content": "x"}]});
    admin.post("/api/chat", body).await.refused(503, "provider_unavailable");
    app.finish().await;
}

async fn a_long_history_is_trimmed(engine: Engine) {
    let settings = vec![("MODEL_CONTEXT_WINDOW", "3000".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let mut events = admin.ask(&"early words ".repeat(150)).await;
    let conversation = events.start().await.conversation_id.to_string();
    events.rest().await;
    for n in 0..6 {
        let (_, last) =
            admin.ask_in(&conversation, &format!("turn {n} {}", "filler ".repeat(200))).await.answer().await;
        assert!(matches!(last, ChatEvent::Done(_)), "{last:?}");
    }
    let sent = app.model.requests().pop().unwrap();
    let whole = sent.to_string();
    assert!(whole.contains("turn 5") && !whole.contains("early words"), "{whole}");
    assert!(whole.len() < 12_000, "{}", whole.len());
    // One message that fits nowhere is refused in words.
    let (_, last) = admin.ask_in(&conversation, &"word ".repeat(20_000)).await.answer().await;
    let ChatEvent::Error(error) = last else { panic!("{last:?}") };
    assert_eq!(error.code, TurnErrorCode::ContextOverflow);
    app.finish().await;
}
