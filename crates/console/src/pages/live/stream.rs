//! The stream of the live view: server-sent events (HTML standard, section 9.2) of the types `row` (something happened, as JSON),
//! `skipped` (how many were left out, because the browser is too slow) and `gap` (what happened while it was not connected is
//! not known any more). A comment is sent when nothing happened for 15 seconds.
//!
//! It goes on while the session of the person is open: it ends within two seconds after the session.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use futures_util::stream::{self, Stream};
use management::stream::{StreamEntry, StreamFilter, Viewer, ViewerMessage, ViewerPosition};
use model::{KanaalName, SubscriptionId};
use tokio::time::sleep;
use web::{LAST_EVENT_ID, Problem, event_stream};

use super::{row::Row, type_filter::TypeFilter};
use crate::{Console, View, page::PageResult, session::Session};

/// How often it is checked that the session is still open.
const SESSION_CHECK: Duration = Duration::from_secs(1);

/// The parameter with the position to continue from: a browser sends `Last-Event-ID` only when it connects again by itself.
const AFTER: &str = "na";

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
    let last = view.head.headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()).map(position);
    let last = last.or_else(|| view.parameter(AFTER).map(|id| position(&id)));
    let mut viewer = console.management.watch(&view.actor, &asked.filter()?, last.as_ref())?;
    let mut types = TypeFilter::new(asked.kind);
    // So that deliveries of events that were shown before the reconnection are shown.
    for (position, what) in viewer.take_before() {
        types.offer(position, what);
    }
    let ViewerPosition { epoch, number } = viewer.start();
    Ok(event_stream(&format!("{epoch}-{number}"), messages(Feed { console, view, session, viewer, types })))
}

/// What a stream is made of.
struct Feed {
    console: Console,
    view: View,
    session: Arc<Session>,
    viewer: Viewer,
    types: TypeFilter,
}

fn messages(feed: Feed) -> impl Stream<Item = String> {
    stream::unfold(feed, async |mut feed| {
        loop {
            let seen = feed.next().await?;
            if let Some(message) = feed.message(seen) {
                return Some((message, feed));
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

    /// The text of a message; `None` for what the chosen type leaves out, or holds until its event comes.
    fn message(&mut self, seen: ViewerMessage) -> Option<String> {
        match seen {
            ViewerMessage::Idle => Some(": idle\n\n".to_owned()),
            ViewerMessage::Gap => Some("event: gap\ndata: 0\n\n".to_owned()),
            ViewerMessage::Dropped(number) => Some(format!("event: skipped\ndata: {number}\n\n")),
            ViewerMessage::Entry(position, what) => {
                let shown = self.types.offer(position, what).into_iter();
                let text: String = shown.filter_map(|(position, what)| self.row(&position, what)).collect();
                (!text.is_empty()).then_some(text)
            }
        }
    }

    fn row(&self, ViewerPosition { epoch, number }: &ViewerPosition, what: StreamEntry) -> Option<String> {
        let row = serde_json::to_string(&Row::new(&self.console, &self.view, what)).ok()?;
        // JSON in one line has no line breaks, so `data` is one field.
        Some(format!("id: {epoch}-{number}\nevent: row\ndata: {row}\n\n"))
    }
}

/// The position that an id names. Any other text names one that is not known.
fn position(id: &str) -> ViewerPosition {
    let (epoch, number) = id.rsplit_once('-').unwrap_or_default();
    ViewerPosition { epoch: epoch.to_owned(), number: number.parse().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        assert_eq!(position("a-b-7"), ViewerPosition { epoch: "a-b".to_owned(), number: 7 });
        assert_eq!(position("7"), ViewerPosition { epoch: String::new(), number: 0 });
    }
}
