//! The first day: set-up, sign-in, a chat, a stop, a reload while the answer grows, and a second
//! tenant that sees nothing of it.

use db::Engine;
use harness::{PASSWORD, Script, TITLE, TestApp};

use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn from_set_up_to_a_second_tenant() {
    let app = TestApp::start(Engine::Sqlite).await;
    let browser = Browser::at(&app.client.origin).await;

    browser.find("setup-form").await;
    browser.accessible("set-up").await;
    browser.shot("setup-light").await;
    browser.fill("setup-name", "Ada Lovelace").await;
    browser.fill("setup-email", "ada@example.org").await;
    browser.fill("setup-organisation", "First").await;
    browser.fill("setup-password", "weak").await;
    browser.until("document.querySelector('[data-testid=setup-submit]').disabled").await;
    browser.fill("setup-password", PASSWORD).await;
    browser.click("setup-submit").await;
    browser.find("welcome").await;
    browser.until("location.pathname === '/app'").await;
    browser.accessible("an empty chat").await;
    browser.shot("welcome-light").await;

    // Signing out and in again.
    browser.click("account-menu").await;
    browser.shot("account-menu").await;
    browser.click("sign-out").await;
    browser.find("login-form").await;
    browser.accessible("sign-in").await;
    browser.shot("login-light").await;
    browser.fill("login-email", "ada@example.org").await;
    browser.fill("login-password", "Wrong-Horse-7").await;
    browser.click("login-submit").await;
    browser.find("login-error").await;
    browser.fill("login-password", PASSWORD).await;
    browser.click("login-submit").await;
    browser.find("welcome").await;

    // An answer that grows.
    let (script, valve) = Script::valve();
    app.model.next(script);
    browser.ask("What is a rainbow?").await;
    valve.send("A **rainbow** is ");
    browser.until_text("[data-testid=message-streaming]", "A rainbow is").await;
    browser.until_text("[data-testid=message-user]", "What is a rainbow?").await;
    browser.until("location.pathname.startsWith('/app/c/')").await;
    browser.until("document.querySelector('[data-testid=message-streaming] strong')").await;
    browser.accessible("a growing answer").await;

    // The page is loaded anew in the middle; the text is there again and goes on.
    browser.page.refresh().await.unwrap();
    browser.until_text("[data-testid=message-streaming]", "A rainbow is").await;
    valve.send("light bent by ");
    browser.until_text("[data-testid=message-streaming]", "A rainbow is light bent by").await;
    browser.shot("streaming-light").await;

    // The connection is lost and comes back.
    browser.offline(true).await;
    valve.send("raindrops.");
    browser.offline(false).await;
    valve.end();
    browser.until_text("[data-testid=message-assistant]", "A rainbow is light bent by raindrops.").await;
    browser.until_gone("message-streaming").await;
    browser.until_text("[data-testid=conversation-item]", TITLE).await;
    browser.until_text("[data-testid=conversation-title]", TITLE).await;

    // Stop.
    let (script, valve) = Script::valve();
    app.model.next(script);
    browser.ask("And a moonbow?").await;
    valve.send("The same by ");
    browser.until_text("[data-testid=message-streaming]", "The same by").await;
    browser.click("stop").await;
    valve.closed().await;
    browser.until_text("[data-testid=ending]", "You stopped this answer.").await;
    browser.find("send").await;
    browser.shot("stopped-light").await;
    let address = browser.js("return location.pathname").await;

    // Somebody of another organisation sees nothing of it, not even with the address.
    app.other_tenant().await;
    let other = Browser::at(&app.client.origin).await;
    other.sign_in("bob@example.net").await;
    other.until_text(".conversations", "Your conversations will appear here.").await;
    other.go(address.as_str().unwrap()).await;
    other.find("failed").await;
    assert!(!other.text("body").await.contains("rainbow"));
    other.accessible("a conversation that is not there").await;
    other.shot("not-found").await;

    other.finish().await;
    browser.finish().await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_elsewhere_leads_to_the_sign_in_and_keeps_the_draft() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.admin().await;
    let browser = Browser::at(&app.client.origin).await;
    browser.sign_in("ada@example.org").await;
    browser.fill("composer", "Not sent yet").await;
    // The session is ended by the same browser in another window.
    browser.js("return fetch('/auth/logout', {method: 'POST', headers: {'content-type': 'application/json'}, body: '{}'}).then(r => r.status)").await;
    browser.click("send").await;
    browser.find("session-ended").await;
    browser.sign_in("ada@example.org").await;
    browser.until("document.querySelector('#composer').value === 'Not sent yet'").await;
    browser.finish().await;
    app.finish().await;
}
