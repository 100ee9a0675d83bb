//! The core under test as a process of its own, set up and ready for load.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use db::{Db, Target, on};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What to start.
pub(crate) struct Setup {
    /// The binary.
    pub binary: PathBuf,
    /// A PostgreSQL database; SQLite in a fresh folder without one.
    pub database_url: Option<String>,
}

/// A running core with one signed-in admin of an organisation without limits.
pub(crate) struct Core {
    child: Child,
    folder: TempDir,
    port: u16,
    /// The origin of the core.
    pub origin: String,
    /// The admin's session.
    pub token: String,
    /// From the start of the process to the first healthy answer.
    pub ready_after: Duration,
}

const PASSWORD: &str = "Bench-Passw0rd";

/// A loopback port that is free at the moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Core {
    /// Starts the core with that model endpoint, sets it up and lifts the message limit.
    pub(crate) async fn start(setup: &Setup, model: &str) -> Result<Self> {
        ensure!(setup.binary.exists(), "{} is missing: cargo build --release -p core-server", setup.binary.display());
        let folder = TempDir::new()?;
        let port = free_port()?;
        let origin = format!("http://127.0.0.1:{port}");
        let mut core = Self {
            child: spawn(setup, folder.path(), port, model)?,
            folder,
            port,
            origin,
            token: String::new(),
            ready_after: Duration::ZERO,
        };
        core.wait_ready().await?;
        let http = reqwest::Client::new();
        let body =
            json!({"password": PASSWORD, "email": "bench@example.org", "displayName": "Bench", "orgName": "Bench"});
        post(&http, &format!("{}/auth/setup", core.origin), &body).await?;
        core.stop()?;
        lift_limits(setup, core.folder.path()).await?;
        core.child = spawn(setup, core.folder.path(), port, model)?;
        core.wait_ready().await?;
        let body = json!({"email": "bench@example.org", "password": PASSWORD});
        let login = post(&http, &format!("{}/auth/admin-login", core.origin), &body).await?;
        login["token"].as_str().context("the login answered no token")?.clone_into(&mut core.token);
        Ok(core)
    }

    /// Resident memory in KiB.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        resident_kib(self.child.id())
    }

    async fn wait_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        let http = reqwest::Client::new();
        while started.elapsed() < Duration::from_secs(30) {
            let answer = http.get(format!("http://127.0.0.1:{}/api/health", self.port)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                self.ready_after = started.elapsed();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the core ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        anyhow::bail!("the core was not ready within 30 s")
    }

    fn stop(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // The process may be gone already; there is nobody left to tell.
        let _ = self.stop();
    }
}

/// Resident memory of a process in KiB, from `/proc/<pid>/status`.
pub(crate) fn resident_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("no value")?.parse()?)
}

fn spawn(setup: &Setup, folder: &Path, port: u16, model: &str) -> Result<Child> {
    let mut command = Command::new(&setup.binary);
    command
        .arg("serve")
        .env_clear()
        .envs([
            ("ALCOVE_PORT", port.to_string().as_str()),
            ("ALCOVE_BIND", "127.0.0.1"),
            ("ALCOVE_DATA_DIR", &folder.display().to_string()),
            ("ALCOVE_LOG_LEVEL", "warn"),
            ("ALCOVE_RATE_LIMIT_CHAT", "1000000:1000000"),
            ("ALCOVE_RATE_LIMIT_AUTH", "1000000:1000000"),
            ("ALCOVE_RATE_LIMIT_API", "1000000:1000000"),
            ("ALCOVE_MODEL_PROVIDER", "openai"),
            ("ALCOVE_MODEL_BASE_URL", model),
            ("ALCOVE_MODEL_API_KEY", "bench"),
            ("ALCOVE_MODEL_NAME", "bench"),
            ("ALCOVE_JWT_SECRET", &"b".repeat(64)),
            ("ALCOVE_ENCRYPTION_KEY", &"ab".repeat(32)),
        ])
        .stdout(Stdio::null());
    if let Some(url) = &setup.database_url {
        command.env("ALCOVE_DATABASE_URL", url);
    }
    command.spawn().with_context(|| format!("cannot start {}", setup.binary.display()))
}

async fn lift_limits(setup: &Setup, folder: &Path) -> Result<()> {
    let target = match &setup.database_url {
        Some(url) => Target::Postgres { url: url.clone(), max_connections: 1 },
        None => Target::Sqlite(folder.join("alcove.db")),
    };
    let db = Db::connect(&target).await?;
    let mut tx = db.write().await?;
    on!(&mut tx, |c| sqlx::query("UPDATE organisations SET tier = 'full'").execute(c).await.map(drop))?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// Posts JSON and reads JSON; an error answer is an error.
pub(crate) async fn post(http: &reqwest::Client, url: &str, body: &Value) -> Result<Value> {
    let answer = http.post(url).json(body).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{url}: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}
