//! `cargo xtask dist`: the front end as files that the server embeds.
//!
//! Layout: `index.html`, `manifest.json`, and everything else under `assets/` with its hash in its name.
//! Each file but the manifest has a `.br` and a `.gz` beside it.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::{
    assets::Folder,
    bindgen::{self, Program},
    fingerprint,
};

/// Style sheets in the order in which they must stand.
const STYLES: &[&str] = &["tokens", "base", "components", "shell", "chat", "markdown"];

/// Builds into `nc-app-frontend/dist` unless what is there is of the same inputs.
pub(crate) fn run(repository: &Path, dev: bool) -> anyhow::Result<()> {
    let profile = if dev { "dev" } else { "wasm-release" };
    let source = repository.join("nc-app-frontend");
    let target = source.join("dist");
    let inputs = fingerprint::of_inputs(repository, profile)?;
    if is_current(&target, &inputs) {
        println!("front end: nothing changed");
        return Ok(());
    }
    let Program { script, wasm } = bindgen::build(repository, profile)?;

    // A half-written folder must never pass for a whole one, so the new one grows beside the old.
    let growing = source.join("dist.new");
    let mut folder = Folder::empty(&growing, !dev)?;
    let wasm_path = folder.hashed("app", "wasm", &wasm)?;
    let start = fs::read_to_string(source.join("static/start.js"))?;
    let script_path = folder.hashed("app", "js", started(&script, &start, &wasm_path).as_bytes())?;
    let theme = fs::read(source.join("static/theme.js"))?;
    let theme_path = folder.hashed("theme", "js", &theme)?;
    let style_path = folder.hashed("app", "css", style_sheet(&source)?.as_bytes())?;
    let icon_path = folder.hashed("icon", "svg", &fs::read(source.join("static/icon.svg"))?)?;

    let index = fs::read_to_string(source.join("static/index.html"))?
        .replace("{{wasm}}", &wasm_path)
        .replace("{{script}}", &script_path)
        .replace("{{theme}}", &theme_path)
        .replace("{{style}}", &style_path)
        .replace("{{icon}}", &icon_path);
    folder.plain("index.html", index.as_bytes())?;
    fs::write(growing.join("manifest.json"), manifest(&folder, &inputs))?;

    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    fs::rename(&growing, &target).context("cannot put the new folder in place")?;
    let (raw, small) = folder.files.iter().fold((0, 0), |sum, file| (sum.0 + file.1, sum.1 + file.2));
    for (path, size, compressed) in &folder.files {
        println!("{compressed:>9} of {size:>9} bytes  {path}");
    }
    println!("front end: {raw} bytes, {small} under brotli ({} KiB)", small / 1024);
    Ok(())
}

/// The loader with the lines that start the program, and say so when it cannot be started: an inline
/// script would need a hole in the policy.
fn started(script: &str, start: &str, wasm_path: &str) -> String {
    let name = wasm_path.rsplit('/').next().unwrap_or(wasm_path);
    format!("{script}\n{}", start.replace("{{wasm}}", name))
}

fn style_sheet(source: &Path) -> anyhow::Result<String> {
    let mut whole = String::new();
    for name in STYLES {
        let path = source.join("styles").join(name).with_extension("css");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        whole.push_str(&without_comments(&text));
    }
    Ok(whole)
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).fold(String::new(), |mut all, line| {
        all.push_str(line);
        all.push('\n');
        all
    })
}

fn manifest(folder: &Folder, inputs: &str) -> String {
    let files: Vec<String> = folder
        .files
        .iter()
        .map(|(path, size, brotli)| format!("    {{ \"path\": {path:?}, \"bytes\": {size}, \"brotli\": {brotli} }}"))
        .collect();
    format!("{{\n  \"inputs\": {inputs:?},\n  \"files\": [\n{}\n  ]\n}}\n", files.join(",\n"))
}

fn is_current(target: &Path, inputs: &str) -> bool {
    let Ok(manifest) = fs::read_to_string(target.join("manifest.json")) else { return false };
    let of_these_inputs = manifest.contains(&format!("\"inputs\": {inputs:?}"));
    let mut paths = manifest.split("\"path\": \"").skip(1).filter_map(|rest| rest.split('"').next());
    of_these_inputs && paths.all(|path| target.join(path).is_file() && target.join(format!("{path}.br")).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indents_go_and_rules_stay() {
        assert_eq!(without_comments("/* a */\n  b { c: d }\n\n/* x\n y */ e {}\n"), "b { c: d }\ne {}\n");
    }

    #[test]
    fn the_program_is_named_beside_its_loader() {
        let start = "__wbg_init({ module_or_path: new URL(\"{{wasm}}\", import.meta.url) });";
        assert!(started("a", start, "assets/app-1.wasm").ends_with("URL(\"app-1.wasm\", import.meta.url) });"));
    }

    #[test]
    fn a_folder_is_current_only_with_its_files() {
        let dir = std::env::temp_dir().join(format!("dist-test-{}", std::process::id()));
        let mut folder = Folder::empty(&dir, false).expect("folder");
        let path = folder.hashed("a", "css", b"b{}").expect("file");
        fs::write(dir.join("manifest.json"), manifest(&folder, "one")).expect("manifest");
        assert!(is_current(&dir, "one"));
        assert!(!is_current(&dir, "two"));
        fs::remove_file(dir.join(path)).expect("removed");
        assert!(!is_current(&dir, "one"));
        fs::remove_dir_all(dir).expect("cleaned");
    }
}
