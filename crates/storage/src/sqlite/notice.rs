//! What is found when a store is opened and operators should know.

use std::path::Path;

use super::{AUDIENCE, GATEWAY, JOURNAL, failure};
use crate::Error;

/// Most names of files in a notice.
const MAX_NAMES: usize = 20;

/// A finding at the start. The store opens nevertheless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// There was no store, so an empty one was created.
    #[error(
        "there was no {GATEWAY}, so an empty store was created: without events, kanalen, subscriptions and progress. If \
         there should be one, stop the gateway and put it back (found: {})",
        names(found)
    )]
    Created {
        /// Other files in the directory, sorted, at most 20.
        found: Vec<String>,
    },
    /// There was a store without its journal.
    #[error(
        "there was no {JOURNAL}, so an empty one was created: deliveries before this start are not found by searches"
    )]
    JournalCreated,
    /// The store was not closed in order, and its write-ahead log is not there.
    #[error(
        "{GATEWAY} was not closed by a gateway and has no write-ahead log ({GATEWAY}-wal): it was copied without it, or the \
         log was lost. What was accepted after the copy, or since the last checkpoint, is missing. To go on with what is \
         there, do nothing; else stop the gateway and restore a backup"
    )]
    NotClosed,
    /// There are fewer records than when the store was closed.
    #[error(
        "{missing} records that were there when the store was closed are missing; gateway verify examines the files"
    )]
    RecordsMissing {
        /// How many.
        missing: u64,
    },
    /// Progress pointed behind the end of a log.
    #[error("{entries} entries of progress were ahead of the log, because records were lost; they were set to its end")]
    ProgressAhead {
        /// How many.
        entries: usize,
    },
    /// The journal had rows of positions that the log does not have.
    #[error(
        "the journal was ahead of the log, as after a restore of {GATEWAY} alone: {rows} rows of positions that the log does \
         not have were removed"
    )]
    JournalAhead {
        /// How many rows were removed or shortened.
        rows: usize,
    },
    /// The journal could not be used.
    #[error(
        "{JOURNAL} was set aside as {name} and a new one was created: {reason}. Events are indexed again; deliveries before \
         this start are not found by searches"
    )]
    JournalSetAside {
        /// The new name of the file, in the same directory.
        name: String,
        /// Why.
        reason: String,
    },
    /// The file with addressees was not closed in order, and its write-ahead log is not there.
    #[error(
        "{AUDIENCE} was not closed by a gateway and has no write-ahead log ({AUDIENCE}-wal): it was copied without it, or the \
         log was lost. What people did after the copy is missing, and so is that some of them left. Stop the gateway and \
         restore a backup, or go on"
    )]
    AudienceNotClosed,
    /// There are fewer addressees than when the file was closed.
    #[error("{missing} addressees that were there when {AUDIENCE} was closed are missing")]
    AddresseesMissing {
        /// How many.
        missing: u64,
    },
    /// The start could not be noted in the files.
    #[error("this start was not noted in the files, so a loss of files is not noticed at the next one: {reason}")]
    NotNoted {
        /// Why.
        reason: String,
    },
}

impl Notice {
    pub(super) fn log(&self, dir: &Path) {
        let directory = dir.display();
        match self {
            Self::NotClosed
            | Self::RecordsMissing { .. }
            | Self::ProgressAhead { .. }
            | Self::AudienceNotClosed
            | Self::AddresseesMissing { .. } => {
                tracing::error!(%directory, "{self}");
            }
            _ => tracing::warn!(%directory, "{self}"),
        }
    }
}

fn names(found: &[String]) -> String {
    if found.is_empty() { "no other file".to_owned() } else { found.join(", ") }
}

/// The files that are missing in a directory, which need not exist. Call it before anything is created.
///
/// # Errors
/// `Unavailable` when the directory cannot be read.
pub(super) fn missing_files(dir: &Path) -> Result<Vec<Notice>, Error> {
    let is_filled = |name: &str| std::fs::metadata(dir.join(name)).is_ok_and(|metadata| metadata.len() > 0);
    Ok(match (is_filled(GATEWAY), is_filled(JOURNAL)) {
        (true, true) => Vec::new(),
        (true, false) => vec![Notice::JournalCreated],
        (false, _) => vec![Notice::Created { found: files(dir)? }],
    })
}

fn files(dir: &Path) -> Result<Vec<String>, Error> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failure::io("read", dir, &error))?,
    };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.truncate(MAX_NAMES);
    Ok(names)
}
