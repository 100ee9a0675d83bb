//! Rules about source files that neither the compiler nor clippy knows.

use std::path::{Path, PathBuf};

use super::root;

/// Lines at which a source file must be looked at for a second idea.
const LONG: usize = 420;

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Whether the file belongs to tests.
    fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests") || self.path.ends_with("tests.rs")
    }

    /// The text up to the unit tests at its end.
    fn product(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') && name != "dist" && name != "node_modules" {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in ["shared-protocol", "core-server", "nc-connector", "nc-app-frontend", "scripts", "benches", "tests"] {
        collect(&root.join(folder), &mut paths);
    }
    assert!(paths.len() > 200, "the sources were found");
    paths
        .into_iter()
        .map(|path| Source {
            text: std::fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(&root).unwrap().display().to_string(),
        })
        .collect()
}

#[test]
fn sql_lives_in_stores() {
    let is_server = |source: &&Source| source.path.starts_with("core-server/") && !source.is_test();
    for source in sources().iter().filter(is_server) {
        let of_db = source.path.starts_with("core-server/crates/db/");
        let is_store = source.path.ends_with("/store.rs") || source.path.contains("/store/");
        if of_db || is_store {
            continue;
        }
        for call in ["sqlx::query", "query_as(", "query_scalar(", "QueryBuilder"] {
            assert!(!source.product().contains(call), "{}: {call} belongs into a store.rs", source.path);
        }
    }
}

#[test]
fn stores_know_no_http() {
    for source in sources().iter().filter(|source| source.path.ends_with("/store.rs")) {
        for word in ["axum::", "ApiError", "StatusCode"] {
            assert!(!source.text.contains(word), "{}: {word} does not belong into a store", source.path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_keeps_to_one_idea() {
    for source in sources() {
        assert!(source.text.starts_with("//!"), "{} begins without a sentence on what it is", source.path);
        let lines = source.product().lines().count();
        assert!(lines <= LONG || source.is_test(), "{} has {lines} lines: look for a second idea", source.path);
    }
}

#[test]
fn exceptions_to_lints_carry_a_reason() {
    for source in sources() {
        let bare = ["#[al", "low("].concat();
        assert!(!source.text.contains(&bare), "{}: use #[expect(…, reason = …)]", source.path);
        let ignored = ["#[ig", "nore"].concat();
        assert!(!source.text.contains(&ignored), "{}: a test that does not run proves nothing", source.path);
    }
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| {
        let folder = root().join("core-server/crates/db/migrations").join(engine);
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
