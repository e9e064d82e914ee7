//! The licences of what is compiled in: per package the expression that it states and the texts that come with it. Texts that
//! several packages share are printed once.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::packages::Package;

/// The licences of all packages, as a text document.
pub fn text(packages: &[Package]) -> String {
    let mut text = String::from("Licences of the packages that are compiled into the programs.\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !package.own) {
        let name = format!("{} {}", package.name, package.version);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {}", package.licence.as_deref().unwrap_or("see its text below"));
        for licence in files(&package.folder) {
            texts.entry(licence).or_default().push(name.clone());
        }
    }
    for (licence, names) in texts {
        let line = "-".repeat(100);
        let _ = write!(text, "\n{line}\n{}\n\n{}\n", names.join(", "), licence.trim_end());
    }
    text
}

/// The texts of licences and notices in a folder.
fn files(folder: &Path) -> Vec<String> {
    let is_licence = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries.filter(|entry| is_licence(&entry.file_name().to_string_lossy())).collect();
    paths.sort_by_key(fs::DirEntry::file_name);
    paths.iter().filter_map(|entry| fs::read_to_string(entry.path()).ok()).collect()
}
