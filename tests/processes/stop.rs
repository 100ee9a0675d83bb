//! A process that is asked to stop.

use std::time::{Duration, Instant};

use harness::{Script, ScriptedModel};
use serde_json::json;
use shared_protocol::chat::ChatEvent;

#[tokio::test(flavor = "multi_thread")]
async fn running_answers_are_finished_and_idle_connections_do_not_hold() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut server = crate::serve(&model, &data).await;
    let admin = server.admin().await;
    let idle = std::net::TcpStream::connect(server.origin().trim_start_matches("http://")).unwrap();

    let (script, valve) = Script::valve();
    model.next(script);
    let mut events = admin.ask("finish this").await;
    let start = events.start().await;
    valve.send("one ");
    events.token().await;
    let begun = Instant::now();
    server.signal("TERM");
    valve.send("two");
    valve.end();
    let rest = events.rest().await;
    assert!(matches!(rest.last(), Some((_, ChatEvent::Done(_)))), "{rest:?}");
    assert!(server.wait().success());
    // Far less than the grace: nothing idle was waited for.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    drop(idle);

    server.restart().await;
    let page = admin.get(&format!("/api/conversations/{}/messages", start.conversation_id)).await.expect(200);
    assert_eq!((&page["items"][1]["content"], &page["items"][1]["status"]), (&json!("one two"), &json!("completed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_insists() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut server = crate::serve(&model, &data).await;
    let admin = server.admin().await;
    let (script, valve) = Script::valve();
    model.next(script);
    let mut events = admin.ask("never ends").await;
    let start = events.start().await;
    valve.send("one ");
    events.token().await;
    server.signal("INT");
    // The first signal is taken when the port is closed to newcomers.
    let address = server.origin().trim_start_matches("http://").to_owned();
    while std::net::TcpStream::connect(&address).is_ok() {
        tokio::task::yield_now().await;
    }
    server.signal("INT");
    let rest = events.rest().await;
    assert!(!matches!(rest.last(), Some((_, ChatEvent::Done(_)))), "{rest:?}");
    server.wait();
    server.restart().await;
    let page = admin.get(&format!("/api/conversations/{}/messages", start.conversation_id)).await.expect(200);
    assert_eq!((&page["items"][1]["content"], &page["items"][1]["status"]), (&json!("one "), &json!("interrupted")));
}
