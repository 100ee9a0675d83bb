//! The API document.

use std::{collections::BTreeSet, fs};

use db::Engine;
use harness::TestApp;
use serde_json::Value;
use shared_protocol::ErrorCode;

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_one_is_the_served_one() {
    let app = TestApp::start(Engine::Sqlite).await;
    let served = app.client.get("/api/openapi.json").await.expect(200);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let committed: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(committed, served, "write it anew: alcove openapi > docs/openapi.json");
    assert!(app.client.get("/api/docs/").await.expect(200).as_str().unwrap().contains("swagger"));
    app.finish().await;
}

#[test]
fn every_operation_is_described_and_named_once() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut names = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
            assert!(names.insert(name.clone()), "{name} stands twice");
        }
    }
    assert!(names.len() > 20);
}

#[test]
fn every_error_code_is_explained() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");
    let text = fs::read_to_string(path).unwrap();
    for code in ErrorCode::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.status());
        assert!(text.contains(&row), "docs/errors.md has no row that begins with {row}");
    }
}
