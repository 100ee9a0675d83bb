//! Writes files under names made from their content, with compressed copies beside them.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// A folder that is being filled, and the names of what is in it.
pub(crate) struct Folder {
    root: PathBuf,
    best: bool,
    /// Path, size and size under brotli of each file.
    pub(crate) files: Vec<(String, usize, usize)>,
}

impl Folder {
    /// Begins with an empty folder. `best` takes the time to compress as well as possible.
    pub(crate) fn empty(root: &Path, best: bool) -> anyhow::Result<Self> {
        if root.exists() {
            fs::remove_dir_all(root)?;
        }
        fs::create_dir_all(root.join("assets"))?;
        Ok(Self { root: root.to_path_buf(), best, files: Vec::new() })
    }

    /// Writes `assets/<name>-<hash>.<extension>` and returns that path.
    pub(crate) fn hashed(&mut self, name: &str, extension: &str, content: &[u8]) -> anyhow::Result<String> {
        let hash = hex::encode(Sha256::digest(content));
        let path = format!("assets/{name}-{}.{extension}", &hash[..16]);
        self.plain(&path, content)?;
        Ok(path)
    }

    /// Writes a file under its own name.
    pub(crate) fn plain(&mut self, path: &str, content: &[u8]) -> anyhow::Result<()> {
        fs::write(self.root.join(path), content)?;
        let brotli = brotli(content, self.best)?;
        fs::write(self.root.join(format!("{path}.br")), &brotli)?;
        fs::write(self.root.join(format!("{path}.gz")), gzip(content, self.best)?)?;
        self.files.push((path.to_owned(), content.len(), brotli.len()));
        Ok(())
    }
}

fn brotli(content: &[u8], best: bool) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if best { 11 } else { 4 },
        lgwin: 22,
        ..brotli::enc::BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &content[..], &mut out, &parameters)?;
    Ok(out)
}

fn gzip(content: &[u8], best: bool) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), if best { Compression::best() } else { Compression::fast() });
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
