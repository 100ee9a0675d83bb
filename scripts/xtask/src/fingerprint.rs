//! One hash over everything that the built front end depends on.

use std::{fs, path::Path};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

/// Files and folders, from the root of the repository, whose change asks for a new build.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.toml",
    "nc-app-frontend/Cargo.toml",
    "nc-app-frontend/i18n",
    "nc-app-frontend/src",
    "nc-app-frontend/static",
    "nc-app-frontend/styles",
    "scripts/xtask/Cargo.toml",
    "scripts/xtask/src",
    "shared-protocol/Cargo.toml",
    "shared-protocol/src",
];

/// The hash, which also differs between profiles.
pub(crate) fn of_inputs(repository: &Path, profile: &str) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    hash.update(profile);
    for input in INPUTS {
        let path = repository.join(input);
        if path.exists() {
            add(&mut hash, &path)?;
        }
    }
    Ok(hex::encode(hash.finalize()))
}

fn add(hash: &mut Sha256, path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            add(hash, &entry.path())?;
        }
        return Ok(());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    // The length keeps two neighbouring files from passing for one.
    hash.update(path.as_os_str().as_encoded_bytes());
    hash.update(bytes.len().to_le_bytes());
    hash.update(bytes);
    Ok(())
}
