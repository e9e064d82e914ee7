//! The lock that keeps a second process away from the files: an advisory lock on `gateway.lock`.
//!
//! The operating system gives it free when its holder ends, however that ends, so the file that stays
//! behind means nothing.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use super::failure;
use crate::Error;

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("gateway.lock");
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|error| failure::io("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: dir.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failure::io("lock", &path, &error)),
        }
    }
}
