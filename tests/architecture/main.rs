//! The shape of the repository, held by tests: the order of the crates, what may be depended on, where
//! SQL lives, and that the documents keep up.

#![expect(clippy::unwrap_used, reason = "a fault is a failed test")]

mod crates;
mod documents;
mod sources;

use std::path::{Path, PathBuf};

/// The repository's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
