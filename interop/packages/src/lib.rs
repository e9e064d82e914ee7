//! Packages of other languages that tests need: fetched from their registries, or compiled, once per content of the files that
//! name them ([`prepared`]), by the tools of each language ([`tools`]). Tests call the tools for what they use;
//! `cargo xtask test` calls [`everything`] beforehand, so that the tests find it done.
//!
//! Not what the packages are used for, and nothing of the gateway.

pub mod prepared;
pub mod tools;

use std::path::{Path, PathBuf};

/// Why packages could not be prepared.
#[derive(thiserror::Error)]
pub enum Failure {
    /// A program is not installed.
    #[error("{program} is missing: install {remedy}")]
    Missing {
        /// The program as it is called.
        program: String,
        /// The package to install.
        remedy: &'static str,
    },
    /// A program is there, but too old.
    #[error("{program} {found} is too old; {wanted} or newer is needed: install {remedy}")]
    TooOld {
        /// The program as it is called.
        program: String,
        /// The version that was found.
        found: String,
        /// The oldest version that is supported.
        wanted: String,
        /// The package to install.
        remedy: &'static str,
    },
    /// A program failed.
    #[error("{command} failed ({status}):\n{output}")]
    Command {
        /// The command line that was run.
        command: String,
        /// Its exit status.
        status: String,
        /// Standard output and error.
        output: String,
    },
    /// A file or folder cannot be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Path of the file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The running program is in no target folder of cargo.
    #[error("{0}: in no target folder of cargo")]
    Elsewhere(PathBuf),
}

/// A test that returns a failure prints this form of it.
impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Failure {
    /// For `map_err` on operations on a file.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
        let path = path.to_owned();
        move |source| Failure::File { path, source }
    }
}

/// The build's target folder: that of the running program, which cargo marks with a file `CACHEDIR.TAG`.
pub fn target() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe().map_err(Failure::file(Path::new("the running program")))?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map(Path::to_owned).ok_or_else(|| Failure::Elsewhere(program.clone()))
}

/// Prepares what every one of these folders asks for: `requirements.txt`, `sources.txt`, `package-lock.json`, `go.mod`, `pom.xml` (with Java
/// sources: its libraries and their classes; without: Keycloak), `debian.txt`. The languages go at the same time, the folders of
/// one language one after the other. Returns the folders that failed, and why.
pub fn everything(folders: &[PathBuf]) -> Vec<(PathBuf, Failure)> {
    type Prepare = fn(&Path) -> Result<(), Failure>;
    let languages: [(&str, Prepare); 6] = [
        ("requirements.txt", |folder| tools::python(folder).map(drop)),
        ("sources.txt", |folder| tools::python_sources(folder).map(drop)),
        ("package-lock.json", |folder| tools::node(folder).map(drop)),
        ("go.mod", |folder| tools::go(folder).map(drop)),
        ("pom.xml", |folder| {
            if prepared::files(folder, "java")?.is_empty() {
                return tools::keycloak(folder).map(drop);
            }
            tools::java(folder).map(drop)
        }),
        ("debian.txt", |folder| tools::debian(folder).map(drop)),
    ];
    let all = |(file, prepare): (&str, Prepare)| -> Vec<(PathBuf, Failure)> {
        let asking = folders.iter().filter(|folder| folder.join(file).is_file());
        asking.filter_map(|folder| prepare(folder).err().map(|failure| (folder.clone(), failure))).collect()
    };
    std::thread::scope(|scope| {
        let running = languages.map(|language| scope.spawn(move || all(language)));
        // Nothing in there panics.
        running.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_prepared_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(everything(&[folder.path().to_owned()]).is_empty(), "it asks for nothing");
        std::fs::write(folder.path().join("package-lock.json"), "{}").unwrap();
        let failed = everything(&[folder.path().to_owned()]);
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].0, folder.path());
        assert!(failed[0].1.to_string().contains("package.json"), "{}", failed[0].1);
    }

    #[test]
    fn the_target_folder_is_the_one_of_this_test() {
        assert!(target().unwrap().join("CACHEDIR.TAG").is_file());
    }
}
