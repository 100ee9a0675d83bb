//! A process that is killed in the middle of an answer.

use harness::{Script, ScriptedModel, text};
use serde_json::json;
use shared_protocol::chat::{ChatEvent, TurnErrorCode};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_there_after_a_kill() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut server = crate::serve(&model, &data).await;
    let admin = server.admin().await;
    // An earlier conversation must not be touched.
    admin.ask("earlier").await.rest().await;

    for round in 0..3 {
        let (script, valve) = Script::valve();
        model.next(script);
        let question = format!("a question that must not be lost {round}");
        let mut events = admin.ask(&question).await;
        let start = events.start().await;
        let mut shown = String::new();
        for n in 0..20 {
            valve.send(&format!("word{n} "));
            shown += &events.token().await.1;
        }
        server.kill();
        while events.next().await.is_some() {}
        drop(valve);
        server.restart().await;

        // Everything that had reached the reader is replayed, then the end is told.
        let replay = admin.resume(&format!("{}:0", start.message_id)).await.rest().await;
        assert!(matches!(replay.first(), Some((_, ChatEvent::Start(again))) if *again == start), "{replay:?}");
        assert!(text(&replay).starts_with(&shown), "{:?} was shown, {:?} is left", shown, text(&replay));
        let Some((_, ChatEvent::Error(error))) = replay.last() else { panic!("{replay:?}") };
        assert_eq!(error.code, TurnErrorCode::Interrupted);
        assert!(replay.windows(2).all(|pair| pair[0].0.seq + 1 == pair[1].0.seq));

        let conversation = start.conversation_id.to_string();
        let page = admin.get(&format!("/api/conversations/{conversation}/messages")).await.expect(200);
        assert_eq!(page["items"][0]["content"], json!(question));
        assert_eq!(
            (&page["items"][1]["content"], &page["items"][1]["status"]),
            (&json!(text(&replay)), &json!("interrupted"))
        );

        // And the conversation goes on.
        let (answer, _) = admin.ask_in(&conversation, "go on").await.answer().await;
        assert_eq!(answer, "You said: go on");
    }
    let list = admin.get("/api/conversations").await.expect(200);
    assert_eq!(list["total"], 4);
    assert!(list["items"].as_array().unwrap().iter().all(|item| item.get("activeMessageId").is_none()));
}
