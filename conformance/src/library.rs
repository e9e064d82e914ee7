//! The scenarios that come with the suite, compiled in, so that the program needs no other files. Loads them; runs none.

use std::path::Path;

use crate::requirements;
use crate::scenario::{Scenario, ScenarioError, read};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../scenarios/", $name)))),*]
    };
}

/// Name and text of every scenario file that is compiled in.
pub fn files() -> Vec<(&'static str, &'static str)> {
    files![
        "adr/rules.toml",
        "ce-ctx/required.toml",
        "ce-ctx/values.toml",
        "ce-ctx/forwarding.toml",
        "ce-json/data.toml",
        "ce-json/structure.toml",
        "ce-batch/batch.toml",
        "ce-ext/extensions.toml",
        "ce-fil/filters.toml",
        "ce-fil/sql.toml",
        "ce-sql/values.toml",
        "ce-sql/operators.toml",
        "ce-sql/errors.toml",
        "ce-kafka/foreign.toml",
        "ce-kafka/records.toml",
        "ce-kafka/topics.toml",
        "ce-http/modes.toml",
        "ce-http/headers-in.toml",
        "ce-http/headers-out.toml",
        "ce-sub/subscriptions.toml",
        "ce-sub/management.toml",
        "ce-wh/answers.toml",
        "ce-wh/delivery.toml",
        "ce-wh/target.toml",
        "ce-wha/authorisation.toml",
        "ce-whv/handshake.toml",
        "ce-whv/callback.toml",
        "ce-whv/target.toml",
        "ch/people.toml",
        "gw/gateway.toml",
        "gw/subscriptions.toml",
        "map/mapping.toml",
        "nlg/profile.toml",
        "nlg/rules.toml",
        "zgw/abonnement.toml",
        "zgw/validation.toml",
        "zgw/kanaal.toml",
        "zgw/auth.toml",
        "zgw/notificaties.toml",
        "zgw/cloudevents.toml",
        "zgw/delivery.toml",
        "zgw/surface.toml",
    ]
    .into_iter()
    .collect()
}

/// All scenarios that come with the suite.
pub fn built_in() -> Result<Vec<Scenario>, ScenarioError> {
    let known = requirements::by_id();
    let mut scenarios = vec![];
    for (name, text) in files() {
        scenarios.extend(read(name, text, &known)?);
    }
    Ok(scenarios)
}

/// The scenarios of a file or of all `.toml` files under a folder.
pub fn from_path(path: &Path) -> Result<Vec<Scenario>, LibraryError> {
    let known = requirements::by_id();
    let mut scenarios = vec![];
    for file in toml_files(path)? {
        let text = std::fs::read_to_string(&file)?;
        scenarios.extend(read(&file.display().to_string(), &text, &known)?);
    }
    Ok(scenarios)
}

/// Scenarios that cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A file cannot be read.
    #[error("scenario files: {0}")]
    File(#[from] std::io::Error),
    /// A file has a fault.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

fn toml_files(path: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = vec![];
    for entry in std::fs::read_dir(path)? {
        let entry = entry?.path();
        if entry.is_dir() {
            files.extend(toml_files(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "toml") {
            files.push(entry);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::every_request;
    use crate::requirements::Kind;

    #[test]
    fn every_scenario_file_is_built_in_and_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        assert_eq!(toml_files(&folder).unwrap().len(), files().len());
        assert_eq!(from_path(&folder).unwrap().len(), built_in().unwrap().len());
    }

    #[test]
    fn the_example_in_the_readme_is_a_scenario() {
        let readme = include_str!("../README.md");
        let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let scenarios = read("README.md", example, &requirements::by_id()).unwrap();
        assert_eq!((scenarios.len(), scenarios[0].step.len()), (1, 2));
    }

    #[test]
    fn every_requirement_has_a_scenario_a_test_or_a_reason() {
        let mut shown: BTreeSet<String> = built_in().unwrap().into_iter().flat_map(|scenario| scenario.ids).collect();
        shown.extend(every_request::IDS.iter().map(|id| (*id).to_owned()));
        let (reasons, tests) = (requirements::reasons(), requirements::tests());
        let mut silent = vec![];
        for row in requirements::all() {
            let reason = reasons.get(&row.id);
            let is_tested = tests.contains_key(&row.id);
            match reason.map(|reason| reason.kind) {
                Some(Kind::Missing) => assert!(!is_tested, "{} is not missing: it has tests", row.id),
                Some(Kind::Partial) => assert!(is_tested, "{} is missing: it has no tests", row.id),
                Some(Kind::Postponed | Kind::Unobservable) | None => {}
            }
            match (shown.contains(&row.id), reason) {
                (true, Some(reason)) => {
                    panic!("{} is shown, but a reason says that it is not: {}", row.id, reason.text)
                }
                (false, None) if !is_tested => silent.push(row.id),
                (false, Some(reason)) if row.tier == 3 => assert_eq!(reason.kind, Kind::Postponed, "{}", row.id),
                _ => {}
            }
        }
        assert_eq!(silent, Vec::<String>::new());
    }

    #[test]
    fn titles_tell_scenarios_apart() {
        let mut titles: Vec<_> = built_in().unwrap().into_iter().map(|scenario| scenario.title).collect();
        let count = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), count);
    }
}
