//! Opens `audience.db` of a store, or creates it, and compares it with the other files.

use std::{
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;

use super::{SqliteAudience, tally};
use crate::{
    Error,
    sqlite::{
        AUDIENCE, Embedded, GATEWAY, Notice, Options, database, failure,
        generation::{self, End},
        lock::Lock,
        readers::Readers,
        upstream::Upstream,
        writer::{Writer, WrittenFile},
    },
};

impl Embedded {
    /// Opens the file with addressees in the directory of this store; creates it, readable for its owner only, if it is missing.
    /// The directory stays locked until this and all else of the store is dropped. Open it once.
    ///
    /// # Errors
    /// `Corrupt` when it belongs to another store or cannot be read: then it has to be put back from a backup of this store, or
    /// removed. `NewerVersion` when a newer program wrote it; `Unavailable` when the file system fails.
    pub fn open_audience(&self, options: &Options) -> Result<Arc<SqliteAudience>, Error> {
        let path = self.dir.join(AUDIENCE);
        let has_wal = generation::has_wal(&path);
        create_private(&path)?;
        let connection = database::create(&path, &database::AUDIENCE)?;
        let notices = agree(&connection, &self.dir.join(GATEWAY), has_wal)?;
        database::sync_directory(&self.dir)?;
        for notice in &notices {
            notice.log(&self.dir);
        }
        SqliteAudience::start((path, connection), options, Arc::clone(&self.lock), notices, None)
    }
}

impl SqliteAudience {
    /// Where the file is in a directory.
    #[cfg(feature = "kafka")]
    pub(crate) fn path_in(dir: &Path) -> PathBuf {
        dir.join(AUDIENCE)
    }

    /// Opens the file in a directory of its own as a copy of what is kept upstream. The directory is locked until it is dropped.
    ///
    /// # Errors
    /// `InUse`, `NewerVersion`, `Corrupt`, or `Unavailable` when the file system fails.
    #[cfg(feature = "kafka")]
    pub(crate) fn open_copy(dir: &Path, options: &Options, upstream: Arc<dyn Upstream>) -> Result<Arc<Self>, Error> {
        let lock = Arc::new(Lock::take(dir)?);
        let path = Self::path_in(dir);
        let connection = database::open(&path, &database::AUDIENCE)?;
        Self::start((path, connection), options, lock, Vec::new(), Some(upstream))
    }

    fn start(
        (path, connection): (PathBuf, Connection),
        options: &Options,
        lock: Arc<Lock>,
        notices: Vec<Notice>,
        upstream: Option<Arc<dyn Upstream>>,
    ) -> Result<Arc<Self>, Error> {
        let (format, records) = (&database::AUDIENCE, tally::total);
        let file = WrittenFile { path: path.clone(), format, records, upstream: upstream.clone() };
        let writer = Writer::start(file, connection, options, lock)?;
        let readers = Arc::new(Readers::new(path.clone())?);
        Ok(Arc::new(Self { path, writer, readers, notices, upstream }))
    }
}

/// Creates an empty file for its owner only. SQLite gives the files beside it the same mode.
pub(in crate::sqlite) fn create_private(path: &Path) -> Result<(), Error> {
    let open = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match open {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failure::io("create", path, &error)),
        _ => Ok(()),
    }
}

/// Compares the file with what it was at its end and with `gateway.sqlite`, which must list an opening that this one lists as
/// well, and notes this opening.
fn agree(audience: &Connection, gateway: &Path, has_wal: bool) -> Result<Vec<Notice>, Error> {
    let newest = generation::newest(audience)?;
    let end = generation::end(newest.as_ref(), has_wal, tally::total(audience)?);
    let mut notices: Vec<Notice> = match end {
        End::ClosedWithMore(missing) => vec![Notice::AddresseesMissing { missing }],
        End::WithoutWal => vec![Notice::AudienceNotClosed],
        End::Unknown | End::Closed | End::Killed => Vec::new(),
    };
    let gateway = database::open_reader(gateway)?;
    // The index of the journal on Kafka lists no openings.
    let Some((present, _)) = generation::newest(&gateway)? else { return Ok(notices) };
    let own = generation::all(audience)?;
    let mut is_related = own.is_empty();
    for generation in own {
        is_related = is_related || generation::lists(&gateway, generation)?;
    }
    if !is_related {
        let reason = "it belongs to another store, or to another copy of this one".to_owned();
        return Err(Error::Corrupt { kind: "audience file", reason });
    }
    let last = newest.map_or(0, |(own, _)| own.number).min(present.number - 1);
    let noted = generation::list(audience, last, present).and_then(|()| generation::checkpoint(audience));
    if let Err(error) = noted {
        notices.push(Notice::NotNoted { reason: error.to_string() });
    }
    Ok(notices)
}
