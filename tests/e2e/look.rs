//! How screens look: in both themes, on a phone, in each language.

use db::Engine;
use harness::{Script, TestApp};
use serde_json::json;

use crate::browser::Browser;

const ANSWER: &str = "Rainbows need **sun behind you** and *rain in front*.\n\n\
    1. Light enters a drop and bends.\n2. It bounces off the back.\n3. It bends again on its way out.\n\n\
    ```python\nangle = 42  # degrees, for red\n```\n\nEach colour bends a little differently, so they spread.";

#[tokio::test(flavor = "multi_thread")]
async fn both_themes_and_a_phone() {
    let app = TestApp::start(Engine::Sqlite).await;
    let browser = Browser::at(&app.client.origin).await;
    browser.find("setup-form").await;
    browser.theme("dark").await;
    browser.accessible("set-up in the dark").await;
    browser.shot("setup-dark").await;
    browser.size(390, 844).await;
    browser.shot("setup-phone").await;
    let admin = app.admin().await;
    for title in ["Garden plans for spring", "Tax letters", "Holiday on the island"] {
        admin.post("/api/conversations", json!({"title": title})).await.expect(201);
    }
    browser.page.refresh().await.unwrap();
    browser.find("login-form").await;
    browser.shot("login-phone").await;
    browser.sign_in("ada@example.org").await;
    browser.shot("welcome-phone").await;

    app.model.next(Script::words(ANSWER));
    browser.ask("How do rainbows form?").await;
    browser.until_text("[data-testid=message-assistant]", "so they spread").await;
    browser.accessible("a chat on a phone").await;
    browser.shot("chat-phone").await;
    assert_eq!(browser.js("return document.documentElement.scrollWidth <= innerWidth").await, true);
    browser.click("toggle-sidebar").await;
    browser.until("document.querySelector('.drawer-open')").await;
    browser.accessible("the list over the page").await;
    browser.shot("list-phone").await;
    browser.js("document.querySelector('.backdrop').click(); return 1").await;

    browser.size(1280, 860).await;
    browser.accessible("a chat in the dark").await;
    browser.shot("chat-dark").await;
    browser.theme("light").await;
    browser.accessible("a chat in the light").await;
    browser.shot("chat-light").await;

    // A choice of one's own wins over the system, also at the next visit before the first paint.
    browser.click("account-menu").await;
    browser.click("theme-dark").await;
    browser.until("document.documentElement.dataset.theme === 'dark'").await;
    browser.page.refresh().await.unwrap();
    browser.until("document.documentElement.dataset.theme === 'dark'").await;
    browser.finish().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_languages() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    for (language, title) in
        [("de", "Bei Alcove anmelden"), ("nl", "Aanmelden bij Alcove"), ("fr", "Sign in to Alcove")]
    {
        let browser = Browser::start(&app.client.origin, language).await;
        browser.until_text("h1", title).await;
        browser.accessible(language).await;
        browser.finish().await;
    }
    // The choice in the menu is kept on the server: another browser knows it after the sign-in.
    let browser = Browser::at(&app.client.origin).await;
    browser.sign_in("ada@example.org").await;
    browser.click("account-menu").await;
    browser.js("[...document.querySelectorAll('[data-testid=language]')].find(e => e.innerText.includes('Deutsch')).click(); return 1").await;
    browser.until_text("[data-testid=new-chat]", "Neue Unterhaltung").await;
    assert_eq!(browser.js("return document.documentElement.lang").await, "de");
    browser.accessible("German").await;
    browser.shot("welcome-german").await;
    browser.finish().await;
    let elsewhere = Browser::at(&app.client.origin).await;
    elsewhere.sign_in("ada@example.org").await;
    elsewhere.until_text("[data-testid=new-chat]", "Neue Unterhaltung").await;
    elsewhere.finish().await;
    app.finish().await;
}
