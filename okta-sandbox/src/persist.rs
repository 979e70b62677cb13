//! The state file: a journal of changed rows, one line a commit.
//!
//! A commit is one line, written and synced before the answer leaves, so a crash loses nothing that
//! was answered. A torn last line belongs to a commit that was never answered; it is dropped.
//! At start the journal is rewritten to hold each row once; the new file replaces the old by rename.
//! While an org is served from a file, the file is locked, so that no second one overwrites it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::de::Error as _;

use crate::org::{Org, table::Change};

/// Where commits go.
#[derive(Debug)]
pub(crate) enum Journal {
    /// Nowhere: the org lives in memory.
    Memory,
    /// To a file.
    File(JournalFile),
    /// The file was given back; nothing can be kept any more.
    Closed,
}

/// The file of a journal that is in use.
#[derive(Debug)]
pub(crate) struct JournalFile {
    file: File,
    /// How much of the file are whole commits.
    length: u64,
    /// Commits that could not be written yet; the next one takes them along.
    unwritten: Vec<u8>,
    /// The file that this one replaced. Its lock refuses whoever opened it just before.
    _former: Option<File>,
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file system refused.
    #[error("state file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line of the file is not a commit of this program.
    #[error("state file {path} is damaged or belongs to another program: line {line}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Another process keeps an org in this file.
    #[error("state file {path} is in use by another sandbox")]
    InUse {
        /// The file.
        path: PathBuf,
    },
}

impl Journal {
    /// Opens the state file and restores the org in it; a missing file is an org still to be founded.
    pub fn open(path: Option<&Path>) -> Result<(Self, Org), StateError> {
        let mut org = Org::empty();
        let Some(path) = path else {
            return Ok((Self::Memory, org));
        };
        let failed = |source| StateError::Io {
            path: path.into(),
            source,
        };
        let former = match File::open(path) {
            Ok(file) => Some(locked(file, path)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if former.is_some() {
            replay(&mut org, path, &std::fs::read(path).map_err(failed)?)?;
        }
        let fresh = locked(fresh(path).map_err(failed)?, path)?;
        let file = compact(&mut org, path, fresh, former).map_err(failed)?;
        Ok((Self::File(file), org))
    }

    /// Makes the changes since the last commit durable.
    pub fn commit(&mut self, org: &mut Org) -> io::Result<()> {
        let mut changes = Vec::new();
        for table in org.tables() {
            table.take_changes(&mut changes)?;
        }
        let file = match self {
            Self::Memory => return Ok(()),
            Self::File(file) => file,
            Self::Closed => return Err(io::Error::other("the state file is closed")),
        };
        let only_requests = changes
            .iter()
            .all(|change| matches!(&*change.table, "requests" | "meta" | "faults"));
        file.append(&changes)?;
        if only_requests {
            Ok(())
        } else {
            file.file.sync_data()
        }
    }

    /// Gives the file back, for another sandbox to use.
    pub fn close(&mut self) {
        if matches!(self, Self::File(_)) {
            *self = Self::Closed;
        }
    }
}

impl JournalFile {
    /// Writes one commit, after those that failed before it. What a failure left half written is cut off first.
    fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let retries = !self.unwritten.is_empty();
        if !changes.is_empty() {
            write_line(&mut self.unwritten, changes)?;
        }
        if retries {
            self.file.set_len(self.length)?;
        }
        self.file.write_all(&self.unwritten)?;
        self.length += u64::try_from(self.unwritten.len()).unwrap_or(0);
        self.unwritten.clear();
        Ok(())
    }
}

fn locked(file: File, path: &Path) -> Result<File, StateError> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse { path: path.into() }),
        Err(TryLockError::Error(source)) => Err(StateError::Io {
            path: path.into(),
            source,
        }),
    }
}

fn replay(org: &mut Org, path: &Path, bytes: &[u8]) -> Result<(), StateError> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    let (complete, torn) = bytes.split_at(end.map_or(0, |end| end + 1));
    let mut count = 0;
    for line in complete.split_inclusive(|byte| *byte == b'\n') {
        count += 1;
        apply(org, line).map_err(|source| malformed(path, count, source))?;
    }
    match serde_json::from_slice::<Vec<Change>>(torn) {
        Err(source) if !source.is_eof() => Err(malformed(path, count + 1, source)),
        _ => Ok(()),
    }
}

fn malformed(path: &Path, line: usize, source: serde_json::Error) -> StateError {
    StateError::Malformed {
        path: path.into(),
        line,
        source,
    }
}

fn apply(org: &mut Org, line: &[u8]) -> serde_json::Result<()> {
    for change in serde_json::from_slice::<Vec<Change>>(line)? {
        let mut tables = org.tables().into_iter();
        let table = tables.find(|table| table.name() == change.table);
        let unknown = || serde_json::Error::custom(format!("unknown table {}", change.table));
        table.ok_or_else(unknown)?.restore(change)?;
    }
    Ok(())
}

/// The file that is going to replace the one at this path.
fn fresh(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(fresh_path(path))
}

fn fresh_path(path: &Path) -> PathBuf {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    PathBuf::from(fresh)
}

fn compact(
    org: &mut Org,
    path: &Path,
    mut file: File,
    former: Option<File>,
) -> io::Result<JournalFile> {
    let mut changes = Vec::new();
    for table in org.tables() {
        table.snapshot(&mut changes)?;
    }
    let mut lines = Vec::new();
    for batch in changes.chunks(1000) {
        write_line(&mut lines, batch)?;
    }
    file.set_len(0)?;
    file.write_all(&lines)?;
    file.sync_all()?;
    std::fs::rename(fresh_path(path), path)?;
    Ok(JournalFile {
        file,
        length: u64::try_from(lines.len()).unwrap_or(0),
        unwritten: Vec::new(),
        _former: former,
    })
}

fn write_line(lines: &mut Vec<u8>, changes: &[Change]) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, changes)?;
    lines.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(key: &str) -> Change {
        Change {
            table: "users".into(),
            key: key.into(),
            row: serde_json::Value::Null,
        }
    }

    #[test]
    fn a_commit_that_failed_is_written_with_the_next_one() {
        let path = std::env::temp_dir().join(format!("okta-sandbox-append-{}", std::process::id()));
        std::fs::write(&path, "before\n").unwrap();
        let mut journal = JournalFile {
            file: File::open(&path).unwrap(),
            length: 7,
            unwritten: Vec::new(),
            _former: None,
        };
        assert!(
            journal.append(&[change("a")]).is_err(),
            "opened for reading only"
        );
        std::fs::write(&path, "before\n[{\"table\":\"us").unwrap();
        journal.file = OpenOptions::new().append(true).open(&path).unwrap();
        journal.append(&[change("b")]).unwrap();
        let lines = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let keys: Vec<_> = lines
            .lines()
            .skip(1)
            .map(|line| serde_json::from_str::<Vec<Change>>(line).unwrap())
            .map(|changes| changes[0].key.clone())
            .collect();
        assert_eq!(keys, ["a", "b"]);
    }
}
