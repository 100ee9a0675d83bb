//! `alcove openapi`.

use std::process::ExitCode;

use anyhow::Result;

use crate::router;

#[expect(clippy::print_stdout, reason = "the command's result")]
pub(super) fn run() -> Result<ExitCode> {
    println!("{}", router::api().split_for_parts().1.to_pretty_json()?);
    Ok(ExitCode::SUCCESS)
}
