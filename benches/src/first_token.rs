//! M1: time to the first token at a steady rate of new turns, against the endpoint itself.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::{sync::Mutex, task::JoinSet, time::MissedTickBehavior};

use crate::{
    client::Way,
    model::{self, Script},
    peer::Peer,
    process::{Core, Setup},
    stats::{HEAD, Samples},
};

/// Conversations that take turns; each grows a history, and none is asked twice at a time.
const CONVERSATIONS: usize = 256;

/// Measures direct calls, the core and, if given, the peer.
pub(crate) async fn run(setup: &Setup, rate: u32, seconds: u32, peer: Option<&Path>, peer_rate: u32) -> Result<()> {
    let model = model::start(Script { tokens: 20, pause: None, hold: false }).await?;
    let base = format!("http://{model}/v1");
    let core = Core::start(setup, &base).await?;
    let direct = Way::Completions { base: base.clone() };
    let through = Way::Core { origin: core.origin.clone(), token: core.token.clone() };

    println!("M1: first token at {rate} turns/s for {seconds} s\n{HEAD}");
    let mut straight = load(&direct, rate, seconds).await?;
    println!("{}", straight.report("endpoint directly"));
    let mut ours = load(&through, rate, seconds).await?;
    println!("{}", ours.report("Alcove"));
    let added =
        |samples: &mut Samples, base: &mut Samples, percent| samples.percentile(percent) - base.percentile(percent);
    println!(
        "added by Alcove: p50 {:.2} ms, p99 {:.2} ms",
        added(&mut ours, &mut straight, 50),
        added(&mut ours, &mut straight, 99)
    );

    if let Some(python) = peer {
        let peer = Peer::start(python, &base).await?;
        let mut straight = load(&direct, peer_rate, seconds).await?;
        println!("\nat {peer_rate} turns/s\n{HEAD}\n{}", straight.report("endpoint directly"));
        let mut ours = load(&through, peer_rate, seconds).await?;
        println!("{}", ours.report("Alcove"));
        let mut theirs = load(&Way::Completions { base: peer.base.clone() }, peer_rate, seconds).await?;
        println!("{}", theirs.report("LiteLLM proxy"));
        println!(
            "added: Alcove p50 {:.2} ms, p99 {:.2} ms; LiteLLM proxy p50 {:.2} ms, p99 {:.2} ms",
            added(&mut ours, &mut straight, 50),
            added(&mut ours, &mut straight, 99),
            added(&mut theirs, &mut straight, 50),
            added(&mut theirs, &mut straight, 99)
        );
    }
    Ok(())
}

async fn load(way: &Way, rate: u32, seconds: u32) -> Result<Samples> {
    let http = reqwest::Client::builder().tcp_nodelay(true).build()?;
    let mut conversations = Vec::new();
    for _ in 0..CONVERSATIONS {
        conversations.push(Arc::new(Mutex::new(way.conversation(&http).await?)));
    }
    // The first second fills pools and caches and is not counted.
    let warm_up = usize::try_from(rate)?;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut turns = JoinSet::new();
    for turn in 0..usize::try_from(rate * seconds)? + warm_up {
        ticks.tick().await;
        let (way, http, slot) = (way.clone(), http.clone(), conversations[turn % CONVERSATIONS].clone());
        turns.spawn(async move {
            let conversation = slot.lock().await;
            (turn, way.ask(&http, conversation.as_deref()).await)
        });
    }
    let mut samples = Samples::default();
    while let Some(done) = turns.join_next().await {
        let (turn, answer) = done?;
        let answer = answer?;
        anyhow::ensure!(answer.exact, "tokens were lost or doubled");
        if turn >= warm_up {
            samples.push(answer.first_token);
        }
    }
    Ok(samples)
}
