//! `alcove migrate`.

use std::process::ExitCode;

use anyhow::Result;
use db::Db;
use platform::Config;

use crate::app;

#[expect(clippy::print_stdout, reason = "the command's result")]
pub(super) async fn run(config: &Config) -> Result<ExitCode> {
    let db = Db::connect(&app::database(config)).await?;
    db.migrate().await?;
    let state = db.migration_state().await?;
    println!("The database is up to date: {} migration(s).", state.applied);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}
