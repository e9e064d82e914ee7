//! Steps that send something to the target and judge its answer.

use super::{POLL, Stage};
use crate::clock::instant;
use crate::evidence::{Fault, shown_answer, shown_request};
use crate::expect::Facts;
use crate::message::{self, Answer, Request};
use crate::placeholder;
use crate::scenario::Step;
use crate::target::TargetError;

/// A message of the suite, ready to go.
enum Outgoing {
    Request(Request),
    Raw(Vec<u8>),
}

impl Stage<'_> {
    /// Sends the request, or the bytes, as often as the step says; judges each answer.
    pub(super) async fn request(&mut self, step: &Step, text: &str, raw: bool) -> Result<(), Fault> {
        for number in 1..=step.times {
            let deadline = instant() + self.suite.patience;
            loop {
                let filled = placeholder::fill(&self.with_case(text), &|name| self.lookup(name, number))?;
                let message = if raw {
                    Outgoing::Raw(message::raw(&filled))
                } else {
                    Outgoing::Request(message::request(&filled)?)
                };
                let shown = self.suite.target.masked(message.shown());
                let sent = self.send(step, message).await;
                let answer = sent.map_err(|error| Fault { what: error.to_string(), evidence: shown.clone() })?;
                let wrong = self.judge(&step.expect, Facts::of_answer(&answer), number)?;
                let evidence = format!("{shown}\n\n{}", self.suite.target.masked(shown_answer(&answer)));
                if wrong.is_empty() {
                    self.keep("the suite to the target", evidence);
                    self.save(&step.save, &answer.headers, &answer.body)?;
                    break;
                }
                if !step.eventually || instant() >= deadline {
                    self.keep("the suite to the target", evidence.clone());
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
    fn shown(&self) -> String {
        match self {
            Outgoing::Request(request) => shown_request(request),
            Outgoing::Raw(bytes) => crate::evidence::cut(&String::from_utf8_lossy(bytes)),
        }
    }
}
