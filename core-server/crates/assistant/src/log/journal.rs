//! The journal: a file that each event enters before anybody sees it.
//!
//! It is the event stream of all turns of this process, one after the other as they come. A `write`
//! without `fsync` survives the death of the process. The file is held under a kernel lock: who can
//! take another process's lock knows that the process is dead.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use shared_protocol::MessageId;
use uuid::Uuid;

/// A file that grew to this size is left for a new one, and removed when its turns have ended.
const SEGMENT_BYTES: u64 = 64 << 20;
const EXTENSION: &str = "journal";

/// The journal of this process.
pub(super) struct Journal {
    folder: PathBuf,
    process: Uuid,
    segments: Mutex<Segments>,
}

struct Segments {
    /// Full ones, which wait for their turns to end.
    full: Vec<Segment>,
    current: Segment,
    made: u32,
}

struct Segment {
    path: PathBuf,
    file: File,
    bytes: u64,
    open: HashSet<MessageId>,
}

impl Journal {
    /// A new, empty journal in `folder`.
    pub(super) fn create(folder: &Path, process: Uuid) -> io::Result<Self> {
        platform::files::private_folder(folder)?;
        let current = Segment::create(folder, process, 0)?;
        let segments = Mutex::new(Segments { full: Vec::new(), current, made: 1 });
        Ok(Self { folder: folder.to_owned(), process, segments })
    }

    /// Appends an event of that turn.
    pub(super) fn append(&self, message: MessageId, event: &[u8]) -> io::Result<()> {
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        if segments.current.bytes >= SEGMENT_BYTES {
            let next = Segment::create(&self.folder, self.process, segments.made)?;
            segments.made += 1;
            let full = std::mem::replace(&mut segments.current, next);
            segments.full.push(full);
        }
        let current = &mut segments.current;
        current.open.insert(message);
        if let Err(error) = current.file.write_all(event) {
            // A torn event would swallow the beginning of the next one, of whatever turn.
            if current.file.set_len(current.bytes).is_err() {
                current.bytes = SEGMENT_BYTES;
            }
            return Err(error);
        }
        current.bytes += u64::try_from(event.len()).unwrap_or(0);
        Ok(())
    }

    /// The turn is stored whole; what the journal has of it is not needed any more.
    pub(super) fn forget(&self, message: MessageId) {
        let mut segments = self.segments.lock().unwrap_or_else(PoisonError::into_inner);
        for segment in &mut segments.full {
            segment.open.remove(&message);
        }
        // What cannot be removed now is removed at the next start; reading it again does no harm.
        segments.full.retain(|segment| !segment.open.is_empty() || fs::remove_file(&segment.path).is_err());
        let current = &mut segments.current;
        current.open.remove(&message);
        if current.open.is_empty() && current.bytes > 0 && current.file.set_len(0).is_ok() {
            current.bytes = 0;
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let segments = self.segments.get_mut().unwrap_or_else(PoisonError::into_inner);
        if segments.full.is_empty() && segments.current.open.is_empty() {
            // An empty file that stays is removed at the next start.
            let _ = fs::remove_file(&segments.current.path);
        }
    }
}

impl Segment {
    fn create(folder: &Path, process: Uuid, number: u32) -> io::Result<Self> {
        let path = folder.join(format!("{process}-{number}.{EXTENSION}"));
        let file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path)?;
        file.try_lock().map_err(io::Error::from)?;
        Ok(Self { path, file, bytes: 0, open: HashSet::new() })
    }
}

/// A dead process's journal, held so that nobody else takes it up.
pub(super) struct Orphan {
    /// What the process wrote.
    pub(super) bytes: Vec<u8>,
    path: PathBuf,
    _file: File,
}

impl Orphan {
    /// All journals whose process is dead.
    pub(super) fn find(folder: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            if file.try_lock().is_err() {
                continue;
            }
            // Removed by another process between our listing and our lock.
            if let Ok(bytes) = fs::read(&path) {
                found.push(Self { bytes, path, _file: file });
            }
        }
        Ok(found)
    }

    /// Its events are stored.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_process_leaves_what_it_wrote_and_a_living_one_is_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let (message, other) = (MessageId::from(Uuid::from_u128(1)), MessageId::from(Uuid::from_u128(2)));
        let journal = Journal::create(folder.path(), Uuid::from_u128(9)).expect("journal");
        journal.append(message, b"one").expect("written");
        journal.append(other, b"two").expect("written");
        assert!(Orphan::find(folder.path()).expect("listed").is_empty());
        journal.forget(other);
        drop(journal);
        let orphans = Orphan::find(folder.path()).expect("listed");
        assert_eq!(orphans.len(), 1);
        assert_eq!(orphans[0].bytes, b"onetwo");
        for orphan in orphans {
            orphan.remove().expect("removed");
        }
        assert!(Orphan::find(folder.path()).expect("listed").is_empty());
    }

    #[test]
    fn a_journal_whose_turns_have_ended_is_empty() {
        let folder = tempfile::tempdir().expect("folder");
        let message = MessageId::from(Uuid::from_u128(1));
        let journal = Journal::create(folder.path(), Uuid::from_u128(9)).expect("journal");
        journal.append(message, b"one").expect("written");
        journal.forget(message);
        journal.append(message, b"two").expect("written");
        let path = fs::read_dir(folder.path()).expect("listed").next().expect("a file").expect("a file").path();
        assert_eq!(fs::read(path).expect("read"), b"two");
    }
}
