//! Files that are read again when their content changes, and on SIGHUP.
//!
//! Contents are compared, not times: a file that is replaced by one with the same time of modification, as some tools for
//! deployment do, has changed as well (F7).

use std::{io::ErrorKind, path::PathBuf, time::Duration};

use ring::digest;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::Interval,
};

/// How often the files are compared.
const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// The SHA-256 of its bytes.
    Bytes([u8; digest::SHA256_OUTPUT_LEN]),
    /// It cannot be read.
    Unreadable(ErrorKind),
}

/// Files, and their contents when they were read last.
pub struct WatchedFiles {
    paths: Vec<PathBuf>,
    /// Empty before the first look: the files may have changed since they were used.
    seen: Vec<Content>,
    ticks: Interval,
    hangups: Option<Signal>,
}

impl WatchedFiles {
    /// Looks at nothing yet.
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let ticks = tokio::time::interval(POLL_INTERVAL);
        Self { paths, seen: Vec::new(), ticks, hangups: signal(SignalKind::hangup()).ok() }
    }

    /// Returns true when a file has changed or SIGHUP came, and at the first call; false immediately when there are no files.
    pub async fn changed(&mut self) -> bool {
        if self.paths.is_empty() {
            return false;
        }
        loop {
            let requested = tokio::select! {
                _ = self.ticks.tick() => false,
                received = next_hangup(&mut self.hangups) => received,
            };
            if self.differ().await || requested {
                return true;
            }
        }
    }

    /// Whether the content of a file is another than at the last call.
    async fn differ(&mut self) -> bool {
        let now = contents(&self.paths).await;
        std::mem::replace(&mut self.seen, now) != self.seen
    }
}

/// The next SIGHUP; never, where there are no such signals.
async fn next_hangup(signals: &mut Option<Signal>) -> bool {
    match signals {
        Some(signals) => signals.recv().await.is_some(),
        None => std::future::pending().await,
    }
}

async fn contents(paths: &[PathBuf]) -> Vec<Content> {
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        found.push(match tokio::fs::read(path).await {
            Ok(bytes) => {
                let mut hash = [0; digest::SHA256_OUTPUT_LEN];
                hash.copy_from_slice(digest::digest(&digest::SHA256, &bytes).as_ref());
                Content::Bytes(hash)
            }
            Err(error) => Content::Unreadable(error.kind()),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[tokio::test]
    async fn f7_a_file_that_is_replaced_with_an_equal_time_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cert.pem");
        std::fs::write(&path, "one").unwrap();
        let time = std::fs::metadata(&path).unwrap().modified().unwrap();
        let mut files = WatchedFiles::new(vec![path.clone()]);
        assert!(files.differ().await, "it may have changed since it was used");
        assert!(!files.differ().await);
        std::fs::write(&path, "two").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), time);
        assert!(files.differ().await);
        assert!(!files.differ().await);
        std::fs::remove_file(&path).unwrap();
        assert!(files.differ().await);
        std::fs::write(&path, "two").unwrap();
        assert!(files.differ().await);
    }
}
