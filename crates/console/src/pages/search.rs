//! The search by anything that is pasted: ids, subjects, names. One hit is opened, more are listed.

use askama::Template;
use axum::extract::State;
use management::{
    Right,
    journal::{EventQuery, EventRow, Page},
    subscriptions::SubscriptionFilter,
};
use model::{
    audit::{Action, Object, ObjectKind},
    run::RunId,
};
use uuid::Uuid;
use web::Problem;

use super::{events, kanalen, runs, subscriptions};
use crate::{
    Console, View,
    page::{PageResult, page, see_other},
    sink_text::sink_text,
};

/// The path of the page.
pub const PATH: &str = "/beheer/zoek";

/// The parameter with the text.
const TEXT: &str = "q";

/// Most hits of a kind.
const MOST: usize = 20;

/// The longest text, in bytes: that of a subject with room.
const LONGEST: usize = 2_000;

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    view: &'a View,
    sought: &'a str,
    hits: Vec<Hit>,
}

/// Something that was found.
struct Hit {
    kind: &'static str,
    name: String,
    about: String,
    path: String,
}

/// The page, or a redirect to the one hit.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let sought = view.parameter(TEXT).map(|text| text.trim().to_owned()).unwrap_or_default();
    let hits =
        if sought.is_empty() || sought.len() > LONGEST { vec![] } else { find(&console, &view, &sought).await? };
    if let [hit] = hits.as_slice() {
        return Ok(see_other(&view, &hit.path, ""));
    }
    page(&Search { view: &view, sought: &sought, hits })
}

async fn find(console: &Console, view: &View, sought: &str) -> Result<Vec<Hit>, Problem> {
    let (management, text) = (&console.management, &view.text.search);
    let mut hits = Vec::new();
    if view.may(Right::SeeSubscriptions) {
        let all = management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
        let own = all.iter().filter(|own| !view.is_portal() || view.actor.may_manage(&own.owner));
        let found = own.filter(|own| subscriptions::contains(own, sought)).take(MOST);
        hits.extend(found.map(|own| Hit {
            kind: text.subscription,
            name: own.name.clone().unwrap_or_else(|| sink_text(&own.sink)),
            about: sink_text(&own.sink),
            path: subscriptions::path_of(own.id),
        }));
        if let Ok(id) = sought.parse::<Uuid>()
            && let Ok(run) = management.find_run(&view.actor, RunId(id)).await
        {
            let about = run.row.progress.subscription.to_string();
            hits.push(Hit { kind: text.run, name: id.to_string(), about, path: runs::LIST.to_owned() });
        }
    }
    let lower = sought.to_lowercase();
    let kanalen = management.list_kanalen();
    let named = kanalen.iter().filter(|own| own.naam.as_str().to_lowercase() == lower).take(MOST);
    hits.extend(named.map(|own| Hit {
        kind: text.kanaal,
        name: own.naam.to_string(),
        about: own.owner.clone().unwrap_or_default(),
        path: kanalen::path_of(own.naam.as_str()),
    }));
    if view.may(Right::SeeEvents) {
        let page = Page { offset: 0, limit: MOST as u32 };
        let by_id = EventQuery { id: Some(sought.to_owned()), ..EventQuery::default() };
        let found = management.list_events(&view.actor, by_id, page).await?;
        hits.extend(found.iter().map(|event| of_event(text.event, event)));
        // A subject may identify a person.
        console.web.recorder.record(&view.actor, Action::EventSearch, Object::new(ObjectKind::Event, "")).await?;
        let by_subject = EventQuery { subject: Some(sought.to_owned()), ..EventQuery::default() };
        let found = management.list_events(&view.actor, by_subject, page).await?;
        hits.extend(found.iter().map(|event| of_event(text.event_of_subject, event)));
    }
    Ok(hits)
}

fn of_event(kind: &'static str, event: &EventRow) -> Hit {
    Hit { kind, name: event.id.clone(), about: event.kind.clone(), path: events::path_of(&event.source, &event.id) }
}
