//! One headless Chromium, driven through chromedriver.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::Capabilities};
use harness::{PASSWORD, free_port};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser with a profile of its own.
pub(crate) struct Browser {
    pub(crate) page: Client,
    origin: String,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser that speaks English, at `origin`.
    pub(crate) async fn at(origin: &str) -> Self {
        Self::start(origin, "en").await
    }

    /// Starts a browser in a language.
    pub(crate) async fn start(origin: &str, language: &str) -> Self {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed");
        let profile = tempfile::tempdir().unwrap();
        let folder = profile.path().display();
        let capabilities: Capabilities = serde_json::from_value(json!({
            "goog:chromeOptions": {
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--window-size=1280,860", format!("--lang={language}"),
                    format!("--accept-lang={language}"), format!("--user-data-dir={folder}"),
                ],
                "prefs": {"intl.accept_languages": language},
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        }))
        .unwrap();
        let started = Instant::now();
        let page = loop {
            let url = format!("http://127.0.0.1:{port}");
            let connector = hyper_util::client::legacy::connect::HttpConnector::new();
            match ClientBuilder::new(connector).capabilities(capabilities.clone()).connect(&url).await {
                Ok(page) => break page,
                Err(error) => assert!(started.elapsed() < PATIENCE, "the browser does not start: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let browser = Self { page, origin: origin.to_owned(), driver, _profile: profile };
        browser.go("/").await;
        browser
    }

    /// Opens a path.
    pub(crate) async fn go(&self, path: &str) {
        self.page.goto(&format!("{}{path}", self.origin)).await.unwrap();
    }

    /// Waits for the element with that test id.
    pub(crate) async fn find(&self, testid: &str) -> Element {
        self.css(&format!("[data-testid={testid}]")).await
    }

    /// Waits for an element.
    pub(crate) async fn css(&self, selector: &str) -> Element {
        match self.page.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => {
                self.shot("failure").await;
                panic!("no {selector} ({error}); the page says: {}", self.text("body").await)
            }
        }
    }

    /// Clicks on the element with that test id.
    pub(crate) async fn click(&self, testid: &str) {
        self.find(testid).await.click().await.unwrap();
    }

    /// Types into the element with that test id.
    pub(crate) async fn fill(&self, testid: &str, text: &str) {
        let element = self.find(testid).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// The shown text of the first element that matches.
    pub(crate) async fn text(&self, selector: &str) -> String {
        self.js(&format!("return document.querySelector({selector:?})?.innerText ?? ''"))
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Runs a script in the page.
    pub(crate) async fn js(&self, script: &str) -> Value {
        self.page.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until a script gives true.
    pub(crate) async fn until(&self, script: &str) {
        let started = Instant::now();
        while self.js(&format!("return Boolean({script})")).await != json!(true) {
            if started.elapsed() > PATIENCE {
                self.shot("failure").await;
                let console = self.page.issue_cmd(Log).await.unwrap();
                panic!("never true: {script}; the page says: {}; the console: {console:#}", self.text("body").await);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the page's text contains something.
    pub(crate) async fn until_text(&self, selector: &str, text: &str) {
        self.until(&format!("[...document.querySelectorAll({selector:?})].some(e => e.innerText.includes({text:?}))"))
            .await;
    }

    /// Waits until no element has that test id.
    pub(crate) async fn until_gone(&self, testid: &str) {
        self.until(&format!("!document.querySelector('[data-testid={testid}]')")).await;
    }

    /// Makes the window as large as a phone's or a computer's.
    pub(crate) async fn size(&self, width: u32, height: u32) {
        // A headless window has a least width, so the device is emulated.
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false
        }});
        self.devtools(command).await;
    }

    /// Makes the page light or dark as if the system were.
    pub(crate) async fn theme(&self, theme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.devtools(json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})).await;
    }

    /// Takes the network away, or gives it back.
    pub(crate) async fn offline(&self, offline: bool) {
        self.devtools(json!({"cmd": "Network.enable", "params": {}})).await;
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools(json!({"cmd": "Network.emulateNetworkConditions", "params": conditions})).await;
    }

    async fn devtools(&self, command: Value) {
        self.page.issue_cmd(DevTools(command)).await.unwrap();
    }

    /// Leaves a picture of the page in `target/screenshots`.
    pub(crate) async fn shot(&self, name: &str) {
        // Animations and web fonts must have settled.
        self.js("return document.fonts.ready.then(() => Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished))).then(() => true)").await;
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), self.page.screenshot().await.unwrap()).unwrap();
    }

    /// Fails when axe finds a violation.
    pub(crate) async fn accessible(&self, what: &str) {
        let Some(path) = harness::setting("AXE") else {
            assert!(std::env::var_os("CI").is_none(), "ALCOVE_TEST_AXE must name axe.min.js");
            return;
        };
        self.js(&format!("{}; return true", fs::read_to_string(path).unwrap())).await;
        let found = self
            .page
            .execute_async(
                "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))))",
                Vec::new(),
            )
            .await
            .unwrap();
        assert_eq!(found, json!([]), "{what}: {found:#}");
    }

    /// Signs in with the password of all test accounts.
    pub(crate) async fn sign_in(&self, email: &str) {
        self.fill("login-email", email).await;
        self.fill("login-password", PASSWORD).await;
        self.click("login-submit").await;
        self.find("composer").await;
    }

    /// Sends a message.
    pub(crate) async fn ask(&self, text: &str) {
        self.fill("composer", text).await;
        self.click("send").await;
    }

    /// Fails when the page complained, then closes the browser.
    pub(crate) async fn finish(self) {
        let complaints = self.page.issue_cmd(Log).await.unwrap();
        let ours: Vec<&Value> = complaints
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" && !is_expected(entry["message"].as_str().unwrap_or_default()))
            .collect();
        assert!(ours.is_empty(), "the browser complained: {ours:#?}");
        self.page.clone().close().await.unwrap();
    }
}

/// The browser notes every answer of 400 and above, and lost connections, as errors; tests that
/// provoke them look at what the page makes of them.
fn is_expected(message: &str) -> bool {
    message.contains("Failed to load resource")
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct DevTools(Value);

impl fantoccini::wd::WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// What the page wrote to the console.
#[derive(Debug)]
struct Log;

impl fantoccini::wd::WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}
