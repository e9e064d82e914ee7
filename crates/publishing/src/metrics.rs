//! Metrics of publishing: accepted events, their duration, and findings.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use metrics::{Counter, Histogram};
use model::{KanaalName, profile::Finding};

/// Accepted events, by form.
pub const ACCEPTED: &str = "gateway_events_accepted_total";
/// Seconds from reading a request to the durable append, by form.
pub const SECONDS: &str = "gateway_ingest_seconds";
/// Findings of accepted events, by rule and kanaal.
pub const FINDINGS: &str = "gateway_findings_total";

/// The form in which events came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Structured,
    Batch,
    Binary,
    Notificatie,
    /// Events of the gateway itself.
    Own,
    ByHand,
}

impl Form {
    const ALL: [Self; 6] = [Self::Structured, Self::Batch, Self::Binary, Self::Notificatie, Self::Own, Self::ByHand];

    fn label(self) -> &'static str {
        match self {
            Self::Structured => "structured",
            Self::Batch => "batch",
            Self::Binary => "binary",
            Self::Notificatie => "notificatie",
            Self::Own => "own",
            Self::ByHand => "by-hand",
        }
    }
}

/// The metrics of accepted requests by form, looked up once: a look-up takes longer than the count.
pub(crate) struct Accepted([(Counter, Histogram); Form::ALL.len()]);

impl Accepted {
    /// The metrics of the recorder in use.
    pub(crate) fn new() -> Self {
        Self(Form::ALL.map(|form| {
            let form = form.label();
            (metrics::counter!(ACCEPTED, "form" => form), metrics::histogram!(SECONDS, "form" => form))
        }))
    }

    /// Counts the events of one accepted request.
    pub(crate) fn count(&self, form: Form, events: usize, duration: Duration) {
        let (accepted, seconds) = &self.0[form as usize];
        accepted.increment(events as u64);
        seconds.record(duration.as_secs_f64());
    }
}

/// Most kanalen that have a label of their own; publishers create kanalen, so the number is bounded.
const MOST_KANALEN: usize = 200;
/// The label of the others.
const OTHER: &str = "(other)";

/// The counters of findings by kanaal and rule. Each is looked up in the recorder once, since a look-up takes longer than the count.
#[derive(Default)]
pub(crate) struct Findings(RwLock<HashMap<KanaalName, Vec<(&'static str, Counter)>>>);

impl Findings {
    /// Counts the findings of an accepted event of a kanaal.
    pub(crate) fn count(&self, kanaal: &KanaalName, findings: &[Finding]) {
        if findings.is_empty() {
            return;
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counters = known.get(kanaal).map_or(&[][..], Vec::as_slice);
        let mut new = Vec::new();
        for finding in findings {
            match counters.iter().find(|(rule, _)| *rule == finding.rule) {
                Some((_, counter)) => counter.increment(1),
                None => new.push(finding.rule),
            }
        }
        drop(known);
        for rule in new {
            self.counter(kanaal, rule).increment(1);
        }
    }

    /// The counter of a rule for a kanaal, or for all that are beyond the bound.
    fn counter(&self, kanaal: &KanaalName, rule: &'static str) -> Counter {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KANALEN && !known.contains_key(kanaal) {
            return metrics::counter!(FINDINGS, "rule" => rule, "kanaal" => OTHER);
        }
        let counters = known.entry(kanaal.clone()).or_default();
        if let Some((_, counter)) = counters.iter().find(|(known, _)| *known == rule) {
            return counter.clone();
        }
        let counter = metrics::counter!(FINDINGS, "rule" => rule, "kanaal" => kanaal.as_str().to_owned());
        counters.push((rule, counter.clone()));
        counter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_labels_is_bounded() {
        let findings = Findings::default();
        let found = [Finding::new("a", "type", "", ""), Finding::new("b", "type", "", "")];
        for number in 0..2 * MOST_KANALEN {
            findings.count(&KanaalName::new(&format!("k{number}")).unwrap(), &found);
        }
        let first = KanaalName::new("k0").unwrap();
        findings.count(&first, &found);
        let known = findings.0.read().unwrap();
        assert_eq!((known.len(), known[&first].len()), (MOST_KANALEN, found.len()));
    }
}
