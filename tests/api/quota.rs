//! Messages of the month.

use db::Engine;
use harness::{Script, TestApp};
use serde_json::json;
use shared_protocol::Tier;

on_both!(the_limit_holds_exactly_under_load);

async fn the_limit_holds_exactly_under_load(engine: Engine) {
    let app = TestApp::start(engine).await;
    let admin = app.admin().await;
    app.set_tier(&admin, Tier::Community).await;
    let me = admin.get("/auth/user").await.expect(200);
    let limit = usize::try_from(me["limits"]["messages"].as_i64().unwrap()).unwrap();
    assert!(limit > 0 && limit <= 2_000, "{limit}");
    // All but five are used up in the way that turns use them.
    app.use_messages(&admin, limit - 5, Tier::Community).await;
    let ask = |n: usize| {
        let admin = admin.clone();
        async move {
            let body = json!({"stream": false, "messages": [{"role": "user", "content": format!("n {n}")}]});
            admin.post("/api/chat", body).await.status
        }
    };
    let mut statuses = futures_util::future::join_all((0..12).map(ask)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 402, 402, 402, 402, 402, 402, 402]);
    let refused = admin.post("/api/chat", json!({"messages": [{"role": "user", "content": "one more"}]})).await;
    refused.refused(402, "tier_limit");
    // Nothing was begun for those who were refused.
    assert_eq!(admin.get("/api/conversations").await.expect(200)["total"], 5);
    // The next month begins anew.
    app.clock.advance(std::time::Duration::from_secs(31 * 86_400));
    let admin = app.sign_in("ada@example.org").await;
    app.model.next(Script::words("a new month"));
    let (answer, _) = admin.ask("hello").await.answer().await;
    assert_eq!(answer, "a new month");
    app.finish().await;
}
