//! The data directory: the database file and the keys, readable by the server's user only, held by one serving process at a time.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or opened.
    #[error("cannot use the data directory {path}: {source}")]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It was never prepared, so there are no keys in it.
    #[error(
        "there is no server's data in {path}; name its directory with --data-dir, or start with `provisioner init`"
    )]
    NotPrepared {
        /// The directory.
        path: PathBuf,
    },
    /// Others can read it, and it is not ours to close to them.
    #[error(
        "the data directory {path} holds other files and others can read it; choose an empty directory, or make it yours alone (chmod 700)"
    )]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
    /// Another process serves from it.
    #[error(
        "another provisioner already serves from {path}; stop it, or choose another --data-dir"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
}

/// A prepared data directory.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held while this process serves from the directory; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct ServingLock(
    #[expect(dead_code, reason = "the lock lasts as long as the open file")] File,
);

impl DataDir {
    /// Makes the directory with mode 0700. An existing one that others can read gets that mode if it is empty or ours.
    ///
    /// # Errors
    /// When it cannot be made, or holds what is not ours for others to read.
    pub fn prepare(path: &Path) -> Result<Self, DataDirError> {
        let failed = |source| DataDirError::Unusable {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed)?;
        let mode = std::fs::metadata(path)
            .map_err(failed)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            if !is_ours(path).map_err(failed)? {
                return Err(DataDirError::NotOurs {
                    path: path.to_owned(),
                });
            }
            std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)?;
            tracing::warn!(path = %path.display(), "the data directory could be read by others; its mode is now 0700");
        }
        Ok(Self(path.to_owned()))
    }

    /// Whatever is there: to look, not to work with.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// A directory that was prepared before.
    ///
    /// # Errors
    /// [`DataDirError::NotPrepared`] when it has no signing key.
    pub fn existing(path: &Path) -> Result<Self, DataDirError> {
        let dir = Self(path.to_owned());
        if dir.signing_key().exists() {
            Ok(dir)
        } else {
            Err(DataDirError::NotPrepared { path: dir.0 })
        }
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("provisioner.sqlite3")
    }

    /// The key that seals secrets in the database. Whoever loses it has to enter every secret again.
    #[must_use]
    pub fn sealing_key(&self) -> PathBuf {
        self.0.join("sealing.key")
    }

    /// The key that signs bearer tokens.
    #[must_use]
    pub fn signing_key(&self) -> PathBuf {
        self.0.join("signing.key")
    }

    /// Makes this process the one that serves from the directory.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] while another one does.
    pub fn lock(&self) -> Result<ServingLock, DataDirError> {
        let path = self.0.join("serving.lock");
        let failed = |source| DataDirError::Unusable {
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(ServingLock(file)),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse {
                path: self.0.clone(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Whether nothing is in the directory but what we, or the file system of a fresh volume, put there.
pub(crate) fn is_ours(path: &Path) -> io::Result<bool> {
    if DataDir(path.to_owned()).signing_key().exists() {
        return Ok(true);
    }
    let entries: io::Result<Vec<_>> = std::fs::read_dir(path)?.collect();
    Ok(entries?.iter().all(|one| one.file_name() == "lost+found"))
}
