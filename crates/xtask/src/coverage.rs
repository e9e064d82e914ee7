//! `conformance/tests.csv`: the tests that have a requirement of the channels to people (CH-1, CH-2, …) in their names, so that
//! the report of the conformance suite can name them. It finds names; whether a test proves its requirement is for reviewers.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use crate::workspace::{Failure, Workspace};

/// The generated file.
pub const FILE: &str = "conformance/tests.csv";

/// The prefix of the ids that are looked for, as it is in the names of tests.
const PREFIX: &str = "ch";

/// The content of the file, for the files that are tracked or about to be.
pub fn text(workspace: &Workspace) -> Result<String, Failure> {
    let mut tests = BTreeSet::new();
    let is_source = |path: &&String| {
        Path::new(path).extension().is_some_and(|name| name == "rs") && !path.starts_with("conformance/")
    };
    for path in workspace.files()?.iter().filter(is_source) {
        let text = std::fs::read_to_string(workspace.path(path)).map_err(|error| format!("{path}: {error}"))?;
        for name in functions(&text) {
            tests.extend(numbers(name).map(|number| (number, path.clone(), name.to_owned())));
        }
    }
    let mut csv = "id,test\n".to_owned();
    for (number, path, name) in tests {
        writeln!(csv, "CH-{number},{path}::{name}").ok();
    }
    Ok(csv)
}

/// The names of functions that a line begins with.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ")?.split(['(', '<']).next()
    })
}

/// The numbers of the requirements that a name has.
fn numbers(name: &str) -> impl Iterator<Item = u16> {
    let words = name.split('_');
    words.clone().zip(words.skip(1)).filter(|(word, _)| *word == PREFIX).filter_map(|(_, number)| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_numbers_of_their_requirements() {
        let found: Vec<_> = functions(
            "    #[test]\n    fn ch_14_ch_15_addresses() {\n    pub async fn a_walk_i9_ch_90_ch_144() {\nfn ch_x() {\n// fn ch_1\n\
             let x = fn_ch_2();\nfn each_2_batch_3() {\nfn <T>() {",
        )
        .map(|name| (name, numbers(name).collect::<Vec<_>>()))
        .collect();
        assert_eq!(
            found,
            [
                ("ch_14_ch_15_addresses", vec![14, 15]),
                ("a_walk_i9_ch_90_ch_144", vec![90, 144]),
                ("ch_x", vec![]),
                ("each_2_batch_3", vec![]),
                ("", vec![])
            ]
        );
    }
}
