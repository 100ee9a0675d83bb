//! M6 in a real browser: the first paint, a change of route, and scrolling a long conversation.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use fantoccini::{
    Client, ClientBuilder,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    client::Way,
    model::{self, Script},
    process::{Core, Setup, free_port},
    stats::Samples,
};

/// Loads and route changes whose median is told.
const ROUNDS: usize = 9;

/// A frame that took longer missed at least one of 60 a second.
const LATE_SECONDS: f64 = 1.5 / 60.0;

/// Notes when the page can first be used, before any script of the page runs.
const WATCH: &str = "new MutationObserver((_, observer) => { \
    if (document.querySelector('[data-testid=composer]')) { window.usableAt = performance.now(); observer.disconnect(); } \
}).observe(document, {childList: true, subtree: true})";

/// Clicks a link and answers after how many milliseconds what it leads to is painted.
const CHANGE: &str = "const [link, there, done] = arguments; \
    const begun = performance.now(); document.querySelector(link).click(); \
    const look = () => document.querySelector(there) ? done(performance.now() - begun) : requestAnimationFrame(look); look();";

/// Scrolls to the top until everything is loaded, then answers how many messages there are.
const LOAD_ALL: &str = "const [wanted, done] = arguments; \
    const pane = document.querySelector('[data-testid=thread]'); const begun = performance.now(); \
    const count = () => document.querySelectorAll('[data-testid=message-user], [data-testid=message-assistant]').length; \
    const go = () => { if (count() >= wanted || performance.now() - begun > 60000) return done(count()); \
      pane.scrollTop = 0; setTimeout(go, 50); }; go();";

/// Scrolls down evenly for five seconds and answers the lengths of the frames.
const SCROLL: &str = "const done = arguments[0]; const pane = document.querySelector('[data-testid=thread]'); \
    pane.scrollTop = 0; const frames = []; const begun = performance.now(); let before = begun; \
    const step = now => { frames.push(now - before); before = now; pane.scrollTop += 60; \
      now - begun < 5000 ? requestAnimationFrame(step) : done(frames.slice(2)); }; requestAnimationFrame(step);";

/// Measures with a conversation of that many messages.
pub(crate) async fn run(setup: &Setup, messages: u32) -> Result<()> {
    let model = model::start(Script { tokens: 40, pause: None, hold: false }).await?;
    let core = Core::start(setup, &format!("http://{model}/v1")).await?;
    let way = Way::Core { origin: core.origin.clone(), token: core.token.clone() };
    let http = reqwest::Client::new();
    let short = way.conversation(&http).await?.context("a conversation")?;
    way.ask(&http, Some(&short)).await?;
    let long = way.conversation(&http).await?.context("a conversation")?;
    for _ in 0..messages / 2 {
        way.ask(&http, Some(&long)).await?;
    }

    let browser = Browser::start(&core).await?;
    let (mut paints, mut usable) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        browser.page.goto(&format!("{}/app", core.origin)).await?;
        browser.until("window.usableAt && performance.getEntriesByName('first-contentful-paint').length").await?;
        let paint = "return performance.getEntriesByName('first-contentful-paint')[0].startTime";
        paints.push(number(&browser.js(paint).await?)?);
        usable.push(number(&browser.js("return window.usableAt").await?)?);
    }
    println!("M6: first paint {:.0} ms, usable after {:.0} ms (medians of {ROUNDS})", median(paints), median(usable));

    let mut changes = Vec::new();
    for _ in 0..ROUNDS {
        browser.until("document.querySelector('[data-testid=welcome]')").await?;
        let link = format!("a[href$=\"/app/c/{short}\"]");
        let change = vec![json!(link), json!("[data-testid=message-assistant]")];
        changes.push(number(&browser.page.execute_async(CHANGE, change).await?)?);
        let back = vec![json!("[data-testid=new-chat]"), json!("[data-testid=welcome]")];
        browser.page.execute_async(CHANGE, back).await?;
    }
    println!("M6: route change {:.0} ms (median of {ROUNDS}, the conversation read from the server)", median(changes));

    browser.page.goto(&format!("{}/app/c/{long}", core.origin)).await?;
    browser.until("document.querySelector('[data-testid=message-assistant]')").await?;
    let loaded = browser.page.execute_async(LOAD_ALL, vec![json!(messages)]).await?;
    ensure!(loaded == json!(messages), "{loaded} of {messages} messages were loaded");
    let frames = browser.page.execute_async(SCROLL, Vec::new()).await?;
    let (mut samples, mut late) = (Samples::default(), 0);
    for frame in frames.as_array().context("frames")? {
        let seconds = number(frame)? / 1e3;
        late += u32::from(seconds > LATE_SECONDS);
        samples.push(Duration::from_secs_f64(seconds));
    }
    println!(
        "M6: scrolling {messages} messages: frames p50 {:.1} ms, p99 {:.1} ms, {late} of {} late",
        samples.percentile(50),
        samples.percentile(99),
        samples.len()
    );
    browser.page.clone().close().await?;
    Ok(())
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("{value} is no number"))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Browser {
    page: Client,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// A headless browser in which the core's admin is signed in.
    async fn start(core: &Core) -> Result<Self> {
        let port = free_port()?;
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver is needed: install the package chromium-driver")?;
        let profile = TempDir::new()?;
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,860",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let capabilities: Capabilities =
            serde_json::from_value(json!({"goog:chromeOptions": {"args": arguments.as_slice()}}))?;
        let started = Instant::now();
        let page = loop {
            let connector = hyper_util::client::legacy::connect::HttpConnector::new();
            let connecting = ClientBuilder::new(connector)
                .capabilities(capabilities.clone())
                .connect(&format!("http://127.0.0.1:{port}"))
                .await;
            match connecting {
                Ok(page) => break page,
                Err(error) => {
                    ensure!(started.elapsed() < Duration::from_secs(20), "the browser does not start: {error}");
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let browser = Self { page, driver, _profile: profile };
        let script = json!({"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": {"source": WATCH}});
        browser.page.issue_cmd(DevTools(script)).await?;
        let cookie = json!({"cmd": "Network.setCookie", "params": {
            "url": core.origin, "name": "alcove_session", "value": core.token, "httpOnly": true
        }});
        browser.page.issue_cmd(DevTools(cookie)).await?;
        Ok(browser)
    }

    async fn js(&self, script: &str) -> Result<Value> {
        Ok(self.page.execute(script, Vec::new()).await?)
    }

    async fn until(&self, condition: &str) -> Result<()> {
        let started = Instant::now();
        while self.js(&format!("return Boolean({condition})")).await? != json!(true) {
            ensure!(started.elapsed() < Duration::from_secs(20), "never true: {condition}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}
