//! Whom the data directory and the keys in it are open to, and whether the other files can be used.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding;
use crate::config::Config;
use crate::data_dir::{DataDir, is_ours};
use crate::key_file;
use crate::startup::trusted_documents;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut found = data_dir(config);
    found.extend(trusted_documents(config).err().map(Finding::wrong));
    found
}

fn data_dir(config: &Config) -> Vec<Finding> {
    let path = &config.data_dir;
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return vec![Finding::doubtful(
                format!("there is no data directory {}", path.display()),
                "nothing was ever served from it",
                "see that data_dir is the right one; `provisioner init` makes it",
            )];
        }
        Err(e) => {
            let line = format!("cannot use the data directory {}: {e}", path.display());
            return vec![Finding::wrong(line)];
        }
    };
    let dir = DataDir::at(path);
    let mut found: Vec<_> = directory(path, mode).into_iter().collect();
    found.extend(key(&dir.signing_key()));
    found.extend(key(&dir.sealing_key()));
    if dir.database().exists() && !dir.sealing_key().exists() {
        found.push(Finding::doubtful(
            format!(
                "{} is missing beside a database",
                dir.sealing_key().display()
            ),
            "a new one cannot open the secrets that are sealed there",
            "restore it from the back-up before the server makes one",
        ));
    }
    found
}

fn directory(path: &Path, mode: u32) -> Option<Finding> {
    if mode & 0o077 == 0 {
        return None;
    }
    let what = format!(
        "the data directory {} has mode {:04o}",
        path.display(),
        mode & 0o7777
    );
    let why = "others on this machine can look into it";
    Some(match is_ours(path) {
        Ok(true) => Finding::doubtful(
            what,
            why,
            "the server closes it when it starts, or chmod 700 it",
        ),
        Ok(false) | Err(_) => Finding::insecure(
            what,
            why,
            "it holds other files, so choose an empty directory, or chmod 700 it",
        ),
    })
}

/// A key that is not there yet is made.
fn key(path: &Path) -> Option<Finding> {
    match key_file::check(path) {
        Ok(()) => None,
        Err(key_file::Error::Inaccessible { source, .. })
            if source.kind() == ErrorKind::NotFound =>
        {
            None
        }
        Err(key_file::Error::OpenToOthers { .. }) => Some(Finding::insecure(
            format!("key file {} can be read by others", path.display()),
            "whoever has it can sign tokens, or open the secrets in the database",
            "chmod 600 it, and make a new one if somebody may have read it",
        )),
        Err(other) => Some(Finding::wrong(other)),
    }
}
