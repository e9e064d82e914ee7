//! Folders that are made once per content of the files they come from, and then only read: packages fetched from a
//! registry, programs compiled. They are in `target/interop`; a second process waits for the first.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use crate::{Failure, target};

/// Written last: a folder without it was interrupted and is made again.
const COMPLETE: &str = "complete";

/// The folder `<name>-<hash>`, filled by `make` when it is not there yet. The hash covers `inputs` (files by name and
/// content) and `also`, for inputs that are in no file, such as the version of a tool.
pub fn once(
    name: &str,
    inputs: &[PathBuf],
    also: &str,
    make: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    within(&target()?.join("interop"), name, inputs, also, make)
}

fn within(
    root: &Path,
    name: &str,
    inputs: &[PathBuf],
    also: &str,
    make: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    fs::create_dir_all(root).map_err(Failure::file(root))?;
    let folder = root.join(format!("{name}-{:016x}", hash(inputs, also)?));
    let lock = folder.with_extension("lock");
    let held = File::create(&lock).map_err(Failure::file(&lock))?;
    held.lock().map_err(Failure::file(&lock))?;
    if !folder.join(COMPLETE).exists() {
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
        }
        fs::create_dir(&folder).map_err(Failure::file(&folder))?;
        make(&folder)?;
        File::create(folder.join(COMPLETE)).map_err(Failure::file(&folder))?;
    }
    Ok(folder)
}

fn hash(inputs: &[PathBuf], also: &str) -> Result<u64, Failure> {
    let mut hasher = Xxh3::new();
    hasher.update(also.as_bytes());
    for input in inputs {
        let content = fs::read(input).map_err(Failure::file(input))?;
        let name = input.file_name().unwrap_or_default();
        hasher.update(&[0]);
        hasher.update(name.as_encoded_bytes());
        hasher.update(&(content.len() as u64).to_le_bytes());
        hasher.update(&content);
    }
    Ok(hasher.digest())
}

/// The files of a folder with this ending, in order.
pub fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::file(folder))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_once_per_content_and_again_after_an_interruption() {
        let root = tempfile::tempdir().unwrap();
        let input = root.path().join("input.txt");
        let make = |also: &str| {
            let mut made = false;
            let folder = within(&root.path().join("out"), "thing", std::slice::from_ref(&input), also, |folder| {
                made = true;
                fs::write(folder.join("content"), "x").map_err(Failure::file(folder))
            });
            folder.map(|folder| (folder, made))
        };
        assert!(make("1").unwrap_err().to_string().contains("input.txt"));

        fs::write(&input, "a").unwrap();
        let (first, made) = make("1").unwrap();
        assert!(made && first.join("content").exists());
        assert_eq!(make("1").unwrap(), (first.clone(), false));
        assert_ne!(make("2").unwrap().0, first, "another version of a tool");
        fs::remove_file(first.join(COMPLETE)).unwrap();
        fs::write(first.join("half"), "x").unwrap();
        assert_eq!(make("1").unwrap(), (first.clone(), true));
        assert!(!first.join("half").exists());
        fs::write(&input, "b").unwrap();
        assert_ne!(make("1").unwrap().0, first, "another content");
    }
}
