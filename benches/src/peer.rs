//! The peer proxy as a process of its own, with one route to the model endpoint.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::process::free_port;

/// A running proxy.
pub(crate) struct Peer {
    child: Child,
    /// Its base address, ending in `/v1`.
    pub base: String,
    _folder: TempDir,
}

impl Peer {
    /// Starts it and waits until it answers. Its start takes many seconds.
    pub(crate) async fn start(python: &Path, model: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        let config = folder.path().join("config.yaml");
        std::fs::write(
            &config,
            format!(
                "model_list:\n  - model_name: bench\n    litellm_params:\n      model: openai/bench\n      \
                 api_base: {model}\n      api_key: bench\nlitellm_settings:\n  telemetry: false\n"
            ),
        )?;
        let port = free_port()?;
        let program = python.with_file_name("litellm");
        let child = Command::new(program)
            .args(["--config", &config.display().to_string(), "--host", "127.0.0.1", "--port", &port.to_string()])
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            // It listens on loopback for the length of the measurement.
            .env("LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let peer = Self { child, base: format!("http://127.0.0.1:{port}/v1"), _folder: folder };
        let (http, started) = (reqwest::Client::new(), Instant::now());
        while started.elapsed() < Duration::from_secs(90) {
            let answer = http.get(format!("http://127.0.0.1:{port}/health/liveliness")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(peer);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("the peer did not start within 90 s")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The process may be gone already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
