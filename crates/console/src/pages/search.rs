//! The search by anything that is pasted: ids, subjects, names. One hit is opened, more are listed.

use askama::Template;
use axum::extract::State;
use management::{
    Right,
    events::Sought,
    journal::{EventQuery, EventRow, Page},
    subscriptions::SubscriptionFilter,
};
use model::{
    audit::{Action, Object, ObjectKind},
    run::RunId,
};
use uuid::Uuid;
use web::Problem;

use super::{dead_letters, events, kanalen, runs, subscriptions};
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
    if view.may(Right::SeeEvents)
        && let Ok(id) = sought.parse::<Uuid>()
        && let Ok(found) = management.read_dead_letter(&view.actor, id).await
    {
        let path = format!("{}?nummer={id}", dead_letters::LIST);
        hits.push(Hit { kind: text.dead_letter, name: id.to_string(), about: found.letter.event_id, path });
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
        add_events(&mut hits, text.event, &found);
        // A subject may identify a person.
        console.web.recorder.record(&view.actor, Action::EventSearch, Object::new(ObjectKind::Event, "")).await?;
        for subject in subjects(sought) {
            let by_subject = EventQuery { subject: Some(subject.to_owned()), ..EventQuery::default() };
            let found = management.list_events(&view.actor, by_subject, page).await?;
            add_events(&mut hits, text.event_of_subject, &found);
        }
        let sought = Sought::of(sought);
        if sought.is_reference() || hits.is_empty() {
            let found = management.search_attributes(&view.actor, &sought, MOST).await?;
            add_events(&mut hits, text.event_of_attribute, &found);
        }
    }
    Ok(hits)
}

/// The subjects that a pasted text may be about: itself, and the last part of a URL, which is the subject of a notificatie about
/// the resource there.
fn subjects(sought: &str) -> Vec<&str> {
    let last = sought.contains("://").then(|| sought.trim_end_matches('/').rsplit('/').next()).flatten();
    [Some(sought), last].into_iter().flatten().filter(|subject| !subject.is_empty()).collect()
}

/// Adds events that are no hits yet.
fn add_events(hits: &mut Vec<Hit>, kind: &'static str, found: &[EventRow]) {
    for event in found {
        let hit = of_event(kind, event);
        if hits.iter().all(|own| own.path != hit.path) {
            hits.push(hit);
        }
    }
}

fn of_event(kind: &'static str, event: &EventRow) -> Hit {
    Hit { kind, name: event.id.clone(), about: event.kind.clone(), path: events::path_of(&event.source, &event.id) }
}
