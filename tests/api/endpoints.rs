//! Every route of the reference, asked without a credential.

use db::Engine;
use harness::{TestApp, TestOptions};

/// Method, path, auth, tier, area and purpose of each route.
const REFERENCE: &str = include_str!("endpoints.tsv");

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_where_a_credential_is_needed() {
    let settings = vec![("METRICS_BASIC_AUTH", "prom:secret".to_owned())];
    let app = TestApp::with(TestOptions { engine: Engine::Sqlite, settings }).await;
    app.admin().await;
    let document = app.client.get("/api/openapi.json").await.expect(200);
    let mut seen = 0;
    for row in REFERENCE.lines().skip(1) {
        let [method, path, auth, ..] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let template =
            path.split('/').map(|part| part.strip_prefix(':').map_or(part.to_owned(), |name| format!("{{{name}}}")));
        let template = template.collect::<Vec<_>>().join("/");
        let path =
            path.split('/').map(|part| if part.starts_with(':') { "x1" } else { part }).collect::<Vec<_>>().join("/");
        let answer = app.client.send(app.client.request(method.parse().unwrap(), &path)).await;
        let is_built = !document["paths"][&template][method.to_lowercase()].is_null();
        match auth {
            "public" if is_built => assert!(
                !matches!(answer.status, 401 | 403 | 404 | 405 | 500..),
                "{method} {path} is public and answered {}",
                answer.status
            ),
            "public" => assert_eq!(answer.status, 404, "{method} {path} is public and not there yet"),
            _ => assert_eq!(answer.status, 401, "{method} {path} needs {auth}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 130);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_documented_as_closed_is_closed() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    let document = app.client.get("/api/openapi.json").await.expect(200);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_open = operation["security"] == serde_json::json!([{}]);
            let path = path.replace("{id}", "x1").replace("{msgId}", "x1");
            let answer = app.client.send(app.client.request(method.to_uppercase().parse().unwrap(), &path)).await;
            assert_eq!(answer.status == 401, !is_open, "{method} {path} answered {}", answer.status);
        }
    }
    app.finish().await;
}
