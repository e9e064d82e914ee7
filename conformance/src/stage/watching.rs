//! Steps that watch what comes to the subscribers: deliveries, handshakes, probes, silence.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::attempts::{judge_equality, judge_times};
use super::player::mentions;
use super::{SENTINEL, SOURCE, STRAGGLER, Stage, TYPE};
use crate::clock::instant;
use crate::evidence::{Fault, cut, shown_answer, shown_request};
use crate::expect::Facts;
use crate::message::Request;
use crate::receiver::Arrived;
use crate::scenario::Step;
use crate::target::Sender;

impl Stage<'_> {
    pub(super) async fn arrives(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        let about = step.about.as_deref().map(|about| self.text(about)).transpose()?.unwrap_or_default();
        let found = self.await_open(name, &about, step.count as usize).await?;
        let player = self.player(name)?;
        let before = found.first().and_then(|(place, _)| player.before(*place));
        for (index, (_, arrived)) in found.iter().enumerate() {
            self.keep(&format!("delivery to {name}"), self.suite.target.masked(shown_request(&arrived.request)));
            self.judge_arrived(step, &arrived.request, index as u32 + 1)?;
        }
        let arrived: Vec<_> = found.into_iter().map(|(_, arrived)| arrived).collect();
        judge_times(&step.expect, before.as_ref(), &arrived)?;
        if step.expect.identical { judge_equality(&arrived) } else { Ok(()) }
    }

    pub(super) async fn handshake(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        self.next(step, name, "handshake", Arrived::is_handshake).await
    }

    pub(super) async fn probed(&mut self, step: &Step, name: &str) -> Result<(), Fault> {
        self.next(step, name, "probe", |arrived| arrived.probe).await
    }

    /// The next request of a kind that no step has looked at.
    async fn next(&mut self, step: &Step, name: &str, word: &str, kind: fn(&Arrived) -> bool) -> Result<(), Fault> {
        let deadline = instant() + self.suite.patience;
        loop {
            let sink = Arc::clone(&self.player(name)?.sink);
            let book = sink.book();
            let looked_at = &self.player(name)?.looked_at;
            let next = (0..book.len()).find(|place| kind(&book[*place]) && !looked_at.contains(place));
            if let Some(place) = next {
                self.player_mut(name)?.looked_at.insert(place);
                let request = &book[place].request;
                self.keep(&format!("{word} at {name}"), self.suite.target.masked(shown_request(request)));
                self.judge_arrived(step, request, 1)?;
                let before = (0..place).rev().find(|earlier| kind(&book[*earlier]));
                return judge_times(&step.expect, before.map(|earlier| &book[earlier]), &book[place..=place]);
            }
            let now = instant();
            if now >= deadline {
                return Err(Fault::new(format!("no {word} at {name}")));
            }
            sink.beyond(book.len(), deadline - now).await;
        }
    }

    /// Judges a request that arrived, and keeps what the step wants of it.
    fn judge_arrived(&mut self, step: &Step, request: &Request, number: u32) -> Result<(), Fault> {
        let wrong = self.judge(&step.expect, Facts::of_request(request), number)?;
        if wrong.is_empty() {
            return self.save(&step.save, &request.headers, &request.body);
        }
        Err(Fault { what: wrong.join("; "), evidence: self.suite.target.masked(shown_request(request)) })
    }

    pub(super) async fn silent(&mut self, name: &str, length: Duration) -> Result<(), Fault> {
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
    pub(super) fn unexpected(&self, name: &str) -> Result<Option<Arrived>, Fault> {
        let open = self.player(name)?.open("").into_iter().map(|(_, arrived)| arrived);
        Ok(open.into_iter().find(|arrived| !mentions(&arrived.request, &format!("{}{SENTINEL}", self.name))))
    }

    pub(super) async fn nothing_else(&mut self, name: &str) -> Result<(), Fault> {
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
}
