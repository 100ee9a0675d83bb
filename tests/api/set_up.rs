//! The first admin.

use db::Engine;
use harness::{PASSWORD, TestApp};
use serde_json::json;

on_both!(once_and_by_the_rule, two_at_once_make_one, a_double_click_makes_one);

async fn once_and_by_the_rule(engine: Engine) {
    let app = TestApp::start(engine).await;
    let nobody = &app.client;
    let status = nobody.get("/auth/setup-status").await.expect(200);
    assert_eq!(status["isSetupComplete"], false);
    assert_eq!(status["availableLocales"][0]["code"], "en");

    for weak in ["", "short1A", "alllower1", "ALLUPPER1", "NoDigitsHere"] {
        let answer = nobody.post("/auth/setup", json!({"password": weak})).await;
        assert_eq!(answer.status, 400, "{weak}: {:#}", answer.body);
    }
    nobody.post("/auth/setup", json!({"password": PASSWORD, "surprise": 1})).await.refused(400, "bad_request");
    let wrong = nobody.post("/auth/setup", json!({"password": PASSWORD, "email": "no address"})).await;
    assert_eq!(wrong.refused(422, "validation_failed")["details"][0]["field"], "email");

    nobody.post("/auth/setup", json!({"password": PASSWORD})).await.expect(200);
    nobody.post("/auth/setup", json!({"password": PASSWORD})).await.refused(400, "already_set_up");
    assert_eq!(nobody.get("/auth/setup-status").await.expect(200)["isSetupComplete"], true);

    let me = app.sign_in("admin@localhost").await.get("/auth/user").await.expect(200);
    assert_eq!((&me["isAdmin"], &me["isSystemAdmin"], &me["role"]), (&json!(true), &json!(true), &json!("admin")));
    app.finish().await;
}

async fn two_at_once_make_one(engine: Engine) {
    let app = TestApp::start(engine).await;
    let set_up = |n: usize| {
        let client = app.client.clone();
        async move {
            let body = json!({"password": PASSWORD, "email": format!("admin{n}@example.org")});
            client.post("/auth/setup", body).await.status
        }
    };
    let mut statuses = futures_util::future::join_all((0..6).map(set_up)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400]);
    app.finish().await;
}

async fn a_double_click_makes_one(engine: Engine) {
    let app = TestApp::start(engine).await;
    let set_up = || app.client.post("/auth/setup", json!({"password": PASSWORD}));
    let answers = futures_util::future::join_all((0..4).map(|_| set_up())).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1);
    for answer in refused {
        answer.refused(400, "already_set_up");
    }
    app.finish().await;
}
