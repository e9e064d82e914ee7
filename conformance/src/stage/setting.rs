//! What surrounds the steps of a scenario: its kanaal, its subscriptions, the scripts of its subscribers.
//! The management calls of a stage; no judgement.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::player::Player;
use super::{POLL, STRAGGLER, Stage};
use crate::clock::instant;
use crate::evidence::{Fault, shown_answer};
use crate::json;
use crate::message::{Answer, Request};

impl Stage<'_> {
    /// Makes the kanaal and the subscriptions.
    pub async fn prepare(&mut self) -> Result<(), Fault> {
        for (name, script) in &self.scenario.sink {
            let key = format!("{}-{name}", self.name);
            let sink = self.suite.receiver.sink(&key, &script.suffix, script.transport);
            let sink = sink.ok_or_else(|| Fault::new("the suite has no certificate for subscribers with TLS"))?;
            let player = Player { sink, script: script.clone(), subscription: None, looked_at: BTreeSet::new() };
            self.players.insert(name.clone(), player);
        }
        // Scripts may mention other sinks, so they are filled when all are there.
        for (name, script) in &self.scenario.sink {
            self.set_script(name, &script.answers, &script.consents)?;
        }
        let mut kanaal = json!({ "naam": self.name });
        if let Some(over) = &self.scenario.kanaal {
            json::lay_over(&mut kanaal, &serde_json::from_str(&self.text(over)?)?);
        }
        let answer = self.call("POST", "{{kanalen}}", Some(&kanaal)).await?;
        if answer.status != 201 {
            return Err(Fault { what: "the kanaal cannot be made".to_owned(), evidence: shown_answer(&answer) });
        }
        let names: Vec<_> = self.players.keys().cloned().collect();
        for name in names {
            if self.scenario.sink.get(&name).is_some_and(|script| !script.state.is_empty()) {
                self.subscribe(&name).await?;
            }
        }
        Ok(())
    }

    /// Takes the subscriptions away, so that retries do not go on behind the scenario.
    pub async fn leave(&mut self) {
        let subscriptions: Vec<_> = self.players.values().filter_map(|player| player.subscription.clone()).collect();
        for subscription in subscriptions {
            let target = format!("{{{{subscriptions}}}}/{subscription}");
            drop(self.call("DELETE", &target, None).await);
        }
    }

    /// After a case broke off: what it left behind must not be held against the next one.
    pub async fn abandon(&mut self) {
        for player in self.players.values_mut().filter(|player| player.script.state.is_empty()) {
            if let Some(subscription) = player.subscription.take() {
                let target = self.suite.target.value("subscriptions", "").unwrap_or_default();
                let request = Request {
                    method: "DELETE".to_owned(),
                    target: format!("{target}/{subscription}"),
                    headers: vec![],
                    body: vec![],
                };
                drop(self.suite.target.send(request, false, false, self.suite.patience).await);
            }
        }
        tokio::time::sleep(STRAGGLER).await;
        for player in self.players.values_mut() {
            player.looked_at.extend(0..player.sink.book().len());
        }
    }

    pub(super) fn set_script(&mut self, name: &str, answers: &[String], consents: &[String]) -> Result<(), Fault> {
        // Placeholders about other sinks are known now, those about the moment and the origin only when answering.
        let known = |entry: &String| {
            let mut entry = entry.clone();
            for (name, player) in &self.players {
                entry = entry.replace(&format!("{{{{sink.{name}}}}}"), &player.sink.url);
            }
            self.with_case(&entry)
        };
        let answers: Vec<_> = answers.iter().map(known).collect();
        let consents: Vec<_> = consents.iter().map(known).collect();
        let sink = &self.player(name)?.sink;
        if !answers.is_empty() {
            sink.answer_with(answers);
        }
        if !consents.is_empty() {
            sink.consent_with(consents);
        }
        Ok(())
    }

    pub(super) async fn subscribe(&mut self, name: &str) -> Result<(), Fault> {
        let player = self.player(name)?;
        let mut body = json!({ "sink": player.sink.url, "protocol": "HTTP", "config": { "kanalen": [self.name] } });
        json::lay_over(&mut body, &serde_json::from_str(&self.text(&player.script.subscription)?)?);
        let state = player.script.state.clone();
        let answer = self.call("POST", "{{subscriptions}}", Some(&body)).await?;
        let created: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let (201, Some(id)) = (answer.status, created["id"].as_str()) else {
            let what = format!("the subscription of {name} is not made");
            return Err(Fault { what, evidence: format!("{body}\n\n{}", shown_answer(&answer)) });
        };
        self.player_mut(name)?.subscription = Some(id.to_owned());
        if state.is_empty() { Ok(()) } else { self.reach(name, &state).await }
    }

    pub(super) async fn reach(&mut self, name: &str, states: &str) -> Result<(), Fault> {
        let Some(id) = self.player(name)?.subscription.clone() else {
            return Err(Fault::new(format!("{name} has no subscription")));
        };
        let deadline = instant() + self.suite.patience;
        loop {
            let answer = self.call("GET", &format!("{{{{subscriptions}}}}/{id}"), None).await?;
            let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let state = found["status"]["state"].as_str().unwrap_or_default();
            if states.split('|').any(|wanted| wanted == state) {
                return Ok(());
            }
            if instant() >= deadline {
                let what = format!("the subscription of {name} is {state:?}, expected {states}");
                return Err(Fault { what, evidence: shown_answer(&answer) });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A management call of the stage itself.
    pub(super) async fn call(&self, method: &str, target: &str, body: Option<&Value>) -> Result<Answer, Fault> {
        let headers = body.map(|_| ("Content-Type".to_owned(), b"application/json".to_vec()));
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let (method, target, headers) = (method.to_owned(), self.text(target)?, headers.into_iter().collect());
        let request = Request { method, target, headers, body };
        Ok(self.suite.target.send(request, false, false, self.suite.patience).await?)
    }
}
