//! Traces that reach a collector.

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use harness::{Process, ScriptedModel};
use tokio::{sync::mpsc, task::JoinSet};

/// A collector on loopback: its address, the bodies of what is sent to it, and its task.
async fn collector() -> (String, mpsc::UnboundedReceiver<Bytes>, JoinSet<std::io::Result<()>>) {
    let (sender, received) = mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        // The test may have ended.
        let _ = sender.send(body);
    };
    let app = Router::new().route("/v1/traces", post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut task = JoinSet::new();
    task.spawn(axum::serve(listener, app).into_future());
    (address, received, task)
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    body.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_of_requests_and_turns_are_sent_without_content() {
    let (endpoint, mut received, _task) = collector().await;
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut settings = crate::scripted(&model, &data);
    settings.extend([("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_SERVICE_NAME", "alcove-under-test")]);
    let mut server = Process::start(crate::ALCOVE, &["serve"], &settings).await;
    let admin = server.admin().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    admin
        .send(admin.request("GET".parse().unwrap(), "/api/conversations").header("traceparent", trace))
        .await
        .expect(200);
    let mut events = admin.ask("a whispered question").await;
    let start = events.start().await;
    events.rest().await;
    server.signal("TERM");
    assert!(server.wait().success());

    let mut sent = Vec::new();
    while let Ok(body) = received.try_recv() {
        sent.extend_from_slice(&body);
    }
    let has = |text: &str| contains(&sent, text.as_bytes());
    for wanted in ["alcove-under-test", "request", "turn", "/api/conversations", "scripted"] {
        assert!(has(wanted), "{wanted} is missing in {} bytes", sent.len());
    }
    assert!(has(&start.message_id.to_string()) && has(&start.conversation_id.to_string()), "turns carry their ids");
    assert!(
        contains(&sent, &0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes()),
        "the caller's trace goes on"
    );
    assert!(!has("whispered") && !has("You said"), "content is in the traces");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_holds_nothing_up() {
    let endpoint = format!("http://127.0.0.1:{}", harness::free_port());
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut settings = crate::scripted(&model, &data);
    settings.push(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()));
    let mut server = Process::start(crate::ALCOVE, &["serve"], &settings).await;
    let admin = server.admin().await;
    assert_eq!(admin.ask("alone").await.answer().await.0, "You said: alone");
    let begun = std::time::Instant::now();
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", begun.elapsed());
}
