//! Tasks of the repository that need more than a shell: `cargo xtask <task>`.

mod assets;
mod bindgen;
mod dist;
mod fingerprint;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Tasks of the repository.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the front end into `nc-app-frontend/dist`; does nothing when nothing changed.
    Dist {
        /// Builds faster and larger, for work on the front end.
        #[arg(long)]
        dev: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Dist { dev } => dist::run(&repository()?, dev),
    }
}

fn repository() -> anyhow::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("the task runner has moved inside the repository")
}
