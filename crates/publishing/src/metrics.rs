//! Metrics of publishing: accepted events, their duration, and findings.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics::{Counter, Histogram};

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

static LABELS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Counts a finding by rule and kanaal.
pub fn count_finding(rule: &'static str, kanaal: &str) {
    metrics::counter!(FINDINGS, "rule" => rule, "kanaal" => kanaal_label(kanaal)).increment(1);
}

/// The kanaal itself, for the first ones that are met.
fn kanaal_label(kanaal: &str) -> String {
    let mut labels = LABELS.lock().unwrap_or_else(PoisonError::into_inner);
    if !labels.contains(kanaal) {
        if labels.len() >= MOST_KANALEN {
            return OTHER.to_owned();
        }
        labels.insert(kanaal.to_owned());
    }
    kanaal.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded() {
        let first = kanaal_label("k0");
        for number in 0..2 * MOST_KANALEN {
            kanaal_label(&format!("k{number}"));
        }
        assert_eq!((kanaal_label("k0"), kanaal_label("one more").as_str()), (first, OTHER));
    }
}
