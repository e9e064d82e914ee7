//! A row of the live view, as the page and its stream show it.

use management::{journal::EventRow, stream::StreamEntry};
use model::{SubscriptionId, Timestamp, outcome::DeliveryKey};
use serde::Serialize;

use crate::{
    Console, View,
    pages::{events, subscriptions},
    sink_text::sink_text,
    text::delivery::badge,
};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The moment, RFC 3339.
    pub at: String,
    /// The moment in the time zone of the page.
    pub moment: String,
    /// The colour of the badge.
    pub badge: &'static str,
    /// What happened, in words.
    pub what: &'static str,
    /// The kanaal.
    pub kanaal: String,
    /// The type and subject of an event, or the receiver of a delivery.
    pub detail: String,
    /// The text of the link: the id of an event, or the place of the event of a delivery.
    pub name: String,
    /// The page of the event or the delivery.
    pub href: String,
}

impl Row {
    /// The row of something that happened.
    pub fn new(console: &Console, view: &View, what: StreamEntry) -> Self {
        match what {
            StreamEntry::Event(event) => Self::of_event(view, &event),
            StreamEntry::Settled { delivery, outcome, at, .. } => {
                let (word, _) = (view.text.delivery.of)(outcome);
                let (at, moment) = moment(view, at);
                Self {
                    at,
                    moment,
                    badge: badge(Some(outcome)),
                    what: word,
                    kanaal: delivery.kanaal.to_string(),
                    detail: receiver(console, view, delivery.subscription),
                    name: format!("{}, {}", delivery.partition.0, delivery.position.0),
                    href: view.to(&subscriptions::delivery_path(&delivery)),
                }
            }
        }
    }

    /// The row of an event that was accepted.
    pub fn of_event(view: &View, event: &EventRow) -> Self {
        let (at, moment) = moment(view, event.appended);
        let subject = event.subject.as_ref().map(|subject| format!(", {subject}")).unwrap_or_default();
        Self {
            at,
            moment,
            badge: "neutral",
            what: view.text.live.accepted,
            kanaal: event.kanaal.to_string(),
            detail: format!("{}{subject}", event.kind),
            name: event.id.clone(),
            href: view.to(&events::path_of(&event.source, &event.id)),
        }
    }
}

fn moment(view: &View, at: Timestamp) -> (String, String) {
    let shown = view.moment(at);
    (shown.datetime, shown.text)
}

/// The name of a subscription that the person may see, else its id.
fn receiver(console: &Console, view: &View, id: SubscriptionId) -> String {
    let own = console.management.find_subscription(&view.actor, id);
    own.map_or_else(|_| id.to_string(), |own| own.name.clone().unwrap_or_else(|| sink_text(&own.sink)))
}

/// The place of an event, for the deliveries of events that were shown.
pub fn place_of(what: &StreamEntry) -> (String, u32, u64) {
    match what {
        StreamEntry::Event(EventRow { kanaal, partition, position, .. })
        | StreamEntry::Settled { delivery: DeliveryKey { kanaal, partition, position, .. }, .. } => {
            (kanaal.to_string(), partition.0, position.0)
        }
    }
}
