//! Files that only the account of the server may read: they hold what people wrote.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes a folder that nobody else may enter, with those above it. One that exists keeps its rights: it may
/// be shared on purpose, and the files in it are closed by themselves.
///
/// # Errors
/// Fails when the folder cannot be made.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Opens a file for appending, made for the server's account alone when it is missing.
///
/// # Errors
/// Fails when the file cannot be opened or made.
pub fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn others_may_neither_enter_nor_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let (inner, file) = (folder.path().join("a/b"), folder.path().join("a/b/c"));
        private_folder(&inner).expect("made");
        private_folder(&inner).expect("there already");
        private_file(&file).expect("a file");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&file)), (FOLDER_MODE, FILE_MODE));
    }
}
