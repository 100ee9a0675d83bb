//! Sign-in by password.

use std::time::Duration;

use db::Engine;
use harness::{PASSWORD, TestApp};
use serde_json::json;

on_both!(
    by_mail_or_name,
    guessing_is_slowed_down,
    many_guesses_at_once_do_not_slip_through,
    a_cookie_is_set_and_believed_from_our_own_pages_only
);

async fn by_mail_or_name(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.admin().await;
    let nobody = &app.client;
    for body in [
        json!({"email": "ADA@example.org ", "password": PASSWORD}),
        json!({"username": "ada@example.org", "password": PASSWORD}),
    ] {
        let answer = nobody.post("/auth/admin-login", body).await.expect(200);
        assert_eq!(answer["user"]["email"], "ada@example.org");
    }
    let wrong =
        nobody.post("/auth/admin-login", json!({"email": "ada@example.org", "password": "Wrong-Horse-7"})).await;
    let unknown = nobody.post("/auth/admin-login", json!({"email": "eve@example.org", "password": PASSWORD})).await;
    let (wrong, unknown) = (wrong.refused(401, "invalid_credentials"), unknown.refused(401, "invalid_credentials"));
    assert_eq!(wrong["message"], unknown["message"], "the answer tells which accounts exist");
    nobody.post("/auth/admin-login", json!({"password": PASSWORD})).await.refused(400, "bad_request");
    nobody.post("/auth/admin-login", json!({"email": "ada@example.org"})).await.refused(400, "bad_request");
    app.finish().await;
}

async fn guessing_is_slowed_down(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.admin().await;
    let guess = |password: &'static str| {
        let client = app.client.clone();
        async move { client.post("/auth/admin-login", json!({"email": "ada@example.org", "password": password})).await }
    };
    let mut tries = 0;
    let refused = loop {
        let answer = guess("Wrong-Horse-7").await;
        tries += 1;
        assert!(tries <= 30, "guessing is never slowed down");
        if answer.status == 429 {
            break answer;
        }
        answer.refused(401, "invalid_credentials");
    };
    let wait: u64 = refused.header("retry-after").expect("a wait").parse().unwrap();
    refused.refused(429, "rate_limited");
    // The right password does not help a guesser either.
    guess(PASSWORD).await.refused(429, "rate_limited");
    app.clock.advance(Duration::from_secs(wait + 1));
    guess(PASSWORD).await.expect(200);
    app.finish().await;
}

async fn a_cookie_is_set_and_believed_from_our_own_pages_only(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.admin().await;
    let answer = app.client.post("/auth/admin-login", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        cookie.starts_with("alcove_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    answer.expect(200);
    let pair = cookie.split(';').next().unwrap().to_owned();
    let call = |method: &str, site: Option<&str>| {
        let request = app.client.request(method.parse().unwrap(), "/api/conversations").header("cookie", &pair);
        let request = if method == "POST" { request.json(&json!({})) } else { request };
        app.client.send(match site {
            Some(site) => request.header("sec-fetch-site", site),
            None => request,
        })
    };
    call("GET", None).await.expect(200);
    call("POST", Some("same-origin")).await.expect(201);
    call("POST", Some("cross-site")).await.refused(403, "forbidden");
    call("POST", Some("same-site")).await.refused(403, "forbidden");
    let foreign = app.client.request("POST".parse().unwrap(), "/api/conversations").header("cookie", &pair);
    app.client.send(foreign.header("origin", "https://evil.example").json(&json!({}))).await.refused(403, "forbidden");
    app.finish().await;
}

async fn many_guesses_at_once_do_not_slip_through(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.admin().await;
    let guess =
        || app.client.post("/auth/admin-login", json!({"email": "ada@example.org", "password": "Wrong-Horse-7"}));
    let answers = futures_util::future::join_all((0..40).map(|_| guess())).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert!(looked_at <= 10, "{looked_at} passwords were looked at");
    // One address that tries many accounts has to wait as well.
    let mut tries = 0;
    loop {
        tries += 1;
        assert!(tries <= 120, "guessing at many accounts is never slowed down");
        let body = json!({"email": format!("user{tries}@example.org"), "password": "Wrong-Horse-7"});
        if app.client.post("/auth/admin-login", body).await.status == 429 {
            break;
        }
    }
    app.finish().await;
}
