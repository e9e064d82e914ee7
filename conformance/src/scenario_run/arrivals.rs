//! Steps that check what arrives at the subscribers: deliveries, handshakes, probes, silence.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::attempts::{check_identical, check_times};
use super::subscriber::mentions;
use super::{SENTINEL, SOURCE, STRAGGLER, ScenarioRun, TYPE};
use crate::clock::instant;
use crate::evidence::{Fault, cut, shown_answer, shown_request};
use crate::expect::Facts;
use crate::message::Request;
use crate::receiver::Arrived;
use crate::scenario::Step;
use crate::target::Sender;

impl ScenarioRun<'_> {
    pub(super) async fn expect_deliveries(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        let about = step.about.as_deref().map(|about| self.text(about)).transpose()?.unwrap_or_default();
        let found = self.await_open(name, &about, step.count as usize).await?;
        let subscriber = self.subscriber(name)?;
        let before = found.first().and_then(|(index, _)| subscriber.before(*index));
        for (index, (_, arrived)) in found.iter().enumerate() {
            self.record_exchange(
                &format!("delivery to {name}"),
                self.suite.target.mask(shown_request(&arrived.request)),
            );
            self.check_arrived(step, &arrived.request, index as u32 + 1)?;
        }
        let arrived: Vec<_> = found.into_iter().map(|(_, arrived)| arrived).collect();
        check_times(&step.expect, self.requested, before.as_ref(), &arrived)?;
        if step.expect.identical { check_identical(&arrived) } else { Ok(()) }
    }

    pub(super) async fn expect_handshake(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        self.next(step, name, "handshake", Arrived::is_handshake).await
    }

    pub(super) async fn expect_probe(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        self.next(step, name, "probe", |arrived| arrived.probe).await
    }

    /// Waits for the next request of a kind that no step has checked, and checks it.
    async fn next(&mut self, step: &Step, name: &str, word: &str, kind: fn(&Arrived) -> bool) -> Result<(), Fault> {
        let deadline = instant() + self.suite.patience;
        loop {
            let sink = Arc::clone(&self.subscriber(name)?.sink);
            let requests = sink.requests();
            let checked = &self.subscriber(name)?.checked;
            let next = (0..requests.len()).find(|index| kind(&requests[*index]) && !checked.contains(index));
            if let Some(index) = next {
                self.subscriber_mut(name)?.checked.insert(index);
                let request = &requests[index].request;
                self.record_exchange(&format!("{word} at {name}"), self.suite.target.mask(shown_request(request)));
                self.check_arrived(step, request, 1)?;
                let before = (0..index).rev().find(|earlier| kind(&requests[*earlier]));
                let before = before.map(|earlier| &requests[earlier]);
                return check_times(&step.expect, self.requested, before, &requests[index..=index]);
            }
            let now = instant();
            if now >= deadline {
                return Err(Fault::new(format!("no {word} at {name}")));
            }
            sink.wait_for_more(requests.len(), deadline - now).await;
        }
    }

    /// Checks a request that arrived, and saves the values that the step names.
    fn check_arrived(&mut self, step: &Step, request: &Request, number: u32) -> Result<(), Fault> {
        let wrong = self.differences(&step.expect, Facts::of_request(request), number)?;
        if wrong.is_empty() {
            return self.save(&step.save, &request.headers, &request.body);
        }
        Err(Fault { what: wrong.join("; "), evidence: self.suite.target.mask(shown_request(request)) })
    }

    pub(super) async fn expect_silence(&mut self, name: &str, length: Duration) -> Result<(), Fault> {
        let sink = Arc::clone(&self.subscriber(name)?.sink);
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
            sink.wait_for_more(sink.requests().len(), deadline - now).await;
        }
    }

    /// A delivery that no step has checked, sentinel events left out.
    pub(super) fn unexpected(&self, name: &str) -> Result<Option<Arrived>, Fault> {
        let open = self.subscriber(name)?.open("").into_iter().map(|(_, arrived)| arrived);
        Ok(open.into_iter().find(|arrived| !mentions(&arrived.request, &format!("{}{SENTINEL}", self.name))))
    }

    pub(super) async fn expect_nothing_else(&mut self, name: &str) -> Result<(), Fault> {
        self.sentinels += 1;
        let id = format!("{}{SENTINEL}{}", self.name, self.sentinels);
        let event = json!({ "specversion": "1.0", "id": id, "source": SOURCE, "type": TYPE, "data": {} });
        let headers = vec![("Content-Type".to_owned(), b"application/cloudevents+json".to_vec())];
        let target = self.text("{{ingest}}")?;
        let request = Request { method: "POST".to_owned(), target, headers, body: event.to_string().into_bytes() };
        let answer = self.suite.target.send(request, Sender::Main, false, self.suite.patience).await?;
        if !(200..300).contains(&answer.status) {
            let what = "the event that shows that nothing else came is refused".to_owned();
            return Err(Fault { what, evidence: shown_answer(&answer) });
        }
        self.await_open(name, &id, 1).await?;
        self.expect_silence(name, STRAGGLER).await
    }

    async fn await_open(&mut self, name: &str, about: &str, count: usize) -> Result<Vec<(usize, Arrived)>, Fault> {
        let deadline = instant() + self.suite.patience;
        loop {
            let subscriber = self.subscriber_mut(name)?;
            let seen = subscriber.sink.requests().len();
            let mut open = subscriber.open(about);
            if open.len() >= count {
                open.truncate(count);
                subscriber.checked.extend(open.iter().map(|(index, _)| *index));
                return Ok(open);
            }
            let now = instant();
            if now >= deadline {
                let what = format!("{} of {count} deliveries arrived at {name}", open.len());
                let requests = subscriber.sink.requests();
                let evidence: Vec<_> = requests.iter().map(|arrived| shown_request(&arrived.request)).collect();
                return Err(Fault { what, evidence: cut(&evidence.join("\n\n")) });
            }
            let sink = Arc::clone(&subscriber.sink);
            sink.wait_for_more(seen, deadline - now).await;
        }
    }
}
