//! A database file that is locked, or a disk that is full.

use std::process::Command;

use harness::{Process, ScriptedModel};
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_says_so_and_exits() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let server = crate::serve(&model, &data).await;
    let mut settings = crate::scripted(&model, &data);
    settings.push(("PORT", "0"));
    let (status, output) = Process::run(crate::ALCOVE, &["serve"], &settings);
    assert!(!status.success());
    assert!(output.contains("another process"), "{output}");
    server.client().await.get("/api/health").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_answers_503_and_recovers() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let server = crate::serve(&model, &data).await;
    let admin = server.admin().await;
    let file = folder.path().join("alcove.db");
    let mut lock = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut lock).await.unwrap();

    let refused = admin.post("/api/conversations", json!({"title": "now"})).await;
    assert!(refused.header("retry-after").is_some());
    refused.refused(503, "unavailable");
    // Reading goes on meanwhile.
    admin.get("/api/conversations").await.expect(200);

    sqlx::query("ROLLBACK").execute(&mut lock).await.unwrap();
    lock.close().await.unwrap();
    admin.post("/api/conversations", json!({"title": "later"})).await.expect(201);
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_answers_503_and_recovers() {
    let model = ScriptedModel::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    // A limit on the size of files stands for the disk: writing beyond it fails in the same place.
    let script = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let server =
        Process::start("/bin/sh", &["-c", script, crate::ALCOVE, "serve"], &crate::scripted(&model, &data)).await;
    let admin = server.admin().await;
    admin.ask("before").await.rest().await;
    let limit = |size: &str| {
        let pid = server.pid().to_string();
        assert!(Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:")]).status().unwrap().success());
    };
    limit("4096");
    // What is in the pages of the log already may still be rewritten; sooner or later nothing fits.
    let mut refused = None;
    for n in 0..50 {
        let answer = admin.post("/api/conversations", json!({"title": format!("{n} {}", "x".repeat(150))})).await;
        if answer.status != 201 {
            refused = Some(answer);
            break;
        }
    }
    refused.expect("writing fails on a full disk").refused(503, "unavailable");
    let body = json!({"messages": [{"role": "user", "content": "during"}]});
    admin.post("/api/chat", body).await.refused(503, "unavailable");
    admin.get("/api/conversations").await.expect(200);

    limit("unlimited");
    let before = admin.get("/api/conversations").await.expect(200)["total"].as_i64().unwrap();
    let (answer, _) = admin.ask("after").await.answer().await;
    assert_eq!(answer, "You said: after");
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], before + 1);
}
