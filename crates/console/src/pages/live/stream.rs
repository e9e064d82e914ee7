//! The stream of the live view: server-sent events (HTML standard, section 9.2) of the types `row` (something happened, as JSON),
//! `skipped` (how many were left out, because the browser is too slow) and `gap` (what happened while it was not connected is
//! not known any more). A comment is sent when nothing happened for 15 seconds.
//!
//! It goes on while the session of the person is open: it ends within two seconds after the session.

use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::{HeaderName, HeaderValue, header};
use management::stream::{StreamEntry, StreamFilter, Viewer, ViewerMessage, ViewerPosition};
use model::{KanaalName, SubscriptionId};
use tokio::time::sleep;
use web::{Problem, Streaming};

use super::row::{Row, place_of};
use crate::{Console, View, page::PageResult, session::Session};

/// How often it is checked that the session is still open.
const SESSION_CHECK: Duration = Duration::from_secs(1);

/// Most events of a chosen type whose deliveries are shown.
const MOST_PLACES: usize = 1_000;

/// Asks nginx not to collect the answer before it passes it on.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The first bytes: after how many milliseconds a browser connects again, and a comment so that proxies pass on the head.
const OPENING: &str = "retry: 3000\n: connected\n\n";

/// The parameters of the page and its stream.
pub(super) struct Asked {
    pub kanaal: String,
    pub subscription: String,
    pub kind: String,
}

impl Asked {
    /// The parameters of a request.
    pub(super) fn read(view: &View) -> Self {
        let text = |name: &str| view.parameter(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        Self { kanaal: text("kanaal"), subscription: text("abonnement"), kind: text("type") }
    }

    /// The filter, without the type of events; 404 for a name or id that is none.
    pub(super) fn filter(&self) -> Result<StreamFilter, Problem> {
        let filled = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty());
        let kanaal = filled(&self.kanaal)
            .map(|naam| KanaalName::new(&naam).ok_or_else(|| Problem::not_found("There is no such kanaal.")));
        let subscription = filled(&self.subscription).map(|id| {
            let id = id.parse().map(SubscriptionId);
            id.map_err(|_| Problem::not_found("There is no such subscription."))
        });
        Ok(StreamFilter { kanaal: kanaal.transpose()?, subscription: subscription.transpose()? })
    }
}

/// The stream.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let asked = Asked::read(&view);
    let session = view.session.clone().ok_or_else(Problem::internal)?;
    let last = view.head.headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(position);
    let viewer = console.management.watch(&view.actor, &asked.filter()?, last.as_ref())?;
    let feed = Feed { console, view, session, viewer, types: Types::new(asked.kind) };
    let opening = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(OPENING.as_bytes())) });
    let body = Body::from_stream(opening.chain(messages(feed)));
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    let mut response: Response = ([kind, (UNBUFFERED, HeaderValue::from_static("no"))], body).into_response();
    response.extensions_mut().insert(Streaming);
    Ok(response)
}

/// What a stream is made of.
struct Feed {
    console: Console,
    view: View,
    session: Arc<Session>,
    viewer: Viewer,
    types: Types,
}

fn messages(feed: Feed) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold(feed, async |mut feed| {
        loop {
            let seen = feed.next().await?;
            if let Some(message) = feed.message(seen) {
                return Some((Ok(Bytes::from(message)), feed));
            }
        }
    })
}

impl Feed {
    /// The next message; `None` when the viewer or the session has ended.
    async fn next(&mut self) -> Option<ViewerMessage> {
        let next = self.viewer.next();
        tokio::pin!(next);
        loop {
            if !self.console.is_open(&self.session, self.console.clock.now()) {
                return None;
            }
            tokio::select! {
                seen = &mut next => return seen,
                () = sleep(SESSION_CHECK) => {}
            }
        }
    }

    /// The text of a message; `None` for what the chosen type leaves out.
    fn message(&mut self, seen: ViewerMessage) -> Option<String> {
        match seen {
            ViewerMessage::Idle => Some(": idle\n\n".to_owned()),
            ViewerMessage::Gap => Some("event: gap\ndata: 0\n\n".to_owned()),
            ViewerMessage::Dropped(number) => Some(format!("event: skipped\ndata: {number}\n\n")),
            ViewerMessage::Entry(ViewerPosition { epoch, number }, what) => {
                if !self.types.wants(&what) {
                    return None;
                }
                let row = serde_json::to_string(&Row::new(&self.console, &self.view, what)).ok()?;
                // JSON in one line has no line breaks, so `data` is one field.
                Some(format!("id: {epoch}-{number}\nevent: row\ndata: {row}\n\n"))
            }
        }
    }
}

/// The chosen type of events, and the places of the last events of that type: a delivery has no type of its own.
struct Types {
    kind: String,
    places: HashSet<(String, u32, u64)>,
    order: VecDeque<(String, u32, u64)>,
}

impl Types {
    fn new(kind: String) -> Self {
        Self { kind, places: HashSet::new(), order: VecDeque::new() }
    }

    /// Whether an entry is an event of the type, or the delivery of one that came before it in the stream.
    fn wants(&mut self, what: &StreamEntry) -> bool {
        if self.kind.is_empty() {
            return true;
        }
        let place = place_of(what);
        match what {
            StreamEntry::Settled { .. } => self.places.contains(&place),
            StreamEntry::Event(event) if event.kind == self.kind => {
                if self.places.insert(place.clone()) {
                    self.order.push_back(place);
                }
                if self.order.len() > MOST_PLACES
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.places.remove(&oldest);
                }
                true
            }
            StreamEntry::Event(_) => false,
        }
    }
}

/// The position that an id names. Any other text names one that is not known.
fn position(id: &str) -> ViewerPosition {
    let (epoch, number) = id.rsplit_once('-').unwrap_or_default();
    ViewerPosition { epoch: epoch.to_owned(), number: number.parse().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use management::journal::EventRow;
    use model::{
        Partition, Position, Timestamp,
        outcome::{DeliveryKey, Outcome},
    };
    use uuid::Uuid;

    use super::*;

    fn event(kind: &str, position: u64) -> StreamEntry {
        StreamEntry::Event(EventRow {
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            id: position.to_string(),
            source: "/s".to_owned(),
            kind: kind.to_owned(),
            subject: None,
            appended: Timestamp::default(),
        })
    }

    fn delivery(position: u64) -> StreamEntry {
        let delivery = DeliveryKey {
            subscription: SubscriptionId(Uuid::nil()),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            run: None,
        };
        StreamEntry::Settled {
            delivery,
            outcome: Outcome::Delivered,
            attempts: 1,
            code: Some(204),
            at: Timestamp::default(),
        }
    }

    #[test]
    fn a_type_leaves_out_other_events_and_their_deliveries_and_memory_is_bounded() {
        let mut all = Types::new(String::new());
        assert!(all.wants(&event("a", 1)) && all.wants(&delivery(2)));
        let mut types = Types::new("a".to_owned());
        let wanted =
            [event("a", 1), event("b", 2), delivery(1), delivery(2), delivery(3)].map(|what| types.wants(&what));
        assert_eq!(wanted, [true, false, true, false, false]);
        for position in 10..10 + 2 * MOST_PLACES as u64 {
            types.wants(&event("a", position));
        }
        assert_eq!(
            (types.places.len(), types.order.len(), types.wants(&delivery(1))),
            (MOST_PLACES, MOST_PLACES, false)
        );
    }

    #[test]
    fn ids_are_read_as_they_are_written() {
        assert_eq!(position("a-b-7"), ViewerPosition { epoch: "a-b".to_owned(), number: 7 });
        assert_eq!(position("7"), ViewerPosition { epoch: String::new(), number: 0 });
    }
}
