//! Which crate may use which.

use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// From the bottom to the top: a crate uses only those before it.
const ORDER: [&str; 9] =
    ["shared-protocol", "platform", "db", "jobs", "identity", "assistant", "ops", "core-server", "harness"];

/// Crates that know neither HTTP servers nor SQL nor a feature.
const LEAVES: [&str; 1] = ["models"];

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(super::root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// What `cargo` prints about the packages that the programs are built from.
fn built(format: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(super::root()).args(["tree", "--locked", "--prefix", "none", "--edges", "normal,build"]);
    cargo.args(["--package", "core-server", "--package", "nc-connector", "--format", format]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert!(lines.len() > 300, "the packages were listed");
    lines
}

/// What a package of ours is built with; tests may use more.
fn uses(metadata: &Metadata, package: &str) -> Vec<String> {
    let package = metadata.packages.iter().find(|candidate| candidate.name.as_str() == package);
    let package = package.unwrap_or_else(|| panic!("the package is in the workspace"));
    let built = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    built.map(|dependency| dependency.name.clone()).collect()
}

#[test]
fn crates_use_only_what_is_below_them() {
    let metadata = metadata();
    for (place, name) in ORDER.iter().enumerate() {
        for used in uses(&metadata, name) {
            if let Some(below) = ORDER.iter().position(|candidate| *candidate == used) {
                assert!(below < place, "{name} must not use {used}, which is above it");
            }
        }
    }
    // Looking after the installation is no feature: what answers people must not lean on it.
    assert!(!uses(&metadata, "assistant").contains(&"ops".to_owned()));
    assert!(!uses(&metadata, "ops").contains(&"assistant".to_owned()));
}

#[test]
fn every_package_has_its_place() {
    let known = |name: &str| {
        ORDER.contains(&name)
            || LEAVES.contains(&name)
            || ["nc-connector", "nc-app-frontend", "xtask", "bench"].contains(&name)
    };
    let strangers: Vec<String> =
        metadata().packages.iter().map(|package| package.name.to_string()).filter(|name| !known(name)).collect();
    assert!(strangers.is_empty(), "say in tests/architecture/crates.rs where {strangers:?} stand");
}

#[test]
fn leaves_know_neither_servers_nor_sql_nor_features() {
    let metadata = metadata();
    for name in LEAVES {
        for used in uses(&metadata, name) {
            assert!(!["axum", "sqlx", "utoipa"].contains(&used.as_str()), "{name} must not use {used}");
            assert!(!ORDER.contains(&used.as_str()), "{name} must not use {used}");
        }
    }
}

#[test]
fn the_protocol_does_no_input_or_output() {
    for used in uses(&metadata(), "shared-protocol") {
        assert!(
            !["tokio", "axum", "reqwest", "sqlx", "web-sys", "hyper"].contains(&used.as_str()),
            "shared-protocol must not use {used}"
        );
    }
}

#[test]
fn the_parts_that_talk_over_the_wire_share_the_protocol_alone() {
    let metadata = metadata();
    for name in ["nc-connector", "nc-app-frontend"] {
        let used = uses(&metadata, name);
        assert!(used.contains(&"shared-protocol".to_owned()), "{name} speaks the shared protocol");
        let ours: Vec<&String> = used.iter().filter(|used| ORDER[1..].contains(&used.as_str())).collect();
        assert!(ours.is_empty(), "{name} must not use {ours:?}");
    }
}

/// One cryptography provider, one SQLite, no OpenSSL: see `deny.toml`, which says the same to
/// `cargo deny`. This test needs no tool.
#[test]
fn banned_packages_stay_out() {
    const BANNED: [&str; 6] = ["ring", "rsa", "openssl", "openssl-sys", "native-tls", "rusqlite"];
    let name = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let found: Vec<String> = built("{p}").iter().map(name).filter(|name| BANNED.contains(&name.as_str())).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// Licences that go together with ours, as `deny.toml` lists them too.
#[test]
fn licences_go_together() {
    const ALLOWED: [&str; 14] = [
        "AGPL-3.0-or-later",
        "MIT",
        "MIT-0",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "0BSD",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "CC0-1.0",
        "BSL-1.0",
        "CDLA-Permissive-2.0",
        "MPL-2.0",
    ];
    for line in built("{p} = {l}") {
        let Some((package, licence)) = line.trim_end_matches(" (*)").split_once(" = ") else { continue };
        // Of alternatives one is enough; of parts that are joined by AND each counts.
        let parts = licence.replace(['(', ')'], "").replace('/', " OR ");
        let fits = parts.split(" AND ").all(|part| {
            part.split(" OR ").any(|name| ALLOWED.contains(&name.trim().trim_end_matches(" WITH LLVM-exception")))
        });
        assert!(fits, "{package}: {licence}");
    }
}

#[test]
fn every_package_comes_from_the_registry_or_from_here() {
    let lock = super::read("Cargo.lock");
    for source in lock.lines().filter_map(|line| line.strip_prefix("source = ")) {
        assert!(source.starts_with("\"registry+"), "{source}");
    }
}
