//! The list of events, newest first, with filters. It shows attributes only, no payload.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{
    Right,
    events::{EventCursor, EventPart, EventProgress},
    journal::EventRow,
};
use model::audit::{Action, Object, ObjectKind};

use super::{
    filter::{Faults, Filter},
    path_of, place_text,
};
use crate::{
    Console, View,
    choice::Choice,
    curl,
    list_file::Files,
    page::{PageResult, page_with},
    paging::{self, Paging},
};

#[derive(Template)]
#[template(path = "events.html")]
struct List<'a> {
    view: &'a View,
    filter: &'a Filter,
    kanalen: Vec<Choice>,
    faults: Faults,
    is_filtered: bool,
    rows: Vec<Row>,
    paging: Paging,
    files: Files,
    curl: String,
    /// The filter as a query.
    query: String,
    may_resend: bool,
    /// The link to older events, when many were looked at that the person may not see.
    further: Option<String>,
    /// The link to the newest events, on a page behind them.
    beginning: Option<String>,
}

/// An event in the table.
struct Row {
    path: String,
    /// The value of its check box.
    place: String,
    event: EventRow,
    progress: EventProgress,
}

/// The page. A search by subject is recorded: a subject may identify a person.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let filter = Filter::of_page(&view);
    let (query, faults) = filter.query(&view);
    let cursor = paging::cursor(&view).map(|(appended, events)| EventCursor { appended, events });
    let EventPart { mut events, mut further } = EventPart::default();
    if faults.is_empty() {
        if query.subject.is_some() {
            let object = Object::new(ObjectKind::Event, "");
            console.web.recorder.record(&view.actor, Action::EventSearch, object).await?;
        }
        let part = management.list_events_from(&view.actor, query, paging::page(&view), cursor).await?;
        (events, further) = (part.events, part.further);
    }
    let paging = Paging::of(&view, &mut events);
    let progress = management.event_progress(&view.actor, &events).await?;
    let row = |(event, progress): (EventRow, _)| Row {
        path: path_of(&event.source, &event.id),
        place: place_text(&(event.kanaal.clone(), event.partition, event.position)),
        event,
        progress,
    };
    let names = management.list_kanalen();
    let names = names.iter().map(|kanaal| (kanaal.naam.to_string(), kanaal.naam.to_string()));
    let any = (String::new(), view.text.subscriptions.any.to_owned());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let curl = command(&view, &filter);
    page_with(
        status,
        &List {
            files: Files::at(&view, &format!("{}/csv", super::LIST)),
            curl,
            query: form_urlencoded::Serializer::new(String::new()).extend_pairs(filter.pairs()).finish(),
            may_resend: view.may(Right::Resend),
            further: further.map(|own| paging::further(&view, (own.appended, own.events))),
            beginning: cursor.map(|_| paging::beginning(&view)),
            kanalen: Choice::list([any].into_iter().chain(names), filter.kanaal.as_str()),
            faults,
            is_filtered: filter.is_filtered(),
            rows: events.into_iter().zip(progress).map(row).collect(),
            paging,
            filter: &filter,
            view: &view,
        },
    )
}

/// The same list of the native API.
fn command(view: &View, filter: &Filter) -> String {
    let moment = |typed: &str| view.read_moment(typed).map(model::Timestamp::to_rfc3339).unwrap_or_default();
    let (from, until) = (moment(&filter.from), moment(&filter.until));
    let parameters = [
        ("id", filter.id.as_str()),
        ("source", filter.source.as_str()),
        ("subject", filter.subject.as_str()),
        ("type", filter.kind.as_str()),
        ("kanaal", filter.kanaal.as_str()),
        ("from", from.as_str()),
        ("until", until.as_str()),
    ];
    curl::command(view, "/v1/events", &parameters)
}
