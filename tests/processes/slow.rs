//! Callers who take their time, and others on the same machine.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use harness::ScriptedModel;

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_is_not_waited_for() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let mut server = crate::serve(&model, &data).await;
    let address = server.origin().trim_start_matches("http://").to_owned();
    let half = || {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: x\r\n").unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream
    };
    let mut stream = half();
    let mut answer = Vec::new();
    // The server ends the connection, with or without a word.
    stream.read_to_end(&mut answer).unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    server.client().await.get("/api/health").await.expect(200);

    // Nor does one hold up the end.
    let _stream = half();
    let begun = Instant::now();
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_is_for_the_server_alone() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = crate::serve(&model, &data.display().to_string()).await;
    server.admin().await.ask("private").await.rest().await;
    let mut folders = vec![data];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", entry.display());
            files += 1;
        }
    }
    assert!(files >= 4, "{files}");
}
