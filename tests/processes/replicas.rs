//! Two API processes and a worker on one PostgreSQL and one Redis.

use db::{Engine, Target, testing::TestDb};
use harness::{Process, Script, ScriptedModel, TITLE};
use serde_json::json;
use shared_protocol::chat::{ChatEvent, TurnErrorCode};

struct Replicas {
    model: ScriptedModel,
    one: Process,
    two: Process,
    _worker: Process,
    _database: TestDb,
    _folders: [tempfile::TempDir; 3],
}

async fn replicas() -> Replicas {
    let model = ScriptedModel::start().await;
    let database = TestDb::of(Engine::Postgres).await.unwrap();
    let Target::Postgres { url, .. } = &database.target else { panic!("no PostgreSQL") };
    let redis = harness::setting("REDIS_URL").expect("ALCOVE_TEST_REDIS_URL names a Redis");
    let prefix = format!("test-{}:", url.rsplit('/').next().unwrap());
    let (jwt, key) = ("j".repeat(64), "ab".repeat(32));
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let paths: Vec<String> = folders.iter().map(|folder| folder.path().display().to_string()).collect();
    let settings = |n: usize| {
        let mut settings = crate::scripted(&model, &paths[n]);
        settings.extend([
            ("DATABASE_URL", url.as_str()),
            ("REDIS_URL", redis.as_str()),
            ("REDIS_KEY_PREFIX", prefix.as_str()),
            ("JWT_SECRET", jwt.as_str()),
            ("ENCRYPTION_KEY", key.as_str()),
        ]);
        settings
    };
    let one = Process::start(crate::ALCOVE, &["serve", "--role", "api"], &settings(0)).await;
    let two = Process::start(crate::ALCOVE, &["serve", "--role", "api"], &settings(1)).await;
    let worker = Process::spawn(crate::ALCOVE, &["serve", "--role", "worker"], &settings(2));
    Replicas { one, two, _worker: worker, _database: database, _folders: folders, model }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_resumed_and_cancelled_through_the_other() {
    let replicas = replicas().await;
    let here = replicas.one.admin().await;
    let there = replicas.two.client().await.with_token(here.token.as_ref().unwrap());

    let (script, valve) = Script::valve();
    replicas.model.next(script);
    let mut events = here.ask("across").await;
    let start = events.start().await;
    valve.send("one ");
    assert_eq!(events.token().await.1, "one ");
    // Read from its beginning at the other replica, and followed there while it grows.
    let mut elsewhere = there.resume(&format!("{}:0", start.message_id)).await;
    assert_eq!(elsewhere.start().await, start);
    assert_eq!(elsewhere.token().await.1, "one ");
    valve.send("two ");
    assert_eq!(elsewhere.token().await.1, "two ");
    // By long poll as well.
    let path = format!("/api/chat?messageId={}&after=1&wait=10", start.message_id);
    assert!(!there.get(&path).await.expect(200)["items"].as_array().unwrap().is_empty());
    // One turn at a time, wherever it is asked for.
    let second = json!({"conversationId": start.conversation_id, "messages": [{"role": "user", "content": "second"}]});
    there.post("/api/chat", second).await.refused(409, "turn_in_progress");

    there.post(&format!("/api/chat/{}/cancel", start.message_id), json!({})).await.expect(200);
    valve.closed().await;
    for rest in [events.rest().await, elsewhere.rest().await] {
        let Some((_, ChatEvent::Error(error))) = rest.last() else { panic!("{rest:?}") };
        assert_eq!(error.code, TurnErrorCode::Cancelled);
    }
    let page = there.get(&format!("/api/conversations/{}/messages", start.conversation_id)).await.expect(200);
    assert_eq!((&page["items"][1]["content"], &page["items"][1]["status"]), (&json!("one two "), &json!("cancelled")));

    // A session that ends here ends there at once.
    there.get("/auth/user").await.expect(200);
    here.post("/auth/logout", json!({})).await.expect(200);
    there.get("/auth/user").await.refused(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_of_a_dead_replica_is_ended_by_the_living() {
    let mut replicas = replicas().await;
    let here = replicas.one.admin().await;
    let there = replicas.two.client().await.with_token(here.token.as_ref().unwrap());
    // The worker makes the title of what an API process answered.
    let mut events = here.ask("for a title").await;
    let titled = events.start().await;
    events.rest().await;
    let path = format!("/api/conversations/{}", titled.conversation_id);
    let mut tries = 0;
    while there.get(&path).await.expect(200)["title"] != TITLE {
        tries += 1;
        assert!(tries < 5_000, "no title was made");
    }

    let (script, valve) = Script::valve();
    replicas.model.next(script);
    let mut events = here.ask("die").await;
    let start = events.start().await;
    valve.send("half ");
    events.token().await;
    // What another replica has seen is in the table.
    let mut elsewhere = there.resume(&format!("{}:0", start.message_id)).await;
    elsewhere.start().await;
    assert_eq!(elsewhere.token().await.1, "half ");
    replicas.one.kill();
    let rest = elsewhere.rest().await;
    let Some((_, ChatEvent::Error(error))) = rest.last() else { panic!("{rest:?}") };
    assert_eq!(error.code, TurnErrorCode::Interrupted);
    drop(valve);
    let page = there.get(&format!("/api/conversations/{}/messages", start.conversation_id)).await.expect(200);
    assert_eq!((&page["items"][1]["content"], &page["items"][1]["status"]), (&json!("half "), &json!("interrupted")));
}
