//! The form of a scenario file (README.md explains it to authors): what is sent, how the subscribers behave, what is
//! expected, by requirement id. Reads and checks files; runs nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::receiver::{Probe, Transport};
use crate::requirements::Requirement;
use crate::script;

mod needs;
mod step;

pub use step::{Action, Step};

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not the form of a scenario file.
    #[error("{file}: {source}")]
    Form {
        /// Name of the scenario file.
        file: String,
        /// The error of the TOML parser.
        source: Box<toml::de::Error>,
    },
    /// Well-formed, but something in it cannot be.
    #[error("{file}: scenario {title:?}: {what}")]
    Content {
        /// Name of the scenario file.
        file: String,
        /// Title of the scenario.
        title: String,
        /// What is wrong with the scenario.
        what: String,
    },
}

/// The members of a scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// One scenario: the requirements it covers, its subscribers, its steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of its file; set by [`read`].
    #[serde(skip)]
    pub file: String,
    /// The requirements it covers: all of them fail when it fails.
    pub ids: Vec<String>,
    /// The behaviour that the scenario checks, as a sentence.
    pub title: String,
    /// Tags for the option `--tags`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Abilities the target must have; without them the scenario is not applicable.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Members to merge into the kanaal that is made for the scenario (JSON).
    #[serde(default)]
    pub kanaal: Option<String>,
    /// The scenario makes its kanaal itself, or needs none.
    #[serde(default)]
    pub bare: bool,
    /// The subscribers of the scenario, by name.
    #[serde(default)]
    pub sink: BTreeMap<String, SinkScript>,
    /// The steps run once for each case; its members are placeholders. The member `covers` names the
    /// requirements (comma-separated) that fail with the case, when these are not all of the scenario.
    #[serde(default)]
    pub cases: Vec<BTreeMap<String, String>>,
    /// The steps, in the order in which they run.
    pub step: Vec<Step>,
    /// Requests sent at the end, however it went, whose answers do not matter; one with a placeholder that got no
    /// value is left out.
    #[serde(default)]
    pub finally: Vec<String>,
}

/// A subscriber as a scenario file declares it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SinkScript {
    /// Members to merge into the subscription (JSON).
    pub subscription: String,
    /// State to wait for before the first step; several with `|`. Empty: the subscription is not made beforehand.
    pub state: String,
    /// Text appended to the path of the sink: a rest of the path, a query.
    pub suffix: String,
    /// How it is reached: `plain`, `trusted` or `untrusted` (both TLS; the ability `tls` goes with them).
    pub transport: Transport,
    /// Answers to the handshake; the last one repeats.
    pub consents: Vec<String>,
    /// Answers to deliveries; the last one repeats.
    pub answers: Vec<String>,
    /// Requests that are no deliveries, with answers of their own; the first that fits counts.
    pub probe: Vec<Probe>,
    /// Whether deliveries that no step has checked are allowed at the end.
    pub leftovers: bool,
    /// Whether the end shows, by one more event, that nothing else was stored.
    pub nothing: bool,
}

impl Default for SinkScript {
    fn default() -> Self {
        SinkScript {
            subscription: "{}".to_owned(),
            state: "granted".to_owned(),
            suffix: String::new(),
            transport: Transport::Plain,
            consents: vec![script::CONSENT.to_owned()],
            answers: vec![script::ACCEPTED.to_owned()],
            probe: vec![],
            leftovers: false,
            nothing: false,
        }
    }
}

/// Reads the scenarios of a file; every id must be one of `known`, every subscriber declared.
pub fn read(file: &str, text: &str, known: &BTreeMap<String, Requirement>) -> Result<Vec<Scenario>, ScenarioError> {
    let read: File = toml::from_str(text)
        .map_err(|source| ScenarioError::Form { file: file.to_owned(), source: Box::new(source) })?;
    let mut scenarios = read.scenario;
    for scenario in &mut scenarios {
        file.clone_into(&mut scenario.file);
        if let Some(what) = fault(scenario, known) {
            return Err(ScenarioError::Content { file: file.to_owned(), title: scenario.title.clone(), what });
        }
    }
    Ok(scenarios)
}

/// The requirements a case is about; none means all of its scenario.
pub fn covered_by_case(case: &BTreeMap<String, String>) -> Vec<String> {
    let ids = case.get("covers").map(String::as_str).unwrap_or_default();
    ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

fn fault(scenario: &Scenario, known: &BTreeMap<String, Requirement>) -> Option<String> {
    if scenario.ids.is_empty() {
        return Some("it names no requirement".to_owned());
    }
    if let Some(id) = scenario.ids.iter().find(|id| !known.contains_key(*id)) {
        return Some(format!("{id} is not in requirements.csv"));
    }
    let covered = scenario.cases.iter().flat_map(covered_by_case);
    if let Some(id) = covered.into_iter().find(|id| !scenario.ids.contains(id)) {
        return Some(format!("a case covers {id}, which the scenario does not name"));
    }
    if let Some(need) = scenario.needs.iter().find(|need| !needs::exists(need)) {
        return Some(format!("{need} is no ability"));
    }
    for (name, sink) in &scenario.sink {
        if let Some(what) = script_fault(sink.answers.iter().chain(&sink.consents)) {
            return Some(format!("subscriber {name}: {what}"));
        }
    }
    for (index, step) in scenario.step.iter().enumerate() {
        let number = index + 1;
        if let Some(what) = script_fault(step.answers.iter().chain(&step.consents)) {
            return Some(format!("step {number}: {what}"));
        }
        if step.action().is_none() {
            return Some(format!("step {number} does not say exactly one thing to do"));
        }
        if let Some(sink) = step.sinks().into_iter().find(|sink| !scenario.sink.contains_key(*sink)) {
            return Some(format!("step {number} names the subscriber {sink:?}, which has no [scenario.sink.{sink}]"));
        }
    }
    None
}

fn script_fault<'a>(mut entries: impl Iterator<Item = &'a String>) -> Option<String> {
    entries.find_map(|entry| script::fault(entry)).map(|error| format!("{error} (or the whole of it is hang or cut)"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements;

    #[test]
    fn a_file_is_read_or_refused_with_the_reason() {
        let good = r#"
            [[scenario]]
            ids = ["CE-HTTP-02"]
            title = "x"
            sink.a = {}
            [[scenario.step]]
            request = '''
POST /
'''
            expect.status = 202
            [[scenario.step]]
            arrives = "a"
        "#;
        let known = requirements::by_id();
        assert_eq!(read("x.toml", good, &known).unwrap().len(), 1);
        for (from, to, reason) in [
            ("CE-HTTP-02", "CE-HTTP-99", "CE-HTTP-99 is not in requirements.csv"),
            ("arrives = \"a\"", "arrives = \"b\"", "names the subscriber"),
            ("arrives = \"a\"", "count = 2", "step 2 does not say exactly one thing"),
            ("arrives = \"a\"", "arives = \"a\"", "unknown field"),
            (
                "sink.a = {}",
                "sink.a.answers = [\"204\", \"no\"]",
                "subscriber a: the first line of an answer is a status",
            ),
            ("arrives = \"a\"", "script = \"a\"\nconsents = [\"no\"]", "step 2: the first line of an answer"),
            ("expect.status = 202", "expect = 202", "such as expect.status = 202"),
            ("expect.status = 202", "expect.status = \"202\"", "one value of the right form"),
            ("title = \"x\"", "title = \"x\"\nneeds = [\"wings\"]", "wings is no ability"),
        ] {
            let error = read("x.toml", &good.replace(from, to), &known).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
