//! `alcove doctor`: the configuration in force, and a check of each part that the server needs.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use db::{Db, DbError};
use platform::{Config, config::Provider, redis::Redis};
use secrecy::ExposeSecret as _;

use crate::app;

#[expect(clippy::print_stdout, reason = "the command's result")]
pub(super) async fn run(config: &Config) -> Result<ExitCode> {
    for setting in &config.settings {
        if let Some(value) = &setting.value {
            println!("{} = {value}", setting.name);
        }
    }
    println!();
    let checks = [
        ("data folder", data_folder(config)),
        ("database", database(config).await),
        ("Redis", redis(config).await),
        ("model", model(config)),
    ];
    let mut healthy = true;
    for (name, result) in checks {
        match result {
            Ok(text) => println!("ok    {name}: {text}"),
            Err(error) => {
                healthy = false;
                println!("FAULT {name}: {error:#}");
            }
        }
    }
    for name in &config.unknown {
        println!("note  {name} is not a setting; is it misspelt?");
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn data_folder(config: &Config) -> Result<String> {
    let folder = &config.storage.data_dir;
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".doctor");
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(probe)?;
    Ok(format!("{} can be written", folder.display()))
}

async fn database(config: &Config) -> Result<String> {
    let db = match Db::connect(&app::database(config)).await {
        Ok(db) => db,
        // A running server holds its file; that is its right.
        Err(DbError::InUse(file)) => return Ok(format!("{file} is in use by a running server")),
        Err(error) => return Err(error.into()),
    };
    let state = db.migration_state().await?;
    let engine = db.engine().as_str();
    db.close().await;
    Ok(format!("{engine}, {} of {} migrations applied", state.applied, state.known))
}

async fn redis(config: &Config) -> Result<String> {
    let Some(url) = &config.storage.redis_url else { return Ok("not configured; one process only".to_owned()) };
    let taken = Redis::connect(url.expose_secret(), &config.storage.redis_prefix).await?.ping().await?;
    Ok(format!("answers in {:.1} ms", taken.as_secs_f64() * 1e3))
}

fn model(config: &Config) -> Result<String> {
    let provider = config.models.provider;
    if provider == Provider::Local {
        ensure!(app::local_models(config).is_ready(), "the local model's file is missing; run `alcove models pull`");
        return Ok("local, ready".to_owned());
    }
    let local = app::local_models(config);
    let info = assistant::provider::describe(&config.models, &local);
    Ok(format!("{} {}", info.provider, info.name))
}
