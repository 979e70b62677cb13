//! Key files of 32 random bytes in the data directory: made on first start, readable by their owner alone.
//!
//! A key appears under its name only when it is whole and on disk, so that no crash leaves half a key, and of two processes that start
//! together both use the one that was there first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::random;

/// Length of every key, in bytes.
pub const KEY_LENGTH: usize = 32;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read or made.
    #[error("key file {path}: {source}")]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not 32 bytes long.
    #[error("key file {path} is damaged: it must hold exactly 32 bytes")]
    Length {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read it.
    #[error("key file {path} can be read by others: run chmod 600 on it")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
    },
}

/// The key in this file; makes one (mode 0600) when there is no file.
///
/// # Errors
/// When the file cannot be read or made, has another length, or others may read it.
pub fn read_or_create(path: &Path) -> Result<[u8; KEY_LENGTH], Error> {
    let failed = |source| Error::Inaccessible {
        path: path.to_owned(),
        source,
    };
    if !path.try_exists().map_err(failed)? {
        create(path).map_err(failed)?;
    }
    read(path)
}

/// Whether the file holds a key that can be used.
///
/// # Errors
/// As [`read_or_create`], and when there is no file.
pub fn check(path: &Path) -> Result<(), Error> {
    read(path).map(|_| ())
}

fn create(path: &Path) -> io::Result<()> {
    let draft = path.with_added_extension(random::new_id().to_string());
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    let linked = file
        .write_all(&random::bytes::<KEY_LENGTH>())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
        Ok(()) => sync_directory(path),
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(parent) => File::open(parent)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

fn read(path: &Path) -> Result<[u8; KEY_LENGTH], Error> {
    let failed = |source| Error::Inaccessible {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(Error::OpenToOthers {
            path: path.to_owned(),
        });
    }
    let mut key = Vec::with_capacity(KEY_LENGTH + 1);
    file.take(KEY_LENGTH as u64 + 1)
        .read_to_end(&mut key)
        .map_err(failed)?;
    key.try_into().map_err(|_| Error::Length {
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::{Error, read_or_create};
    use crate::random;

    fn fresh_directory() -> PathBuf {
        let directory = std::env::temp_dir().join(format!("key-file-{}", random::new_id()));
        fs::create_dir(&directory).unwrap();
        directory
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let directory = fresh_directory();
        let path = directory.join("signing.key");
        let key = read_or_create(&path).unwrap();
        assert_eq!(read_or_create(&path).unwrap(), key);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn an_open_or_damaged_key_is_refused() {
        let directory = fresh_directory();
        let path = directory.join("signing.key");
        read_or_create(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            read_or_create(&path),
            Err(Error::OpenToOthers { .. })
        ));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [0; 31]).unwrap();
        assert!(matches!(read_or_create(&path), Err(Error::Length { .. })));
        fs::remove_dir_all(directory).unwrap();
    }
}
