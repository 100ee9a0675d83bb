//! The program `alcove`. See [`core_server::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    core_server::cli::main()
}
