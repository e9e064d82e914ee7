//! The management calls around the steps of a scenario: its kanaal, its subscriptions, the scripts of its subscribers.
//! Expectations are checked elsewhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::subscriber::Subscriber;
use super::{POLL, STRAGGLER, ScenarioRun};
use crate::clock::instant;
use crate::evidence::{Fault, shown_answer, shown_request};
use crate::json;
use crate::message::{self, Answer, Request, value};
use crate::receiver::Probe;
use crate::target::Sender;

impl ScenarioRun<'_> {
    /// Creates the sinks, the kanaal and the subscriptions that the scenario declares.
    pub async fn prepare(&mut self) -> Result<(), Fault> {
        for (name, script) in &self.scenario.sink {
            let key = format!("{}-{name}", self.name);
            let sink = self.suite.receiver.sink(&key, &script.suffix, script.transport);
            let sink = sink.ok_or_else(|| Fault::new("the suite has no certificate for subscribers with TLS"))?;
            let subscriber = Subscriber { sink, script: script.clone(), subscription: None, checked: BTreeSet::new() };
            self.subscribers.insert(name.clone(), subscriber);
        }
        // Scripts may mention other sinks, so they are filled when all are there.
        for (name, script) in &self.scenario.sink {
            self.set_script(name, &script.answers, &script.consents)?;
            let probes = script.probe.iter().map(|probe| self.fill_probe(probe)).collect::<Result<Vec<_>, _>>()?;
            self.subscriber(name)?.sink.set_probes(probes);
        }
        if !self.scenario.bare {
            self.make_kanaal().await?;
        }
        let names: Vec<_> = self.subscribers.keys().cloned().collect();
        for name in names {
            if self.scenario.sink.get(&name).is_some_and(|script| !script.state.is_empty()) {
                self.subscribe(&name).await?;
            }
        }
        Ok(())
    }

    async fn make_kanaal(&mut self) -> Result<(), Fault> {
        let target = &self.suite.target;
        let Some(template) = target.calls.kanaal(target.can("kanalen")) else { return Ok(()) };
        let over = self.scenario.kanaal.as_deref().unwrap_or("{}");
        let (request, answer) = self.call(template, &[], over).await?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(Fault { what: "the kanaal cannot be made".to_owned(), evidence: self.exchange(&request, &answer) })
    }

    /// Sends the final requests of the scenario and removes its subscriptions, so that no retries continue after it.
    pub async fn clean_up(&mut self) {
        for request in &self.scenario.finally {
            if let Ok(filled) = self.text(request)
                && let Ok(request) = message::request(filled.as_bytes())
            {
                drop(self.suite.target.send(request, Sender::Main, false, self.suite.patience).await);
            }
        }
        let subscriptions: Vec<_> =
            self.subscribers.values_mut().filter_map(|subscriber| subscriber.subscription.take()).collect();
        for subscription in subscriptions {
            self.unsubscribe(&subscription).await;
        }
    }

    async fn unsubscribe(&self, subscription: &str) {
        let target = &self.suite.target;
        if let Some(template) = target.calls.unsubscribe(target.can("subscriptions")) {
            drop(self.call(template, &[("subscription", subscription)], "{}").await);
        }
    }

    /// Cleans up after a case that failed: its leftovers must not count against the next case.
    pub async fn discard_case(&mut self) {
        let made_by_a_step = self.subscribers.values_mut().filter(|subscriber| subscriber.script.state.is_empty());
        let subscriptions: Vec<_> = made_by_a_step.filter_map(|subscriber| subscriber.subscription.take()).collect();
        for subscription in subscriptions {
            self.unsubscribe(&subscription).await;
        }
        tokio::time::sleep(STRAGGLER).await;
        for subscriber in self.subscribers.values_mut() {
            subscriber.checked.extend(0..subscriber.sink.requests().len());
        }
    }

    /// A probe with its placeholders filled; those of its answers wait until it answers.
    fn fill_probe(&self, probe: &Probe) -> Result<Probe, Fault> {
        let filled = |text: &Option<String>| text.as_deref().map(|text| self.text(text)).transpose();
        Ok(Probe {
            method: filled(&probe.method)?,
            with_header: filled(&probe.with_header)?,
            without_header: filled(&probe.without_header)?,
            contains: filled(&probe.contains)?,
            answers: probe.answers.clone(),
        })
    }

    pub(super) fn set_script(&mut self, name: &str, answers: &[String], consents: &[String]) -> Result<(), Fault> {
        // Placeholders about other sinks are known now, those about the moment and the origin only when answering.
        let known = |entry: &String| {
            let mut entry = entry.clone();
            for (name, subscriber) in &self.subscribers {
                entry = entry.replace(&format!("{{{{sink.{name}}}}}"), &subscriber.sink.url);
            }
            self.with_case(&entry)
        };
        let answers: Vec<_> = answers.iter().map(known).collect();
        let consents: Vec<_> = consents.iter().map(known).collect();
        let sink = &self.subscriber(name)?.sink;
        if !answers.is_empty() {
            sink.set_answers(answers);
        }
        if !consents.is_empty() {
            sink.set_consents(consents);
        }
        Ok(())
    }

    pub(super) async fn subscribe(&mut self, name: &str) -> Result<(), Fault> {
        let target = &self.suite.target;
        let Some(template) = target.calls.subscribe(target.can("subscriptions")) else {
            return Err(Fault::new("the suite was not told how to subscribe"));
        };
        let subscriber = self.subscriber(name)?;
        let (state, url) = (subscriber.script.state.clone(), subscriber.sink.url.clone());
        let (request, answer) = self.call(template, &[("sink", &url)], &subscriber.script.subscription).await?;
        let path = target.calls.id();
        let created: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let id = match path.strip_prefix("header:") {
            Some(header) => value(&answer.headers, header),
            None => json::member(&created, path).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)),
        };
        let (200..300, Some(id)) = (answer.status, id) else {
            let what = format!("the subscription of {name} is not made");
            return Err(Fault { what, evidence: self.exchange(&request, &answer) });
        };
        self.record_exchange("preparation", self.exchange(&request, &answer));
        self.subscriber_mut(name)?.subscription = Some(id);
        if state.is_empty() || !target.can("states") { Ok(()) } else { self.await_state(name, &state).await }
    }

    pub(super) async fn await_state(&mut self, name: &str, states: &str) -> Result<(), Fault> {
        let Some(id) = self.subscriber(name)?.subscription.clone() else {
            return Err(Fault::new(format!("{name} has no subscription")));
        };
        let target = &self.suite.target;
        let Some(template) = target.calls.read(target.can("subscriptions")) else {
            return Err(Fault::new("the suite was not told how to read a subscription"));
        };
        let deadline = instant() + self.suite.patience;
        loop {
            let (request, answer) = self.call(template, &[("subscription", &id)], "{}").await?;
            let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let state = json::member(&found, target.calls.state()).and_then(Value::as_str).unwrap_or_default();
            let state = target.calls.state_named(state);
            if states.split('|').any(|wanted| wanted == state) {
                self.record_exchange(&format!("the state of {name} becomes {state}"), self.exchange(&request, &answer));
                return Ok(());
            }
            if instant() >= deadline {
                let what = format!("the subscription of {name} is {state:?}, expected {states}");
                return Err(Fault { what, evidence: self.exchange(&request, &answer) });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Sends a management call: the template with these values, with `over` (JSON) merged into its body.
    async fn call(&self, template: &str, values: &[(&str, &str)], over: &str) -> Result<(Request, Answer), Fault> {
        let mut template = template.to_owned();
        for (name, value) in values {
            template = template.replace(&format!("{{{{{name}}}}}"), value);
        }
        let mut request = message::request(self.text(&template)?.as_bytes())?;
        let over = self.text(over)?;
        let not_json = |error: serde_json::Error| Fault {
            what: format!("what is laid over the request is no JSON: {error}"),
            evidence: over.clone(),
        };
        let over: Value = serde_json::from_str(&over).map_err(not_json)?;
        if over != json!({}) {
            let mut body: Value = serde_json::from_slice(&request.body)?;
            json::overlay(&mut body, &over);
            request.body = body.to_string().into_bytes();
        }
        let answer = self.suite.target.send(request.clone(), Sender::Main, false, self.suite.patience).await?;
        Ok((request, answer))
    }

    fn exchange(&self, request: &Request, answer: &Answer) -> String {
        self.suite.target.mask(format!("{}\n\n{}", shown_request(request), shown_answer(answer)))
    }
}
