//! The test of the selection of a form on one event.

use management::{Error, events::Receives};
use model::{
    Subscription, Timestamp,
    selection::{Criterion, NativeSelection},
};
use web::Problem;

use super::{faults::Faults, read::Reading, typed::Typed};
use crate::{Console, View, form::Form};

/// The button that asks for the test, and the field with the id of the event.
pub const NAME: &str = "proef";

/// The outcome of a test.
pub struct Tested {
    /// The kind of message: `ok`, `info` or `warning`.
    pub kind: &'static str,
    /// The outcome.
    pub verdict: String,
    /// Why it is not sent now, or never; empty when the verdict says it.
    pub why: &'static str,
    /// The event; `None` when there is none.
    pub event: Option<EventRow>,
}

/// The event that was tested.
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// Its kanaal.
    pub kanaal: String,
    /// When it was accepted.
    pub accepted: Timestamp,
}

/// Tests the selection of a form; `None` when it has faults, which are added, or selects as the Notificaties API does.
///
/// # Errors
/// 503 when the event cannot be read.
pub async fn test(
    (console, view): (&Console, &View),
    (form, typed): (&Form, &Typed),
    present: Option<&Subscription>,
    faults: &Faults,
) -> Result<Option<Tested>, Problem> {
    let text = &view.text.event_test;
    let id = form.text(NAME).trim();
    if id.is_empty() {
        faults.add(NAME.to_owned(), text.missing.to_owned());
    }
    let selection = Reading { console, view, form, typed, present, faults }.selection();
    let Some(selection) = selection.filter(|_| faults.is_empty()) else { return Ok(None) };
    let without =
        |verdict: &str| Ok(Some(Tested { kind: "warning", verdict: verdict.to_owned(), why: "", event: None }));
    let found = match console.management.preview_event(&view.actor, selection.clone(), id, present).await {
        Ok(found) => found,
        Err(Error::NotIndexed | Error::NoLongerKept) => return without(text.unknown),
        Err(Error::Invalid(refused)) if refused.iter().any(|fault| fault.member == "source") => {
            return without(text.several);
        }
        Err(Error::Invalid(refused)) => {
            faults.add_refused(&view.text.subscription_form, typed, &refused);
            return Ok(None);
        }
        Err(other) => return Err(other.into()),
    };
    let event = found.event;
    let why = view.text.event.why;
    let (kind, verdict, why) = match (event.failing, found.receives) {
        (Some(criterion), _) => ("warning", (text.fails)(&part(view, criterion, &selection)), ""),
        (None, None) => ("ok", text.selected.to_owned(), ""),
        (None, Some(Receives::Now)) => ("ok", text.now.to_owned(), ""),
        (None, Some(Receives::After(reason))) => ("info", text.after.to_owned(), why(reason)),
        (None, Some(Receives::Not(reason))) => ("warning", text.not.to_owned(), why(reason)),
    };
    let event = EventRow { id: event.id, kind: event.kind, kanaal: event.kanaal.to_string(), accepted: event.accepted };
    Ok(Some(Tested { kind, verdict, why, event: Some(event) }))
}

/// A criterion in words.
fn part(view: &View, criterion: Criterion, selection: &NativeSelection) -> String {
    let text = &view.text.event_test;
    match criterion {
        Criterion::Kanaal => view.text.subscription.kanaal.to_lowercase(),
        Criterion::PublishedAs => text.published_as.to_owned(),
        Criterion::Type => text.types.to_owned(),
        Criterion::Source => view.text.events.source.to_lowercase(),
        Criterion::Filter(at) => (text.filter)(at + 1),
        Criterion::Kenmerk(at) => {
            let key = selection.kenmerken.0.get(at).map(|pair| pair.key.as_str());
            (text.kenmerk)(key.unwrap_or_default())
        }
    }
}
