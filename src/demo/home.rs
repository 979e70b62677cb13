//! Where the demo keeps its state: a directory of the caller's, or a temporary one that goes when the demo ends.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::DemoError;

/// The demo's directory.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    /// Removes the directory when dropped.
    _temporary: Option<TempDir>,
    /// Whether a walk was completed in it.
    pub(super) walked_before: bool,
}

impl Home {
    pub(super) fn open(dir: Option<&Path>) -> Result<Self, DemoError> {
        let Some(dir) = dir else {
            let made = tempfile::Builder::new()
                .prefix("provisioner-demo-")
                .tempdir();
            let made = made.map_err(|source| DemoError::Directory {
                path: std::env::temp_dir(),
                source,
            })?;
            return Ok(Self {
                path: made.path().to_owned(),
                _temporary: Some(made),
                walked_before: false,
            });
        };
        fs::create_dir_all(dir).map_err(|source| DemoError::Directory {
            path: dir.to_owned(),
            source,
        })?;
        let walked_before = mark(dir).exists();
        Ok(Self {
            path: dir.to_owned(),
            _temporary: None,
            walked_before,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn remember_walk(&self) -> Result<(), DemoError> {
        let path = mark(&self.path);
        fs::write(&path, "").map_err(|source| DemoError::Directory { path, source })
    }
}

fn mark(dir: &Path) -> PathBuf {
    dir.join("walked")
}
