//! Compares the files that this process has open with the files at their paths, by device and inode.
//!
//! A file that was removed, moved or replaced can still be written to, but nothing of that is found after a restart. So
//! writers check before each commit, and readers before they open another connection. Not here: what is in the files.
//!
//! Only the inode is requested. A kernel with fine timestamps (Linux 6.13) gives a file of which somebody requested the time of change
//! a new time at the next write, and then every synchronisation writes the inode as well (decision 0146).

use std::{
    io,
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use super::failure;
use crate::Error;

/// A file as it was when it was opened.
#[derive(Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    identity: Identity,
}

/// What no other file of this machine has at the same time.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    /// Major and minor number of the device.
    device: (u32, u32),
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        let found = statx(CWD, path, AtFlags::empty(), StatxFlags::INO)?;
        Ok(Self { device: (found.stx_dev_major, found.stx_dev_minor), inode: found.stx_ino })
    }
}

impl OpenFile {
    /// Notes the identity of a file that was just opened.
    ///
    /// # Errors
    /// `Unavailable` when there is no such file.
    pub(super) fn note(path: &Path) -> Result<Self, Error> {
        let identity = Identity::of(path).map_err(|error| failure::io("look at", path, &error))?;
        Ok(Self { path: path.to_owned(), identity })
    }

    /// Notes the identity of the write-ahead log of a database.
    pub(super) fn note_wal(database: &Path) -> Result<Self, Error> {
        Self::note(&wal(database))
    }

    /// Whether the same file is still at its path.
    ///
    /// # Errors
    /// `Unavailable` when it is not; what this process writes now would be lost.
    pub(super) fn check(&self) -> Result<(), Error> {
        let reason = match Identity::of(&self.path) {
            Ok(found) if found == self.identity => return Ok(()),
            Ok(_) => "was replaced",
            Err(error) if error.kind() == io::ErrorKind::NotFound => "was removed or moved",
            Err(error) => return Err(failure::io("look at", &self.path, &error)),
        };
        let path = self.path.display();
        Err(failure::broken(format!("{path} {reason} while the gateway runs: put it back, or stop the gateway first")))
    }
}

/// The path of the write-ahead log of a database.
pub(super) fn wal(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    path.into()
}
