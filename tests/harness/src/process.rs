//! The real program as a process, to be killed and started again.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{Client, PASSWORD, validate::Document};

/// What the test script says of the machine, such as where its PostgreSQL is; none outside of it.
pub fn setting(name: &str) -> Option<String> {
    std::env::var(format!("ALCOVE_TEST_{name}")).ok()
}

/// A loopback port that is free at the moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running server process.
pub struct Process {
    binary: PathBuf,
    arguments: Vec<String>,
    settings: BTreeMap<String, String>,
    child: Child,
    port: u16,
}

impl Process {
    /// Starts `alcove` with these settings (without their prefix) on a free port and waits until it
    /// answers.
    pub async fn start(binary: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut process = Self::spawn(binary, arguments, settings);
        process.ready().await;
        process
    }

    /// Starts it without waiting, such as a worker that answers nobody.
    pub fn spawn(binary: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let mut all: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| (format!("ALCOVE_{name}"), (*value).to_owned())).collect();
        all.insert("ALCOVE_PORT".to_owned(), port.to_string());
        all.insert("ALCOVE_LOG_LEVEL".to_owned(), "warn".to_owned());
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let child = spawn(Path::new(binary), &arguments, &all);
        Self { binary: binary.into(), arguments, settings: all, child, port }
    }

    /// Runs the program to its end.
    pub fn run(binary: &str, arguments: &[&str], settings: &[(&str, &str)]) -> (ExitStatus, String) {
        let settings = settings.iter().map(|(name, value)| (format!("ALCOVE_{name}"), (*value).to_owned()));
        let output = Command::new(binary).args(arguments).env_clear().envs(settings).output().unwrap();
        (output.status, String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout))
    }

    /// The server's origin.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills without warning.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap().success());
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Starts it again with the same settings on the same port.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.binary, &self.arguments, &self.settings);
        self.ready().await;
    }

    /// A caller without a session.
    pub async fn client(&self) -> Client {
        let http = reqwest::Client::new();
        let document =
            http.get(format!("{}/api/openapi.json", self.origin())).send().await.unwrap().json().await.unwrap();
        Client { http, origin: self.origin(), document: Arc::new(Document::new(document)), token: None }
    }

    /// Sets up and signs in.
    pub async fn admin(&self) -> Client {
        let client = self.client().await;
        let body = json!({"password": PASSWORD, "email": "ada@example.org", "displayName": "Ada"});
        client.post("/auth/setup", body).await.expect(200);
        let answer = client
            .post("/auth/admin-login", json!({"email": "ada@example.org", "password": PASSWORD}))
            .await
            .expect(200);
        client.with_token(answer["token"].as_str().unwrap())
    }

    async fn ready(&mut self) {
        let (http, started) = (reqwest::Client::new(), Instant::now());
        loop {
            let answer = http.get(format!("{}/api/health", self.origin())).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "the server ended before it was ready");
            assert!(started.elapsed() < Duration::from_secs(60), "the server was not ready in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(binary: &Path, arguments: &[String], settings: &BTreeMap<String, String>) -> Child {
    Command::new(binary)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .envs(settings)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
