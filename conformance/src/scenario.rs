//! The form of a scenario file (README.md explains it to authors): what is sent, how the subscribers behave, what is
//! expected, by requirement id. Reads and checks files; plays nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::expect::Expect;
use crate::receiver::Transport;
use crate::requirements::Requirement;

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not the form of a scenario file.
    #[error("{file}: {source}")]
    Form {
        /// Name of the file.
        file: String,
        /// What the TOML reader says.
        source: Box<toml::de::Error>,
    },
    /// Well-formed, but something in it cannot be.
    #[error("{file}: scenario {title:?}: {what}")]
    Content {
        /// Name of the file.
        file: String,
        /// Title of the scenario.
        title: String,
        /// What is wrong.
        what: String,
    },
}

/// A scenario file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// One story: the requirements it is about, its subscribers, its steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Where it stands; filled in by the reader.
    #[serde(skip)]
    pub file: String,
    /// The requirements it covers: all of them fail when it fails.
    pub ids: Vec<String>,
    /// What is shown, in a sentence.
    pub title: String,
    /// Words to select by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Abilities the target must have; without them the scenario is not applicable.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Members to lay over the kanaal that is made for the scenario (JSON).
    #[serde(default)]
    pub kanaal: Option<String>,
    /// Subscribers by name.
    #[serde(default)]
    pub sink: BTreeMap<String, SinkScript>,
    /// The steps are played once for each case; its members are placeholders. The member `covers` names the
    /// requirements (comma-separated) that fail with the case, when these are not all of the scenario.
    #[serde(default)]
    pub cases: Vec<BTreeMap<String, String>>,
    /// What happens, in order.
    pub step: Vec<Step>,
}

/// A subscriber.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SinkScript {
    /// Members to lay over the subscription (JSON).
    pub subscription: String,
    /// State to wait for before the first step; several with `|`. Empty: the subscription is not made beforehand.
    pub state: String,
    /// What stands behind the path of the sink: a rest of the path, a query.
    pub suffix: String,
    /// How it is reached: `plain`, `trusted` or `untrusted` (both TLS; the ability `tls` goes with them).
    pub transport: Transport,
    /// Answers to the handshake; the last one repeats.
    pub consents: Vec<String>,
    /// Answers to deliveries; the last one repeats.
    pub answers: Vec<String>,
    /// Whether deliveries no step has looked at are allowed at the end.
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
            consents: vec![crate::script::CONSENT.to_owned()],
            answers: vec![crate::script::CONTENT.to_owned()],
            leftovers: false,
            nothing: false,
        }
    }
}

/// One step. Exactly one of the members that say what happens is there; [`Step::action`] finds it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Sends this HTTP request.
    pub request: Option<String>,
    /// Without the credentials of the run.
    #[serde(default)]
    pub anonymous: bool,
    /// Over HTTP/2 with prior knowledge.
    #[serde(default)]
    pub http2: bool,
    /// How often it is sent; `{{n}}` counts from 1.
    #[serde(default = "once")]
    pub times: u32,
    /// Sends it again until the answer is as expected, or patience is over.
    #[serde(default)]
    pub eventually: bool,
    /// Placeholders to take from what came: a dotted path into JSON, or `header:Name`.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// Waits for deliveries at this subscriber.
    pub arrives: Option<String>,
    /// How many; the expectation holds for each, `{{n}}` counts from 1.
    #[serde(default = "once")]
    pub count: u32,
    /// Only deliveries that contain this text, usually an id.
    pub about: Option<String>,
    /// Waits for a handshake at this subscriber.
    pub handshake: Option<String>,
    /// Nothing may be delivered to this subscriber for a while.
    pub silent: Option<String>,
    /// How long that is, in milliseconds.
    #[serde(default = "a_while")]
    pub for_ms: u64,
    /// Publishes one more event and expects it as the next delivery, so that nothing came before it.
    pub nothing_else: Option<String>,
    /// Changes what this subscriber answers from now on.
    pub script: Option<String>,
    /// The new answers to deliveries.
    #[serde(default)]
    pub answers: Vec<String>,
    /// The new answers to handshakes.
    #[serde(default)]
    pub consents: Vec<String>,
    /// Makes the subscription of this subscriber now.
    pub subscribe: Option<String>,
    /// Waits until the subscription of each subscriber has a state.
    pub state: Option<BTreeMap<String, String>>,
    /// What is expected of the answer, the delivery or the handshake.
    #[serde(default)]
    pub expect: Expect,
}

fn once() -> u32 {
    1
}

fn a_while() -> u64 {
    300
}

/// What a step does.
#[derive(Debug, Clone, Copy)]
pub enum Action<'a> {
    /// Sends a request to the target.
    Request(&'a str),
    /// Waits for deliveries.
    Arrives(&'a str),
    /// Waits for a handshake.
    Handshake(&'a str),
    /// Waits while nothing comes.
    Silent(&'a str),
    /// Shows by one more event that nothing else came.
    NothingElse(&'a str),
    /// Changes a script.
    Script(&'a str),
    /// Makes a subscription.
    Subscribe(&'a str),
    /// Waits for states.
    State(&'a BTreeMap<String, String>),
}

impl Step {
    /// What the step does; none when it says nothing or several things.
    pub fn action(&self) -> Option<Action<'_>> {
        let actions = [
            self.request.as_deref().map(Action::Request),
            self.arrives.as_deref().map(Action::Arrives),
            self.handshake.as_deref().map(Action::Handshake),
            self.silent.as_deref().map(Action::Silent),
            self.nothing_else.as_deref().map(Action::NothingElse),
            self.script.as_deref().map(Action::Script),
            self.subscribe.as_deref().map(Action::Subscribe),
            self.state.as_ref().map(Action::State),
        ];
        let mut given = actions.into_iter().flatten();
        let action = given.next();
        if given.next().is_some() { None } else { action }
    }

    /// The subscribers the step names.
    fn sinks(&self) -> Vec<&str> {
        let named = [&self.arrives, &self.handshake, &self.silent, &self.nothing_else, &self.script, &self.subscribe];
        let states = self.state.iter().flat_map(BTreeMap::keys);
        named.into_iter().flatten().chain(states).map(String::as_str).collect()
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
pub fn covered(case: &BTreeMap<String, String>) -> Vec<String> {
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
    let covered = scenario.cases.iter().flat_map(covered);
    if let Some(id) = covered.into_iter().find(|id| !scenario.ids.contains(id)) {
        return Some(format!("a case covers {id}, which the scenario does not name"));
    }
    for (index, step) in scenario.step.iter().enumerate() {
        let number = index + 1;
        if step.action().is_none() {
            return Some(format!("step {number} does not say exactly one thing to do"));
        }
        if let Some(sink) = step.sinks().into_iter().find(|sink| !scenario.sink.contains_key(*sink)) {
            return Some(format!("step {number} names the subscriber {sink:?}, which has no [scenario.sink.{sink}]"));
        }
    }
    None
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
        ] {
            let error = read("x.toml", &good.replace(from, to), &known).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
