//! Support for running third-party software against the gateway: their packages ([`tools`]), the gateway itself as a
//! child process ([`gateway`]), and programs that talk in lines ([`program`]).
//!
//! Only the tests under `tests/` use this library. It links no crate of the gateway, so that the tests see only what is on
//! the wire.

pub mod gateway;
pub mod http;
pub mod program;

pub use interop_packages::tools;

use std::fmt;
use std::path::{Path, PathBuf};

/// Why something could not be prepared, started or reached.
#[derive(thiserror::Error)]
pub enum Failure {
    /// Packages of another language could not be prepared.
    #[error(transparent)]
    Packages(#[from] interop_packages::Failure),
    /// A file or folder cannot be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Path of the file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A request or a program gave no answer, or one that cannot be used.
    #[error("{what}: {why}")]
    Exchange {
        /// The request or program that failed.
        what: String,
        /// The reason, as text.
        why: String,
    },
}

/// A test that returns a failure prints this form of it.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Failure {
    /// For `map_err` on operations on a file.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    }
}

/// The folder of this package, which contains the programs in other languages.
pub fn sources() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The build's target folder: that of the running test.
pub fn target() -> Result<PathBuf, Failure> {
    Ok(interop_packages::target()?)
}
