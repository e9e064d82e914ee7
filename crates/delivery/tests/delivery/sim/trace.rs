//! The trace of a world: one line of text for each thing that happens. Writes lines; decides nothing.

use std::sync::{Arc, Mutex};

use delivery::{
    Reply,
    machine::{FetchedEvents, Input},
};
use model::{
    Position, Subscription, Timestamp,
    consent::{Consent, Rate},
    outcome::DeliveryKey,
    run::RunSelection,
    selection::Selection,
    subscription::{Format, Order},
};
use storage::progress::{Entry, Key, Value};

use super::oracle::PartitionName;

/// Where lines go.
#[derive(Clone, Default)]
pub enum Trace {
    #[default]
    Off,
    /// To standard error.
    Print,
    /// Into a list.
    Keep(Arc<Mutex<Vec<String>>>),
}

impl Trace {
    /// Writes a line, after the time that has passed in the world.
    pub fn line(&self, passed: Timestamp, text: impl FnOnce() -> String) {
        let line = |text: String| {
            let micros = passed.as_micros();
            format!("{:>6}.{:06} s  {text}", micros / 1_000_000, micros % 1_000_000)
        };
        match self {
            Self::Off => {}
            Self::Print => eprintln!("{}", line(text())),
            Self::Keep(lines) => lines.lock().expect("no thread panics while it writes").push(line(text())),
        }
    }
}

/// A record, as `kanaal/partition@position`.
pub fn record(place: &PartitionName, position: Position) -> String {
    format!("{}/{}@{}", place.0, place.1.0, position.0)
}

/// A delivery, as the record and, in a run, the word `again`.
pub fn delivery(key: &DeliveryKey) -> String {
    let again = if key.run.is_some() { " again" } else { "" };
    format!("{}/{}@{}{again}", key.kanaal, key.partition.0, key.position.0)
}

/// What matters of a subscription.
pub fn subscription(one: &Subscription) -> String {
    let order = if one.order == Order::Key { "order key" } else { "order none" };
    let format = match one.format {
        Format::Legacy => "notificatie".to_owned(),
        Format::Binary => "binary".to_owned(),
        Format::Batch { max_events, linger } => format!("batches of {max_events} within {linger:?}"),
        Format::Structured(_) => "structured".to_owned(),
    };
    let consent = match &one.consent {
        Consent::Granted { rate: Rate::PerMinute(most), .. } => format!("{most} requests a minute"),
        Consent::Granted { rate: Rate::Unlimited, .. } => "any rate".to_owned(),
        _ => "no consent".to_owned(),
    };
    let selection = match &one.selection {
        Selection::Native(native) => {
            let kanalen: Vec<&str> = native.kanalen.iter().map(model::KanaalName::as_str).collect();
            format!("kanalen {kanalen:?} types {:?}", native.types)
        }
        other @ Selection::Abonnement(_) => format!("{other:?}"),
    };
    let start: Vec<String> =
        one.start.iter().map(|(kanaal, at, mark)| format!("{kanaal}/{}@{}", at.0, mark.0)).collect();
    let retry = &one.retry;
    let ladder = if retry.ladder_only { ", ladder only" } else { "" };
    let (sink, status, retries, generation) = (&one.sink, &one.status, retry.max_retries, one.generation);
    let text = format!("to {sink}, {status:?}, {consent}, {order}, {format}, {retries} retries{ladder}, {selection}");
    let mut parts = vec![text, format!("from {start:?}"), format!("generation {generation}")];
    parts.extend(one.approvals.iter().map(|approval| format!("{} {:?}", approval.kanaal, approval.state)));
    parts.extend(one.max_in_flight.map(|most| format!("{most} in flight")));
    parts.extend(one.expires.map(|at| format!("expires {at}")));
    parts.join(", ")
}

/// The events that a run delivers.
pub fn selection_of_run(what: &RunSelection) -> String {
    let parts: Vec<String> = match what {
        RunSelection::Replay(ranges) => {
            let range =
                |one: &model::run::Range| format!("{}/{}@{}..{}", one.kanaal, one.partition.0, one.from.0, one.until.0);
            ranges.iter().map(range).collect()
        }
        RunSelection::Records(records) => {
            records.iter().map(|(kanaal, partition, at)| format!("{kanaal}/{}@{}", partition.0, at.0)).collect()
        }
    };
    parts.join(" ")
}

/// An input of the machine that needs no other line.
pub fn input(input: &Input) -> String {
    match input {
        Input::TailMoved(kanaal, partition, tail) => format!("{kanaal}/{} ends at {}", partition.0, tail.0),
        Input::DeadLetterStored(_, stored) => format!("dead letter stored: {stored}"),
        other => format!("{other:?}"),
    }
}

/// What a read returned.
pub fn fetched(batch: Option<&FetchedEvents>) -> String {
    batch.map_or("storage failed".to_owned(), |batch| {
        format!("{} records, next {}, oldest {}", batch.items.len(), batch.next.0, batch.oldest.0)
    })
}

/// The answer to a request.
pub fn reply(reply: &Reply) -> String {
    format!("{:?}, {}", reply.class, reply.reason())
}

/// Entries of progress that are stored. `subscription` names one.
pub fn progress(entries: &[Entry], subscription: impl Fn(&model::SubscriptionId) -> String) -> String {
    let mut parts: Vec<String> = entries
        .iter()
        .map(|(key, value)| {
            let key = match key {
                Key::Reader(kanaal, partition) => format!("{kanaal}/{}", partition.0),
                Key::Subscription(id, kanaal, partition) => format!("{} in {kanaal}/{}", subscription(id), partition.0),
                Key::Unsettled(key) => format!("{} of {}", delivery(key), subscription(&key.subscription)),
                Key::Sink(url) => url.clone(),
                Key::Run(_, kanaal, partition) => format!("run in {kanaal}/{}", partition.0),
            };
            match value {
                None => format!("{key} removed"),
                Some(Value::At(mark)) => format!("{key} at {}", mark.0),
                Some(Value::Level) => format!("{key} level"),
                Some(Value::Unsettled { attempts, .. }) => format!("{key} unsettled after {attempts} attempts"),
                Some(Value::Sink { not_before, outage_since, .. }) => {
                    format!("{key} silent until {not_before:?}, outage since {outage_since:?}")
                }
            }
        })
        .collect();
    parts.sort();
    parts.join("; ")
}
