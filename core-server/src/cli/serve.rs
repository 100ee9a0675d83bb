//! `alcove serve`.

use std::process::ExitCode;

use anyhow::Result;
use platform::{Config, telemetry};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{App, Overrides, Role};

pub(super) async fn run(config: Config, role: Role) -> Result<ExitCode> {
    let telemetry = telemetry::start(&config.telemetry)?;
    let result = serve(config, role).await;
    // Whatever the end was, its traces are sent.
    telemetry.shutdown().await;
    result.map(|()| ExitCode::SUCCESS)
}

async fn serve(config: Config, role: Role) -> Result<()> {
    for name in &config.unknown {
        tracing::warn!(name, "this setting is not known; is it misspelt?");
    }
    let mut signals = Signals::new()?;
    let app = App::start(config, role, Overrides::default()).await?;
    tracing::info!(
        address = app.address().map(|address| address.to_string()),
        ?role,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    let mut more = Signals::new()?;
    let stop = async move { signals.next().await };
    // The first signal reaches both; the second one insists.
    let insist = async move {
        more.next().await;
        more.next().await;
    };
    app.serve(stop, insist).await
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
