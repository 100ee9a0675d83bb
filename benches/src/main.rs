//! Benchmarks of the measures M1, M2, M3, M5 and M6 against a running release build.
//!
//! The bench process plays both ends: the model endpoint and the clients. The core under test, and
//! the peer beside it, are processes of their own. Quote medians and ratios: machines are noisy.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measuring tool: real time, bare tasks, a table"
)]

mod client;
mod first_token;
mod footprint;
mod live_streams;
mod memory;
mod model;
mod peer;
mod process;
mod screen;
mod stats;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures the core. Build it first: `cargo build --release -p core-server`.
#[derive(Parser)]
struct Arguments {
    /// The binary under test.
    #[arg(long, default_value = "target/release/alcove")]
    alcove: PathBuf,
    /// Measure on this PostgreSQL database instead of SQLite. It must be empty.
    #[arg(long)]
    database_url: Option<String>,
    #[command(subcommand)]
    measure: Measure,
}

/// What to measure.
#[derive(Subcommand)]
enum Measure {
    /// Time that the core adds before the first token.
    M1 {
        /// Turns started each second.
        #[arg(long, default_value_t = 100)]
        rate: u32,
        /// Seconds of load.
        #[arg(long, default_value_t = 20)]
        seconds: u32,
        /// The Python interpreter of an environment that has the peer proxy installed.
        #[arg(long)]
        peer_python: Option<PathBuf>,
        /// Turns a second for the peer, which cannot keep up with the full rate.
        #[arg(long, default_value_t = 20)]
        peer_rate: u32,
    },
    /// Delay added to each token with many live streams, and tokens lost or doubled.
    M2 {
        /// Live streams.
        #[arg(long, default_value_t = 500)]
        streams: u32,
        /// Tokens of each stream.
        #[arg(long, default_value_t = 100)]
        tokens: u32,
        /// Tokens a second of each stream.
        #[arg(long, default_value_t = 10)]
        rate: u32,
    },
    /// Memory of an open stream.
    M3 {
        /// Open streams.
        #[arg(long, default_value_t = 500)]
        streams: u32,
    },
    /// Idle memory, time to readiness, size of the binary.
    M5,
    /// Size of the UI's first load, and how quick it is in a browser.
    M6 {
        /// Messages of the long conversation; 0 leaves the browser out.
        #[arg(long, default_value_t = 2_000)]
        messages: u32,
        /// The built front end.
        #[arg(long, default_value = "nc-app-frontend/dist")]
        dist: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let setup = process::Setup { binary: arguments.alcove, database_url: arguments.database_url };
    match arguments.measure {
        Measure::M1 { rate, seconds, peer_python, peer_rate } => {
            first_token::run(&setup, rate, seconds, peer_python.as_deref(), peer_rate).await
        }
        Measure::M2 { streams, tokens, rate } => live_streams::run(&setup, streams, tokens, rate).await,
        Measure::M3 { streams } => memory::run(&setup, streams).await,
        Measure::M5 => footprint::core(&setup).await,
        Measure::M6 { messages, dist } => {
            footprint::ui(&dist)?;
            if messages > 0 { screen::run(&setup, messages).await } else { Ok(()) }
        }
    }
}
