//! The run of one scenario: its own kanaal, its own subscriptions, its placeholders, its steps. Which scenarios run, and
//! when, is up to [`crate::runner`]. Scenarios share nothing, so they can run concurrently.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::clock::Instant;
use crate::evidence::{Exchange, Fault, Trace, shown_request};
use crate::expect::{Expect, Facts};
use crate::json;
use crate::message::{self, value};
use crate::placeholder::{self, Unknown};
use crate::scenario::{Action, Scenario, Step};
use crate::suite::Suite;

mod arrivals;
mod attempts;
mod sending;
mod setup;
mod subscriber;
mod topics;

use subscriber::Subscriber;
use topics::Topics;

/// Source and type of events whose scenario gives none.
const SOURCE: &str = "urn:nld:oin:00000001823288444000:systeem:test";
const TYPE: &str = "nl.test.iets-gebeurd";
/// Part of the id of sentinel events: one is published last, to show that nothing else was delivered before it.
const SENTINEL: &str = "-nothing-else-";
/// Interval between checks of something that is waited for.
const POLL: Duration = Duration::from_millis(25);
/// How long a late delivery may arrive after the sentinel event.
const STRAGGLER: Duration = Duration::from_millis(60);

/// One scenario while it runs, with its subscribers and the values of its placeholders.
pub struct ScenarioRun<'a> {
    suite: &'a Suite,
    scenario: &'a Scenario,
    name: String,
    subscribers: BTreeMap<String, Subscriber>,
    case: BTreeMap<String, String>,
    saved: BTreeMap<String, String>,
    case_index: usize,
    step: usize,
    sentinels: usize,
    /// When the step that sent a request last began to send.
    requested: Option<Instant>,
    trace: Trace,
    topics: Topics,
}

impl<'a> ScenarioRun<'a> {
    /// The run of scenario `number` (its index in the list of scenarios); sends nothing yet.
    pub fn new(suite: &'a Suite, number: usize, scenario: &'a Scenario) -> ScenarioRun<'a> {
        let name = format!("c{}-{number}", suite.run);
        ScenarioRun {
            suite,
            scenario,
            name,
            subscribers: BTreeMap::new(),
            case: BTreeMap::new(),
            saved: BTreeMap::new(),
            case_index: 0,
            step: 0,
            sentinels: 0,
            requested: None,
            trace: Trace::default(),
            topics: Topics::default(),
        }
    }

    /// The exchanges recorded so far, limited in size.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.trace.into_exchanges()
    }

    /// Sets the case, with its index, that the next steps run for.
    pub fn begin_case(&mut self, case_index: usize, case: &BTreeMap<String, String>) {
        self.case_index = case_index;
        self.case.clone_from(case);
    }

    /// Runs a step, the `number`th from 1.
    pub async fn run_step(&mut self, number: usize, step: &Step) -> Result<(), Fault> {
        self.step = number;
        match step.action() {
            Some(Action::Request(text)) => self.request(step, text, false).await,
            Some(Action::Raw(text)) => self.request(step, text, true).await,
            Some(Action::Arrives(sink)) => self.expect_deliveries(step, sink).await,
            Some(Action::Handshake(sink)) => self.expect_handshake(step, sink).await,
            Some(Action::Probed(sink)) => self.expect_probe(step, sink).await,
            Some(Action::Silent(sink)) => self.expect_silence(sink, Duration::from_millis(step.for_ms)).await,
            Some(Action::NothingElse(sink)) => self.expect_nothing_else(sink).await,
            Some(Action::Script(sink)) => self.set_script(sink, &step.answers, &step.consents),
            Some(Action::Subscribe(sink)) => self.subscribe(sink).await,
            Some(Action::State(states)) => {
                for (sink, state) in states {
                    self.await_state(sink, state).await?;
                }
                Ok(())
            }
            Some(Action::Record(topic)) => self.record(step, topic).await,
            Some(Action::NoRecord(topic)) => self.no_record(topic).await,
            Some(Action::Topic(topic)) => self.topic(step, topic).await,
            Some(Action::Produce(topic)) => self.produce(step, topic).await,
            None => Err(Fault::new("the step does nothing")),
        }
    }

    /// Checks that nothing arrived that no step expected, unless the scenario allows leftovers.
    pub async fn finish(&mut self) -> Result<(), Fault> {
        let quiet: Vec<_> = self.subscribers.iter().filter(|(_, subscriber)| subscriber.script.nothing).collect();
        let quiet: Vec<String> = quiet.into_iter().map(|(name, _)| name.clone()).collect();
        for name in quiet {
            self.expect_nothing_else(&name).await?;
        }
        tokio::time::sleep(STRAGGLER).await;
        for (name, _) in self.subscribers.iter().filter(|(_, subscriber)| !subscriber.script.leftovers) {
            if let Some(arrived) = self.unexpected(name)? {
                let what = format!("something more was delivered to {name}");
                let evidence = self.suite.target.mask(shown_request(&arrived.request));
                return Err(Fault { what, evidence });
            }
        }
        Ok(())
    }

    fn record_exchange(&mut self, what: &str, message: String) {
        let case = describe_case(&self.case);
        self.trace.keep(Exchange { case, step: self.step, what: what.to_owned(), message });
    }

    fn differences(&self, expect: &Expect, facts: Facts<'_>, number: u32) -> Result<Vec<String>, Unknown> {
        expect.check(facts, &|text| placeholder::fill_text(&self.with_case(text), &|name| self.lookup(name, number)))
    }

    fn save(
        &mut self,
        wanted: &BTreeMap<String, String>,
        headers: &message::Headers,
        body: &[u8],
    ) -> Result<(), Fault> {
        for (name, path) in wanted {
            let found = if let Some(header) = path.strip_prefix("header:") {
                value(headers, header)
            } else {
                let document: Value = serde_json::from_slice(body).unwrap_or_default();
                let member = json::member(&document, path);
                member.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            };
            let found = found.ok_or_else(|| Fault::new(format!("{path} is not there to be kept as {name}")))?;
            self.saved.insert(name.clone(), found);
        }
        Ok(())
    }

    fn with_case(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.case {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        text
    }

    fn text(&self, text: &str) -> Result<String, Unknown> {
        placeholder::fill_text(&self.with_case(text), &|name| self.lookup(name, 1))
    }

    fn lookup(&self, name: &str, number: u32) -> Option<String> {
        if let Some(saved) = self.saved.get(name) {
            return Some(saved.clone());
        }
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        match first {
            "n" => Some(number.to_string()),
            "min" => Some(format!(r#""specversion":"1.0","id":"{}","source":"{SOURCE}","type":"{TYPE}""#, self.id())),
            "ce" => Some(format!("ce-specversion: 1.0\nce-id: {}\nce-source: {SOURCE}\nce-type: {TYPE}", self.id())),
            "source" => Some(SOURCE.to_owned()),
            "type" => Some(TYPE.to_owned()),
            "id" if rest.is_empty() => Some(self.id()),
            "id" => Some(format!("{}-{rest}", self.id())),
            "sink" => self.subscribers.get(rest).map(|subscriber| subscriber.sink.url.clone()),
            "subscription" if !rest.is_empty() => {
                self.subscribers.get(rest).and_then(|subscriber| subscriber.subscription.clone())
            }
            "origin" => self.subscribers.values().find_map(|subscriber| subscriber.sink.origin()),
            _ => self.suite.target.value(name, &self.name),
        }
    }

    fn id(&self) -> String {
        format!("{}-{}", self.name, self.case_index)
    }

    fn subscriber(&self, name: &str) -> Result<&Subscriber, Fault> {
        self.subscribers.get(name).ok_or_else(|| Fault::new(format!("no subscriber {name}")))
    }

    fn subscriber_mut(&mut self, name: &str) -> Result<&mut Subscriber, Fault> {
        self.subscribers.get_mut(name).ok_or_else(|| Fault::new(format!("no subscriber {name}")))
    }
}

/// The values of a case as one line of text.
pub fn describe_case(case: &BTreeMap<String, String>) -> String {
    let values: Vec<_> = case.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    values.join(", ")
}
