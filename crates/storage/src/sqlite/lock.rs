//! The lock that keeps other processes from the files: an advisory lock on `gateway.lock`.
//!
//! The operating system releases it when the process ends, however that ends, so a leftover file has no meaning.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::{failure, open_files::OpenFile};
use crate::Error;

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _handle: File,
    file: OpenFile,
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("gateway.lock");
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|error| failure::io("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _handle: file, file: OpenFile::note(&path)? }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: dir.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failure::io("lock", &path, &error)),
        }
    }

    /// Whether the file that is locked is still at its path; without it another process could take the files.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.file.check()
    }
}
