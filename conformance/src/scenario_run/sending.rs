//! Steps that send something to the target and check its answer.

use super::{POLL, ScenarioRun};
use crate::clock::instant;
use crate::evidence::{Fault, shown_answer, shown_request};
use crate::expect::Facts;
use crate::message::{self, Answer, Request};
use crate::placeholder;
use crate::scenario::Step;
use crate::target::TargetError;

/// A message to send, with its placeholders filled.
enum Outgoing {
    Request(Request),
    Raw(Vec<u8>),
}

impl ScenarioRun<'_> {
    /// Sends the request, or the bytes, as many times as the step gives; checks each answer.
    pub(super) async fn request(&mut self, step: &Step, text: &str, raw: bool) -> Result<(), Fault> {
        self.requested = Some(instant());
        for number in 1..=step.times {
            let deadline = instant() + self.suite.patience;
            loop {
                let filled = placeholder::fill(&self.with_case(text), &|name| self.lookup(name, number))?;
                let message = if raw {
                    Outgoing::Raw(message::raw(&filled))
                } else {
                    Outgoing::Request(message::request(&filled)?)
                };
                let shown = self.suite.target.mask(message.to_text());
                let sent = self.send(step, message).await;
                let answer = sent.map_err(|error| Fault { what: error.to_string(), evidence: shown.clone() })?;
                let wrong = self.differences(&step.expect, Facts::of_answer(&answer), number)?;
                let evidence = format!("{shown}\n\n{}", self.suite.target.mask(shown_answer(&answer)));
                if wrong.is_empty() {
                    self.record_exchange("the suite to the target", evidence);
                    self.save(&step.save, &answer.headers, &answer.body)?;
                    break;
                }
                if !step.eventually || instant() >= deadline {
                    self.record_exchange("the suite to the target", evidence.clone());
                    return Err(Fault { what: wrong.join("; "), evidence });
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    async fn send(&self, step: &Step, message: Outgoing) -> Result<Answer, TargetError> {
        let (target, patience) = (&self.suite.target, self.suite.patience);
        match message {
            Outgoing::Request(request) => target.send(request, step.sender(), step.http2, patience).await,
            Outgoing::Raw(bytes) => target.send_raw(&bytes, patience).await,
        }
    }
}

impl Outgoing {
    fn to_text(&self) -> String {
        match self {
            Outgoing::Request(request) => shown_request(request),
            Outgoing::Raw(bytes) => crate::evidence::cut(&String::from_utf8_lossy(bytes)),
        }
    }
}
