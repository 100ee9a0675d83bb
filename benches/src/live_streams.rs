//! M2: many streams at once; how late each token is, and whether each arrives exactly once.

use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::{
    client::Way,
    model::{self, Script},
    process::{Core, Setup},
    stats::{HEAD, Samples},
};

/// Measures direct calls and the core.
pub(crate) async fn run(setup: &Setup, streams: u32, tokens: u32, rate: u32) -> Result<()> {
    let pause = Some(Duration::from_secs(1) / rate);
    let model = model::start(Script { tokens, pause, hold: false }).await?;
    let base = format!("http://{model}/v1");
    let core = Core::start(setup, &base).await?;
    println!("M2: {streams} live streams of {tokens} tokens at {rate}/s\n{HEAD}");
    let ways = [
        ("endpoint directly", Way::Completions { base }),
        ("Alcove", Way::Core { origin: core.origin.clone(), token: core.token.clone() }),
    ];
    let mut medians = Vec::new();
    for (name, way) in ways {
        let (mut samples, faults) = load(&way, streams, tokens).await?;
        println!("{}\nstreams with a lost or doubled token: {faults}", samples.report(name));
        medians.push((samples.percentile(50), samples.percentile(99)));
    }
    if let [direct, ours] = medians[..] {
        println!("added by Alcove: p50 {:.2} ms, p99 {:.2} ms", ours.0 - direct.0, ours.1 - direct.1);
    }
    Ok(())
}

async fn load(way: &Way, streams: u32, tokens: u32) -> Result<(Samples, usize)> {
    let http = reqwest::Client::builder().tcp_nodelay(true).build()?;
    let mut turns = JoinSet::new();
    for stream in 0..streams {
        let (way, http) = (way.clone(), http.clone());
        turns.spawn(async move {
            // Spread over a second, as people are: all at once would measure the burst.
            tokio::time::sleep(Duration::from_millis(u64::from(stream) * 1000 / u64::from(streams))).await;
            let conversation = way.conversation(&http).await?;
            way.ask(&http, conversation.as_deref()).await
        });
    }
    let (mut samples, mut faults) = (Samples::default(), 0);
    while let Some(done) = turns.join_next().await {
        let answer = done??;
        faults += usize::from(!answer.exact || answer.delays.len() != usize::try_from(tokens)?);
        answer.delays.into_iter().for_each(|delay| samples.push(delay));
    }
    Ok((samples, faults))
}
