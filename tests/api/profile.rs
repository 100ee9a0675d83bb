//! The signed-in person.

use db::Engine;
use harness::TestApp;
use serde_json::{Value, json};

on_both!(is_shown_and_changed, permissions_follow_the_role);

async fn is_shown_and_changed(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let me = admin.get("/auth/user").await.expect(200);
    assert_eq!(me["model"], json!({"provider": "openai", "name": "scripted"}));
    assert_eq!(me["organizationName"], "First");

    let update = json!({"displayName": "Ada L.", "language": "de", "timezone": "Europe/Berlin", "avatar": "🦉", "avatarType": "emoji"});
    admin.post("/auth/update-profile", update).await.expect(200);
    let me = admin.get("/auth/user").await.expect(200);
    assert_eq!(me["displayName"], "Ada L.");
    assert_eq!((&me["language"], &me["timezone"]), (&json!("de"), &json!("Europe/Berlin")));
    assert_eq!((&me["avatar"], &me["avatarType"]), (&json!("🦉"), &json!("emoji")));

    // What is left out stays; null removes.
    admin.post("/auth/update-profile", json!({"avatar": null})).await.expect(200);
    let me = admin.get("/auth/user").await.expect(200);
    assert_eq!((&me["avatar"], &me["language"]), (&Value::Null, &json!("de")));

    for (bad, field) in [
        (json!({"displayName": ""}), "displayName"),
        (json!({"displayName": "x".repeat(500)}), "displayName"),
        (json!({"language": "klingon"}), "language"),
        (json!({"timezone": "Mars/Olympus"}), "timezone"),
        (json!({"avatar": "javascript:alert(1)", "avatarType": "url"}), "avatar"),
    ] {
        let refused = admin.post("/auth/update-profile", bad.clone()).await;
        assert!(matches!(refused.status, 400 | 422), "{bad}: {}", refused.status);
        assert_eq!(refused.body["details"][0]["field"], field, "{bad}");
    }
    // Nobody makes an admin of themselves.
    admin.post("/auth/update-profile", json!({"role": "admin"})).await.refused(400, "bad_request");
    app.finish().await;
}

async fn permissions_follow_the_role(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    let colleague = app.colleague(&admin).await;
    let all = admin.get("/auth/my-permissions").await.expect(200);
    let few = colleague.get("/auth/my-permissions").await.expect(200);
    assert_eq!((&all["permissions"], &all["orgRole"]), (&json!(["all"]), &json!("org_admin")));
    assert_ne!(few["permissions"], all["permissions"]);
    assert_eq!(few["organizations"], all["organizations"]);
    app.finish().await;
}
