//! Compiles the front end to WebAssembly and makes the JavaScript that loads it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "nc-app-frontend";

/// A module and the script that loads it.
pub(crate) struct Program {
    pub(crate) script: String,
    pub(crate) wasm: Vec<u8>,
}

/// Builds the front end.
pub(crate) fn build(repository: &Path, profile: &str) -> anyhow::Result<Program> {
    add_target(repository)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(repository)
        .args(["build", "--quiet", "--package", PACKAGE, "--target", TARGET, "--profile", profile])
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the front end does not compile");

    let compiled = target_directory(repository).join(TARGET).join(folder_of(profile)).join(format!("{PACKAGE}.wasm"));
    let scratch = target_directory(repository).join("xtask-bindgen");
    fs::create_dir_all(&scratch)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&compiled)
        .out_name("app")
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(profile != "dev")
        .remove_producers_section(true);
    bindgen.web(true)?.generate(&scratch).context("wasm-bindgen failed")?;
    ensure!(!scratch.join("snippets").exists(), "a dependency brings inline JavaScript, which no asset is made of");
    Ok(Program { script: fs::read_to_string(scratch.join("app.js"))?, wasm: fs::read(scratch.join("app_bg.wasm"))? })
}

fn target_directory(repository: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository.join("target"), |dir| repository.join(dir))
}

/// The folder that Cargo names after a profile; `dev` alone has another name.
fn folder_of(profile: &str) -> &str {
    if profile == "dev" { "debug" } else { profile }
}

fn add_target(repository: &Path) -> anyhow::Result<()> {
    let sysroot = Command::new("rustc").current_dir(repository).args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout)?.trim());
    if sysroot.join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    let added = Command::new("rustup").current_dir(repository).args(["target", "add", TARGET]).status();
    match added {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("rustup could not add the target {TARGET}"),
        Err(error) => Err(error).context("rustup is needed to add the WebAssembly target"),
    }
}
