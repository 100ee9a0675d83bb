//! What can be done with messages.

use db::Engine;
use harness::{Script, TestApp};

use crate::browser::Browser;

const MARKDOWN: &str = "# Title\n\nSome *text* with `code` and a [link](https://example.org).\n\n\
    - one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```rust\nfn main() {}\n```\n\n\
    <img src=x onerror=\"window.hacked=1\"> [bad](javascript:window.hacked=1) ![pic](https://example.org/x.png)";

#[tokio::test(flavor = "multi_thread")]
async fn edit_retry_branch_and_rate() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    let browser = Browser::at(&app.client.origin).await;
    browser.sign_in("ada@example.org").await;

    browser.ask("first words").await;
    browser.until_text("[data-testid=message-assistant]", "You said: first words").await;

    // A changed question takes the place of the old one.
    browser.click("edit").await;
    browser.fill("edit-field", "other words").await;
    browser.click("edit-save").await;
    browser.until_text("[data-testid=message-assistant]", "You said: other words").await;
    browser.until("document.querySelectorAll('[data-testid=message-user]').length === 1").await;

    // Another answer to the same question.
    app.model.next(Script::words("A second answer"));
    browser.click("retry").await;
    browser.until_text("[data-testid=message-assistant]", "A second answer").await;
    browser.until("document.querySelectorAll('[data-testid=message-assistant]').length === 1").await;

    // Ratings are kept.
    browser.click("rate-down").await;
    browser.accessible("the remark's dialog").await;
    browser.fill("feedback-comment", "Too short").await;
    browser.click("feedback-send").await;
    browser.until_gone("feedback-dialog").await;
    browser.until("document.querySelector('[data-testid=rate-down]').ariaPressed === 'true'").await;
    browser.page.refresh().await.unwrap();
    browser.until("document.querySelector('[data-testid=rate-down]')?.ariaPressed === 'true'").await;

    // A branch is a conversation of its own.
    let before = browser.js("return location.pathname").await;
    browser.click("branch").await;
    browser.until(&format!("location.pathname !== {before}")).await;
    browser.until_text("[data-testid=message-assistant]", "A second answer").await;
    browser.ask("only here").await;
    browser.until_text("[data-testid=message-assistant]", "You said: only here").await;
    browser.until("document.querySelectorAll('[data-testid=conversation-item]').length === 2").await;
    browser.go(before.as_str().unwrap()).await;
    browser.until_text("[data-testid=message-assistant]", "A second answer").await;
    assert!(!browser.text("[data-testid=thread]").await.contains("only here"));

    browser.finish().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markdown_is_shown_and_harmless_and_a_failed_answer_can_be_tried_again() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    let browser = Browser::at(&app.client.origin).await;
    browser.sign_in("ada@example.org").await;

    app.model.next(Script::Pieces(MARKDOWN.chars().map(String::from).collect()));
    browser.ask("show everything").await;
    browser.until_text(".code-block", "fn main() {}").await;
    browser.until_gone("message-streaming").await;
    browser.until("document.querySelector('.markdown table td.end')").await;
    browser.until("document.querySelectorAll('.markdown a').length === 2").await;
    assert_eq!(browser.js("return document.querySelectorAll('.markdown img').length").await, 0);
    assert_eq!(browser.js("return window.hacked ?? null").await, serde_json::Value::Null);
    browser.accessible("markdown").await;
    browser.shot("markdown-light").await;

    app.model.next(Script::Status(400));
    browser.ask("fail please").await;
    browser.until_text("[data-testid=ending]", "refused the request").await;
    browser.shot("failed-answer").await;
    browser.click("ending-retry").await;
    browser.until_text("[data-testid=message-assistant]", "You said: fail please").await;
    browser.until_gone("ending").await;

    browser.finish().await;
    app.finish().await;
}
