//! Where one scenario is played: its own kanaal, its own subscriptions, its placeholders, its steps.
//! Scenarios do not share anything, so they can be played side by side.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::instant;
use crate::evidence::{Fault, cut, shown_answer, shown_request};
use crate::expect::{Expect, Facts};
use crate::json;
use crate::message::{self, Request, value};
use crate::placeholder::{self, Unknown};
use crate::receiver::Arrived;
use crate::runner::Suite;
use crate::scenario::{Action, Scenario, Step};

mod attempts;
mod player;
mod setting;

use attempts::{judge_equality, judge_times};
use player::{Player, mentions};

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
    sentinels: usize,
}

impl<'a> Stage<'a> {
    /// The stage of scenario `number` of the run; nothing is sent yet.
    pub fn new(suite: &'a Suite, number: usize, scenario: &'a Scenario) -> Stage<'a> {
        let name = format!("c{}-{number}", suite.run);
        let (case, saved) = (BTreeMap::new(), BTreeMap::new());
        Stage { suite, scenario, name, players: BTreeMap::new(), case, saved, place: 0, sentinels: 0 }
    }

    /// Starts a case.
    pub fn begin(&mut self, place: usize, case: &BTreeMap<String, String>) {
        self.place = place;
        self.case.clone_from(case);
    }

    /// Plays a step.
    pub async fn play(&mut self, step: &Step) -> Result<(), Fault> {
        match step.action() {
            Some(Action::Request(text)) => self.request(step, text).await,
            Some(Action::Arrives(sink)) => self.arrives(step, sink).await,
            Some(Action::Handshake(sink)) => self.handshake(step, sink).await,
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
                return Err(Fault { what, evidence: shown_request(&arrived.request) });
            }
        }
        Ok(())
    }

    async fn request(&mut self, step: &Step, text: &str) -> Result<(), Fault> {
        for number in 1..=step.times {
            let deadline = instant() + self.suite.patience;
            loop {
                let text = placeholder::fill(&self.with_case(text), &|name| self.lookup(name, number))?;
                let request = message::request(&text)?;
                let sent = self.suite.target.send(request.clone(), step.anonymous, step.http2, self.suite.patience);
                let answer =
                    sent.await.map_err(|error| Fault { what: error.to_string(), evidence: shown_request(&request) })?;
                let facts =
                    Facts { status: Some(answer.status), request: None, headers: &answer.headers, body: &answer.body };
                let wrong = self.judge(&step.expect, facts, number)?;
                if wrong.is_empty() {
                    self.save(&step.save, &answer.headers, &answer.body)?;
                    break;
                }
                if !step.eventually || instant() >= deadline {
                    let evidence = format!("{}\n\n{}", shown_request(&request), shown_answer(&answer));
                    return Err(Fault { what: wrong.join("; "), evidence });
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    async fn arrives(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        let about = step.about.as_deref().map(|about| self.text(about)).transpose()?.unwrap_or_default();
        let found = self.await_open(name, &about, step.count as usize).await?;
        let player = self.player(name)?;
        let before = found.first().and_then(|(place, _)| player.before(*place));
        for (index, (_, arrived)) in found.iter().enumerate() {
            let request = &arrived.request;
            let facts = Facts {
                status: None,
                request: Some((&request.method, &request.target)),
                headers: &request.headers,
                body: &request.body,
            };
            let wrong = self.judge(&step.expect, facts, index as u32 + 1)?;
            if !wrong.is_empty() {
                return Err(Fault { what: wrong.join("; "), evidence: shown_request(request) });
            }
            self.save(&step.save, &request.headers, &request.body)?;
        }
        let arrived: Vec<_> = found.into_iter().map(|(_, arrived)| arrived).collect();
        judge_times(&step.expect, before.as_ref(), &arrived)?;
        if step.expect.identical { judge_equality(&arrived) } else { Ok(()) }
    }

    async fn handshake(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        let deadline = instant() + self.suite.patience;
        loop {
            let sink = Arc::clone(&self.player(name)?.sink);
            let book = sink.book();
            let looked_at = &self.player(name)?.looked_at;
            let next =
                (0..book.len()).find(|place| book[*place].request.method == "OPTIONS" && !looked_at.contains(place));
            if let Some(place) = next {
                self.player_mut(name)?.looked_at.insert(place);
                let request = &book[place].request;
                let facts = Facts {
                    status: None,
                    request: Some((&request.method, &request.target)),
                    headers: &request.headers,
                    body: &request.body,
                };
                let wrong = self.judge(&step.expect, facts, 1)?;
                if !wrong.is_empty() {
                    return Err(Fault { what: wrong.join("; "), evidence: shown_request(request) });
                }
                let before = (0..place).rev().find(|earlier| book[*earlier].request.method == "OPTIONS");
                judge_times(&step.expect, before.map(|earlier| &book[earlier]), &book[place..=place])?;
                return self.save(&step.save, &request.headers, &request.body);
            }
            let now = instant();
            if now >= deadline {
                return Err(Fault::new(format!("no handshake at {name}")));
            }
            sink.beyond(book.len(), deadline - now).await;
        }
    }

    async fn silent(&mut self, name: &str, length: Duration) -> Result<(), Fault> {
        let sink = Arc::clone(&self.player(name)?.sink);
        let deadline = instant() + length;
        loop {
            if let Some(arrived) = self.unexpected(name)? {
                let what = format!("a delivery to {name}, where there should be silence");
                return Err(Fault { what, evidence: shown_request(&arrived.request) });
            }
            let now = instant();
            if now >= deadline {
                return Ok(());
            }
            sink.beyond(sink.book().len(), deadline - now).await;
        }
    }

    /// A delivery no step has looked at; the events that show nothing else came are not meant.
    fn unexpected(&self, name: &str) -> Result<Option<Arrived>, Fault> {
        let open = self.player(name)?.open("").into_iter().map(|(_, arrived)| arrived);
        Ok(open.into_iter().find(|arrived| !mentions(&arrived.request, &format!("{}{SENTINEL}", self.name))))
    }

    async fn nothing_else(&mut self, name: &str) -> Result<(), Fault> {
        self.sentinels += 1;
        let id = format!("{}{SENTINEL}{}", self.name, self.sentinels);
        let event = json!({ "specversion": "1.0", "id": id, "source": SOURCE, "type": TYPE, "data": {} });
        let headers = vec![("Content-Type".to_owned(), b"application/cloudevents+json".to_vec())];
        let target = self.text("{{ingest}}")?;
        let request = Request { method: "POST".to_owned(), target, headers, body: event.to_string().into_bytes() };
        let answer = self.suite.target.send(request, false, false, self.suite.patience).await?;
        if !(200..300).contains(&answer.status) {
            let what = "the event that shows that nothing else came is refused".to_owned();
            return Err(Fault { what, evidence: shown_answer(&answer) });
        }
        self.await_open(name, &id, 1).await?;
        self.silent(name, STRAGGLER).await
    }

    async fn await_open(&mut self, name: &str, about: &str, count: usize) -> Result<Vec<(usize, Arrived)>, Fault> {
        let deadline = instant() + self.suite.patience;
        loop {
            let player = self.player_mut(name)?;
            let seen = player.sink.book().len();
            let mut open = player.open(about);
            if open.len() >= count {
                open.truncate(count);
                player.looked_at.extend(open.iter().map(|(place, _)| *place));
                return Ok(open);
            }
            let now = instant();
            if now >= deadline {
                let what = format!("{} of {count} deliveries arrived at {name}", open.len());
                let book = player.sink.book();
                let evidence: Vec<_> = book.iter().map(|arrived| shown_request(&arrived.request)).collect();
                return Err(Fault { what, evidence: cut(&evidence.join("\n\n")) });
            }
            let sink = Arc::clone(&player.sink);
            sink.beyond(seen, deadline - now).await;
        }
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
            "subscription" => self.players.get(rest).and_then(|player| player.subscription.clone()),
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
