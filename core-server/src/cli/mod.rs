//! The commands of the program. The process environment is read here and nowhere else.

mod doctor;
mod migrate;
mod models;
mod openapi;
mod serve;

use std::{collections::BTreeMap, process::ExitCode};

use clap::{Parser, Subcommand};
use platform::Config;

use crate::Role;

/// An AI workspace that lives inside Nextcloud and on the web.
#[derive(Parser)]
#[command(name = "alcove", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers requests and runs jobs.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value_t)]
        role: Role,
    },
    /// Brings the database up to date and ends.
    Migrate,
    /// Shows the configuration in force and checks what the server needs.
    Doctor,
    /// Prints the API document.
    Openapi,
    /// Local models.
    Models {
        #[command(subcommand)]
        command: models::Command,
    },
}

/// Runs the command of the command line.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    if matches!(command, Command::Openapi) {
        return openapi::run();
    }
    let config = Config::from_map(&environment())?;
    match command {
        Command::Serve { role } => serve::run(config, role).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Doctor => doctor::run(&config).await,
        Command::Models { command } => models::run(&config, command).await,
        Command::Openapi => openapi::run(),
    }
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

#[expect(clippy::print_stderr, reason = "the command line's own output")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("alcove: {error:#}");
    ExitCode::FAILURE
}
