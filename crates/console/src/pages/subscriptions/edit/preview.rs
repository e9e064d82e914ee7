//! The preview of a selection: which of the newest events the subscription would have received.

use management::{Error, subscriptions::PreviewRequest};
use model::{Subscription, Timestamp};
use web::Problem;

use super::{faults::Faults, read::Reading, typed::Typed};
use crate::{Console, View, form::Form};

/// A preview as it is shown.
pub struct Shown {
    /// Instead of the counts: why there are none; empty when there are.
    pub note: &'static str,
    /// Each kanaal with what came of it.
    pub kanalen: Vec<(String, String)>,
    /// The newest events that match.
    pub events: Vec<EventRow>,
}

/// An event that the subscription would have received.
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

/// Previews the selection of a form; `None` when it has faults, which are added, or selects as the Notificaties API does.
///
/// # Errors
/// 503 when the events cannot be read.
pub async fn preview(
    (console, view): (&Console, &View),
    (form, typed): (&Form, &Typed),
    present: Option<&Subscription>,
    faults: &Faults,
) -> Result<Option<Shown>, Problem> {
    let text = &view.text.subscription_form;
    let selection = Reading { console, view, form, typed, present, faults }.selection();
    let Some(selection) = selection.filter(|_| faults.is_empty()) else { return Ok(None) };
    let note = |note| Ok(Some(Shown { note, kanalen: vec![], events: vec![] }));
    let preview =
        match console.management.preview_selection(&view.actor, PreviewRequest { selection, last: None }).await {
            Ok(preview) => preview,
            Err(Error::Invalid(refused)) => {
                faults.add_refused(text, typed, &refused);
                return Ok(None);
            }
            Err(Error::TooBroad(_)) => return note(text.preview_broad),
            Err(other) => return Err(other.into()),
        };
    let kanalen = preview.kanalen.iter().map(|own| {
        let (matched, examined) = (view.number(own.matched), view.number(own.examined));
        let words =
            if own.withheld { text.preview_withheld.to_owned() } else { (text.preview_count)(&matched, &examined) };
        (own.kanaal.to_string(), words)
    });
    let events = preview.matches.iter().map(|event| EventRow {
        id: event.id.clone(),
        kind: event.kind.clone(),
        kanaal: event.kanaal.to_string(),
        accepted: event.accepted,
    });
    let has_events = preview.kanalen.iter().any(|own| own.withheld || own.examined > 0);
    let note = if has_events { "" } else { text.preview_none };
    Ok(Some(Shown { note, kanalen: kanalen.collect(), events: events.collect() }))
}
