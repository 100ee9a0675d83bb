//! The real program with the real local model, from the first page to the first answer.

use harness::{PASSWORD, Process};

use crate::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_answer_without_key_and_network() {
    let Some(models) = harness::setting("MODELS") else {
        assert!(std::env::var_os("CI").is_none(), "ALCOVE_TEST_MODELS must name a folder with the local model");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&models, folder.path().join("models")).unwrap();
    let data = folder.path().display().to_string();
    let server = Process::start(env!("CARGO_BIN_EXE_alcove"), &["serve"], &[("DATA_DIR", &data)]).await;

    let browser = Browser::at(&server.origin()).await;
    browser.fill("setup-name", "Ada").await;
    browser.fill("setup-email", "ada@example.org").await;
    browser.fill("setup-password", PASSWORD).await;
    browser.click("setup-submit").await;
    browser.find("welcome").await;
    browser.ask("What is the capital of France? Answer in one sentence.").await;
    browser.until_text("[data-testid=message-assistant]", "Paris").await;
    browser.until_text("[data-testid=model-name]", "SmolLM2").await;
    browser.shot("local-model").await;
    browser.finish().await;
}
