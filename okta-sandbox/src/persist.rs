//! The state file: a journal of changed rows, one line a commit.
//!
//! A commit is one line, written and synced before the answer leaves, so a crash loses nothing that
//! was answered. A torn last line belongs to a commit that was never answered; it is dropped.
//! At start the journal is rewritten to hold each row once; the new file replaces the old by rename.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::org::{Org, table::Change};

/// Where commits go.
#[derive(Debug)]
pub(crate) enum Journal {
    /// Nowhere: the org lives in memory.
    Memory,
    /// To this file.
    File(File),
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
    /// A line in the middle of the file is not a commit of this program.
    #[error("state file {path}, line {line}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
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
        match std::fs::read(path) {
            Ok(bytes) => replay(&mut org, path, &String::from_utf8_lossy(&bytes))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let file = compact(&mut org, path).map_err(failed)?;
        Ok((Self::File(file), org))
    }

    /// Makes the changes since the last commit durable.
    pub fn commit(&mut self, org: &mut Org) -> io::Result<()> {
        let mut changes = Vec::new();
        for table in org.tables() {
            table.take_changes(&mut changes)?;
        }
        let Self::File(file) = self else {
            return Ok(());
        };
        if changes.is_empty() {
            return Ok(());
        }
        write_line(file, &changes)?;
        let only_requests = changes
            .iter()
            .all(|change| change.table == "requests" || change.table == "meta");
        if only_requests {
            Ok(())
        } else {
            file.sync_data()
        }
    }
}

fn replay(org: &mut Org, path: &Path, text: &str) -> Result<(), StateError> {
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    for (index, line) in complete.lines().enumerate() {
        let malformed = |source| StateError::Malformed {
            path: path.into(),
            line: index + 1,
            source,
        };
        let changes: Vec<Change> = serde_json::from_str(line).map_err(malformed)?;
        for change in changes {
            if let Some(table) = org
                .tables()
                .into_iter()
                .find(|table| table.name() == change.table)
            {
                table.restore(change).map_err(malformed)?;
            }
        }
    }
    Ok(())
}

fn compact(org: &mut Org, path: &Path) -> io::Result<File> {
    let mut changes = Vec::new();
    for table in org.tables() {
        table.snapshot(&mut changes)?;
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    for batch in changes.chunks(1000) {
        write_line(&mut file, batch)?;
    }
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    OpenOptions::new().append(true).open(path)
}

fn write_line(file: &mut File, changes: &[Change]) -> io::Result<()> {
    let mut line = serde_json::to_vec(changes)?;
    line.push(b'\n');
    file.write_all(&line)
}
