//! An organisation's own model provider.

use db::Engine;
use harness::{Script, ScriptedModel, TestApp, TestOptions};
use serde_json::json;

on_both!(are_used_sealed_and_removed, private_addresses_are_refused);

async fn are_used_sealed_and_removed(engine: Engine) {
    let own = ScriptedModel::start().await;
    let settings = vec![("OUTBOUND_ALLOW_HOSTS", "127.0.0.1".to_owned())];
    let app = TestApp::with(TestOptions { engine, settings }).await;
    let admin = app.admin().await;
    let other = app.other_tenant().await;
    let path = "/api/organisation/model";
    assert_eq!(admin.get(path).await.expect(200)["own"], false);
    let update = json!({"provider": "openai", "baseUrl": own.base, "apiKey": "sk-very-secret", "model": "ours", "contextWindow": 8192});
    let set = admin.put(path, update).await.expect(200);
    assert_eq!((&set["own"], &set["hasKey"]), (&json!(true), &json!(true)));
    assert_eq!(admin.get(path).await.expect(200)["contextWindow"], json!(8192));
    assert!(!set.to_string().contains("very-secret"));

    own.next(Script::words("from our own"));
    let (answer, _) = admin.ask("who answers?").await.answer().await;
    assert_eq!((answer.as_str(), own.requests()[0]["model"].as_str()), ("from our own", Some("ours")));
    let (answer, _) = other.ask("and here?").await.answer().await;
    assert_eq!(answer, "You said: and here?");
    // The key is not in the database as it was entered.
    let sealed = app.stored("SELECT sealed_key FROM model_settings").await;
    assert!(sealed.len() == 1 && !sealed[0].contains("very-secret"), "{sealed:?}");

    let colleague = app.colleague(&admin).await;
    colleague.get(path).await.refused(403, "forbidden");
    colleague.put(path, json!({"provider": "local"})).await.refused(403, "forbidden");
    admin.delete(path).await.expect(200);
    let (answer, _) = admin.ask("and now?").await.answer().await;
    assert_eq!(answer, "You said: and now?");
    app.finish().await;
}

async fn private_addresses_are_refused(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    for address in [
        "http://127.0.0.1:1/v1",
        "http://localhost/v1",
        "http://[::1]/v1",
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "http://2130706433/",
        "file:///etc/passwd",
        "gopher://example.org",
        "http://user:pw@127.0.0.1/",
        "nonsense",
    ] {
        let refused =
            admin.put("/api/organisation/model", json!({"provider": "openai", "baseUrl": address, "model": "x"})).await;
        assert_eq!(refused.refused(422, "validation_failed")["details"][0]["field"], "baseUrl", "{address}");
    }
    // The usual address of this provider is the server's own machine.
    let usual = admin.put("/api/organisation/model", json!({"provider": "ollama", "model": "x"})).await;
    assert_eq!(usual.refused(422, "validation_failed")["details"][0]["field"], "baseUrl");
    let window = json!({"provider": "openai", "model": "x", "contextWindow": 10});
    let window = admin.put("/api/organisation/model", window).await;
    assert_eq!(window.refused(422, "validation_failed")["details"][0]["field"], "contextWindow");
    let unknown = admin.put("/api/organisation/model", json!({"provider": "oracle"})).await;
    assert_eq!(unknown.refused(422, "validation_failed")["details"][0]["field"], "provider");
    app.finish().await;
}
