//! M3: resident memory of the core with many open streams, against none.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt as _;

use crate::{
    client::Way,
    model::{self, Script},
    process::{Core, Setup},
};

/// Opens the streams, waits for the first bytes of each, and compares.
pub(crate) async fn run(setup: &Setup, streams: u32) -> Result<()> {
    let model = model::start(Script { tokens: 20, pause: None, hold: true }).await?;
    let core = Core::start(setup, &format!("http://{model}/v1")).await?;
    let way = Way::Core { origin: core.origin.clone(), token: core.token.clone() };
    let http = reqwest::Client::new();
    // A first handful brings pools, caches and the allocator to their working size.
    let warm = open(&way, &http, 20).await?;
    let before = core.resident_kib()?;
    let held = open(&way, &http, streams).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = core.resident_kib()?;
    println!(
        "M3: {streams} open streams: {before} KiB before, {after} KiB with them, {:.1} KiB each",
        (f64::from(u32::try_from(after)?) - f64::from(u32::try_from(before)?)) / f64::from(streams)
    );
    drop((warm, held));
    Ok(())
}

async fn open(way: &Way, http: &reqwest::Client, streams: u32) -> Result<Vec<impl Sized + use<>>> {
    let mut held = Vec::new();
    for _ in 0..streams {
        let mut body = way.open(http, None).await?;
        body.next().await;
        held.push(body);
    }
    Ok(held)
}
