//! Where one scenario is played: its own kanaal, its own subscriptions, its placeholders, its steps.
//! Scenarios do not share anything, so they can be played side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::evidence::{Exchange, Fault, Trace, shown_request};
use crate::expect::{Expect, Facts};
use crate::json;
use crate::message::{self, value};
use crate::placeholder::{self, Unknown};
use crate::runner::Suite;
use crate::scenario::{Action, Scenario, Step};

mod attempts;
mod player;
mod sending;
mod setting;
mod topics;
mod watching;

use player::Player;
use topics::Topics;

/// Source and type of the events that do not care.
const SOURCE: &str = "urn:nld:oin:00000001823288444000:systeem:test";
const TYPE: &str = "nl.test.iets-gebeurd";
/// Part of the id of the events that show nothing else came.
const SENTINEL: &str = "-nothing-else-";
/// How often something that must become so is looked at.
const POLL: Duration = Duration::from_millis(25);
/// How long a straggler may be behind the event that shows nothing else came.
const STRAGGLER: Duration = Duration::from_millis(60);

/// See the module.
pub struct Stage<'a> {
    suite: &'a Suite,
    scenario: &'a Scenario,
    name: String,
    players: BTreeMap<String, Player>,
    case: BTreeMap<String, String>,
    saved: BTreeMap<String, String>,
    place: usize,
    step: usize,
    sentinels: usize,
    trace: Trace,
    topics: Topics,
}

impl<'a> Stage<'a> {
    /// The stage of scenario `number` of the run; nothing is sent yet.
    pub fn new(suite: &'a Suite, number: usize, scenario: &'a Scenario) -> Stage<'a> {
        let name = format!("c{}-{number}", suite.run);
        Stage {
            suite,
            scenario,
            name,
            players: BTreeMap::new(),
            case: BTreeMap::new(),
            saved: BTreeMap::new(),
            place: 0,
            step: 0,
            sentinels: 0,
            trace: Trace::default(),
            topics: Topics::default(),
        }
    }

    /// What went over the wire.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.trace.into_exchanges()
    }

    /// Starts a case.
    pub fn begin(&mut self, place: usize, case: &BTreeMap<String, String>) {
        self.place = place;
        self.case.clone_from(case);
    }

    /// Plays a step, the `number`th from 1.
    pub async fn play(&mut self, number: usize, step: &Step) -> Result<(), Fault> {
        self.step = number;
        match step.action() {
            Some(Action::Request(text)) => self.request(step, text, false).await,
            Some(Action::Raw(text)) => self.request(step, text, true).await,
            Some(Action::Arrives(sink)) => self.arrives(step, sink).await,
            Some(Action::Handshake(sink)) => self.handshake(step, sink).await,
            Some(Action::Probed(sink)) => self.probed(step, sink).await,
            Some(Action::Silent(sink)) => self.silent(sink, Duration::from_millis(step.for_ms)).await,
            Some(Action::NothingElse(sink)) => self.nothing_else(sink).await,
            Some(Action::Script(sink)) => self.set_script(sink, &step.answers, &step.consents),
            Some(Action::Subscribe(sink)) => self.subscribe(sink).await,
            Some(Action::State(states)) => {
                for (sink, state) in states {
                    self.reach(sink, state).await?;
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

    /// Nothing may have arrived that no step looked at.
    pub async fn conclude(&mut self) -> Result<(), Fault> {
        let quiet: Vec<_> = self.players.iter().filter(|(_, player)| player.script.nothing).collect();
        let quiet: Vec<String> = quiet.into_iter().map(|(name, _)| name.clone()).collect();
        for name in quiet {
            self.nothing_else(&name).await?;
        }
        tokio::time::sleep(STRAGGLER).await;
        for (name, _) in self.players.iter().filter(|(_, player)| !player.script.leftovers) {
            if let Some(arrived) = self.unexpected(name)? {
                let what = format!("something more was delivered to {name}");
                let evidence = self.suite.target.masked(shown_request(&arrived.request));
                return Err(Fault { what, evidence });
            }
        }
        Ok(())
    }

    fn keep(&mut self, what: &str, message: String) {
        let case = described(&self.case);
        self.trace.keep(Exchange { case, step: self.step, what: what.to_owned(), message });
    }

    fn judge(&self, expect: &Expect, facts: Facts<'_>, number: u32) -> Result<Vec<String>, Unknown> {
        expect.check(facts, &|text| placeholder::fill_text(&self.with_case(text), &|name| self.lookup(name, number)))
    }

    fn save(
        &mut self,
        wanted: &BTreeMap<String, String>,
        headers: &message::Headers,
        body: &[u8],
    ) -> Result<(), Fault> {
        for (name, place) in wanted {
            let found = if let Some(header) = place.strip_prefix("header:") {
                value(headers, header)
            } else {
                let document: Value = serde_json::from_slice(body).unwrap_or_default();
                let member = json::member(&document, place);
                member.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            };
            let found = found.ok_or_else(|| Fault::new(format!("{place} is not there to be kept as {name}")))?;
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
            "sink" => self.players.get(rest).map(|player| player.sink.url.clone()),
            "subscription" if !rest.is_empty() => self.players.get(rest).and_then(|player| player.subscription.clone()),
            "origin" => self.players.values().find_map(|player| player.sink.origin()),
            _ => self.suite.target.value(name, &self.name),
        }
    }

    fn id(&self) -> String {
        format!("{}-{}", self.name, self.place)
    }

    fn player(&self, name: &str) -> Result<&Player, Fault> {
        self.players.get(name).ok_or_else(|| Fault::new(format!("no subscriber {name}")))
    }

    fn player_mut(&mut self, name: &str) -> Result<&mut Player, Fault> {
        self.players.get_mut(name).ok_or_else(|| Fault::new(format!("no subscriber {name}")))
    }
}

/// The values of a case, in one line.
pub fn described(case: &BTreeMap<String, String>) -> String {
    let values: Vec<_> = case.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    values.join(", ")
}
