//! What it takes to run other people's software against the gateway: their packages prepared once ([`tools`]), the
//! gateway itself as a child process ([`gateway`]), and programs that talk in lines ([`program`]).
//!
//! The tests under `tests/` are the purpose; this library is theirs alone. It links no crate of the gateway, so that
//! what is proved here is proved on the wire.

pub mod gateway;
pub mod http;
pub mod prepared;
pub mod program;
pub mod tools;

use std::fmt;
use std::path::{Path, PathBuf};

/// Why something could not be prepared, started or reached.
#[derive(thiserror::Error)]
pub enum Failure {
    /// A program is not there.
    #[error("{program} is missing: install {remedy}")]
    Missing {
        /// The program as it is called.
        program: String,
        /// What to install.
        remedy: &'static str,
    },
    /// A program is there, but too old.
    #[error("{program} {found} is too old; {wanted} or newer is needed: install {remedy}")]
    TooOld {
        /// The program as it is called.
        program: String,
        /// Its version.
        found: String,
        /// The oldest that serves.
        wanted: String,
        /// What to install.
        remedy: &'static str,
    },
    /// A program ended badly.
    #[error("{command} failed ({status}):\n{output}")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// Standard output and error.
        output: String,
    },
    /// A file or folder cannot be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No answer, or one that is no answer.
    #[error("{what}: {why}")]
    Exchange {
        /// What was asked.
        what: String,
        /// What went wrong.
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

/// The folder of this package, where the programs in other languages stand.
pub fn sources() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The build's target folder: that of the running test.
pub fn target() -> Result<PathBuf, Failure> {
    let here = Path::new("the running test");
    let test = std::env::current_exe().map_err(Failure::file(here))?;
    let fault =
        || Failure::Exchange { what: test.display().to_string(), why: "not in target/<profile>/deps".to_owned() };
    test.ancestors().nth(3).map(Path::to_owned).ok_or_else(fault)
}
