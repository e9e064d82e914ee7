//! `GET /v1/stream`: server-sent events (HTML standard, section 9.2) of what happens on the gateway.
//!
//! Types of messages: `event` (an event was accepted), `delivery` (a delivery ended), `dropped` (the viewer is too slow), `gap` (what
//! happened between `Last-Event-ID` and now is not known any more). A comment is sent when nothing happened for 15 seconds.

use axum::{extract::State, response::Response};
use futures_util::stream;
use http::{HeaderMap, Uri};
use management::stream::{StreamEntry, StreamFilter, Viewer, ViewerMessage, ViewerPosition};
use model::{KanaalName, SubscriptionId, outcome::Outcome};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use web::{LAST_EVENT_ID, auth::Caller, event_stream, problem::Problem};

use crate::{Api, delivery::EventPlace, events::list::EventView, list::Query};

/// A delivery that ended, in a message of type `delivery`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedDelivery)]
#[serde(rename_all = "camelCase")]
pub struct EndedDeliveryView {
    /// For whom.
    #[schema(format = "uuid")]
    pub subscription: String,
    /// Where the event is; its `id` is in the message of type `event` with the same place.
    pub event: EventPlace,
    /// The replay or redrive it belongs to; null for the live stream.
    pub run: Option<String>,
    /// `delivered`, `refused`, `dead-lettered`, `untranslatable`, `duplicate`, `expired` or `ended`.
    #[schema(pattern = "^(delivered|refused|dead-lettered|untranslatable|duplicate|expired|ended)$")]
    pub outcome: &'static str,
    /// Number of requests made.
    pub attempts_made: u32,
    /// The status of the last answer; null when there was none.
    pub status: Option<u16>,
    /// When it ended.
    #[schema(format = "date-time")]
    pub at: String,
}

/// Follows what happens: events as they are accepted and deliveries as they end, never their payload.
#[utoipa::path(
    get, path = "/v1/stream", tag = "operations", operation_id = "followStream",
    params(
        ("kanaal" = Option<String>, Query, description = "Only of this kanaal"),
        ("subscription" = Option<String>, Query, description = "Only deliveries of this subscription, and events of its kanalen"),
        ("Last-Event-ID" = Option<String>, Header, description = "Continue after this message, if it is still known"),
    ),
    responses(
        (status = 200, description = "Server-sent events of the types event (EventSummary), delivery (EndedDelivery), dropped and gap", content_type = "text/event-stream", body = String),
        (status = 404, description = "There is no such kanaal or subscription"),
        (status = 409, description = "Too many streams are open"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal", "subscription"])?;
    let filter = StreamFilter {
        kanaal: query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?,
        subscription: query.uuid("subscription")?.map(SubscriptionId),
    };
    let last = headers.get(LAST_EVENT_ID).map(|value| position(value.to_str().unwrap_or_default()));
    let viewer = api.management.watch(&caller.actor(), &filter, last.as_ref())?;
    let ViewerPosition { epoch, number } = viewer.start();
    Ok(event_stream(&format!("{epoch}-{number}"), messages(viewer)))
}

fn messages(viewer: Viewer) -> impl stream::Stream<Item = String> {
    stream::unfold(viewer, async |mut viewer| Some((message(viewer.next().await?), viewer)))
}

/// The position that an id names. Any other text names one that is not known.
fn position(id: &str) -> ViewerPosition {
    let (epoch, number) = id.rsplit_once('-').unwrap_or_default();
    ViewerPosition { epoch: epoch.to_owned(), number: number.parse().unwrap_or_default() }
}

/// One message. JSON in one line has no line breaks, so `data` is one field.
fn message(seen: ViewerMessage) -> String {
    match seen {
        ViewerMessage::Idle => ": idle\n\n".to_owned(),
        ViewerMessage::Gap => "event: gap\ndata: {}\n\n".to_owned(),
        ViewerMessage::Dropped(number) => format!("event: dropped\ndata: {}\n\n", json!({"dropped": number})),
        ViewerMessage::Entry(ViewerPosition { epoch, number }, what) => {
            let (kind, data) = match what {
                StreamEntry::Event(row) => ("event", serde_json::to_string(&EventView::new(row))),
                StreamEntry::Settled { delivery, outcome, attempts, code, at } => {
                    let view = EndedDeliveryView {
                        subscription: delivery.subscription.to_string(),
                        event: EventPlace::new(None, &delivery),
                        run: delivery.run.map(|run| run.to_string()),
                        outcome: Outcome::label(outcome),
                        attempts_made: attempts,
                        status: code,
                        at: at.to_rfc3339(),
                    };
                    ("delivery", serde_json::to_string(&view))
                }
            };
            format!("id: {epoch}-{number}\nevent: {kind}\ndata: {}\n\n", data.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let position_of = |epoch: &str, number| ViewerPosition { epoch: epoch.to_owned(), number };
        for (id, expected) in [
            ("0193-12", position_of("0193", 12)),
            ("a-b-7", position_of("a-b", 7)),
            ("12", position_of("", 0)),
            ("", position_of("", 0)),
            ("a-", position_of("a", 0)),
            ("a-99999999999999999999999", position_of("a", 0)),
        ] {
            assert_eq!(position(id), expected, "{id}");
        }
    }

    #[test]
    fn messages_have_one_line_of_data() {
        assert_eq!(message(ViewerMessage::Dropped(3)), "event: dropped\ndata: {\"dropped\":3}\n\n");
        assert_eq!(message(ViewerMessage::Idle), ": idle\n\n");
        let row = management::journal::EventRow {
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: model::Partition(0),
            position: model::Position(1),
            id: "a\nevent: forged\n\n".to_owned(),
            source: "/s".to_owned(),
            kind: "t".to_owned(),
            subject: None,
            appended: model::Timestamp::default(),
        };
        let text = message(ViewerMessage::Entry(position("e-1"), StreamEntry::Event(row)));
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.starts_with("id: e-1\nevent: event\ndata: {") && text.ends_with("}\n\n"), "{text}");
    }
}
