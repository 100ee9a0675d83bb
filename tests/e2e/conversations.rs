//! The list of conversations, and the whole by keyboard.

use db::Engine;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use harness::TestApp;
use serde_json::json;

use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn rename_pin_search_and_delete() {
    let app = TestApp::start(Engine::Sqlite).await;
    let admin = app.admin().await;
    for title in ["Garden plans", "Tax letters", "Holiday"] {
        admin.post("/api/conversations", json!({"title": title})).await.expect(201);
    }
    let browser = Browser::at(&app.client.origin).await;
    browser.sign_in("ada@example.org").await;
    browser.until("document.querySelectorAll('[data-testid=conversation-item]').length === 3").await;

    // Rename by the menu of the first one.
    browser.click("conversation-menu").await;
    browser.accessible("an open menu").await;
    browser.click("conversation-rename").await;
    browser.find("rename-input").await;
    browser.keys(&["Holiday in Texel", "\u{e007}"]).await;
    browser.until_text("[data-testid=conversation-item]", "Holiday in Texel").await;

    // Pin the last one; it moves up.
    browser.js("document.querySelectorAll('[data-testid=conversation-menu]')[2].click(); return 1").await;
    browser.click("conversation-pin").await;
    browser.until("document.querySelector('[data-testid=conversation-item]').innerText.includes('Garden plans')").await;
    browser.until_text(".group-title", "Pinned").await;
    browser.shot("conversations").await;

    // Search.
    browser.fill("conversation-search", "tax").await;
    browser.until("document.querySelectorAll('[data-testid=conversation-item]').length === 1").await;
    browser.until_text("[data-testid=conversation-item]", "Tax letters").await;
    browser.fill("conversation-search", "nowhere to be found").await;
    browser.until_text(".conversations", "No conversation matches.").await;
    browser.js("document.querySelector('.search .field-end').click(); return 1").await;
    browser.until("document.querySelectorAll('[data-testid=conversation-item]').length === 3").await;

    // Delete asks first.
    browser.click("conversation-menu").await;
    browser.click("conversation-delete").await;
    browser.find("confirm").await;
    browser.accessible("a question before deleting").await;
    browser.shot("delete").await;
    browser.click("confirm-action").await;
    browser.until("document.querySelectorAll('[data-testid=conversation-item]').length === 2").await;
    let left = admin.get("/api/conversations").await.expect(200);
    assert_eq!(left["total"], 2);

    browser.finish().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_by_keyboard() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    let browser = Browser::at(&app.client.origin).await;
    browser.find("login-form").await;
    // The first field has the focus; Tab goes on, Enter sends.
    browser.until("document.activeElement.id === 'email'").await;
    browser.keys(&["ada@example.org", "\u{e004}", harness::PASSWORD, "\u{e007}"]).await;
    browser.until("document.activeElement?.id === 'composer'").await;
    browser.keys(&["by keyboard", "\u{e007}"]).await;
    browser.until_text("[data-testid=message-assistant]", "You said: by keyboard").await;
    browser.until_text("[data-testid=live-region]", "The answer is complete.").await;

    // The skip link is the first stop of the page and leads to the conversation.
    browser.until("document.querySelector('a, button, input, [tabindex=\"0\"]').matches('.skip')").await;
    browser.js("document.querySelector('.skip').focus(); return 1").await;
    browser.keys(&["\u{e007}"]).await;
    browser.until("document.activeElement.id === 'main'").await;

    // The account menu opens, moves by arrows and letters, and closes with Escape onto its button.
    browser.js("document.querySelector('[data-testid=account-menu]').focus(); return 1").await;
    browser.keys(&["\u{e007}"]).await;
    browser.until("document.activeElement.dataset.testid === 'profile'").await;
    browser.keys(&["\u{e015}", "\u{e015}"]).await;
    browser.until("document.activeElement.dataset.testid === 'theme-light'").await;
    browser.keys(&["s"]).await;
    browser.until("document.activeElement.dataset.testid === 'sign-out'").await;
    browser.keys(&["\u{e00c}"]).await;
    browser.until("document.activeElement.dataset.testid === 'account-menu'").await;

    // A dialog keeps the focus and gives it back.
    browser.keys(&["\u{e007}", "\u{e007}"]).await;
    browser.find("profile-dialog").await;
    browser.accessible("the profile").await;
    browser.keys(&["\u{e00c}"]).await;
    browser.until_gone("profile-dialog").await;

    browser.finish().await;
    app.finish().await;
}

impl Browser {
    /// Presses keys on whatever has the focus; texts of one character in the private range are keys.
    async fn keys(&self, texts: &[&str]) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for letter in texts.iter().flat_map(|text| text.chars()) {
            actions = actions.then(KeyAction::Down { value: letter }).then(KeyAction::Up { value: letter });
        }
        self.page.perform_actions(actions).await.unwrap();
    }
}
