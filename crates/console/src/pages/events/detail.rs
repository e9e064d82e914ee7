//! One event: its attributes, findings and place, and for each subscription whether it got the event, and why not.

use askama::Template;
use axum::extract::{Path, State};
use management::{
    Right,
    events::{EventReceiver, Reception, ShownEvent},
    journal::RecordOutcome,
    waiting::Continuation,
};
use model::{Timestamp, outcome::DeliveryKey};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::language::Language;

use super::path_of;
use crate::{
    Console, View,
    area::Area,
    curl,
    page::{PageResult, page},
    pages::{kanalen, subscriptions},
    paging::{self, Paging},
    sink_text::sink_text,
    text::delivery::badge,
};

#[derive(Template)]
#[template(path = "event.html")]
struct Detail<'a> {
    view: &'a View,
    path: String,
    shown: &'a ShownEvent,
    kanaal_path: String,
    attributes: Vec<(String, String)>,
    findings: Vec<(&'static str, String, String)>,
    /// The bytes of the payload; `None` without one, or when the person does not get it.
    payload: Option<usize>,
    receivers: Vec<Row>,
    paging: Paging,
    may_redeliver: bool,
    may_see_content: bool,
    may_publish: bool,
    curl: String,
}

/// A subscription in the matrix.
struct Row {
    path: String,
    name: String,
    owner: String,
    badge: &'static str,
    word: &'static str,
    why: &'static str,
    at: Option<Timestamp>,
    next: Option<Timestamp>,
    /// The page of the delivery with its attempts, and the name of the link to it.
    delivery: Option<(String, String)>,
    /// Where the event is delivered again to this receiver; `None` to who does not manage it.
    redeliver: Option<String>,
    /// Where everything from this event on is delivered again to this receiver; as above.
    replay: Option<String>,
}

/// The page.
pub async fn handler(
    State(console): State<Console>,
    Path((source, id)): Path<(String, String)>,
    view: View,
) -> PageResult {
    let management = &console.management;
    let shown = management.read_event(&view.actor, &id, Some(source.clone())).await?;
    let page_of = paging::page(&view);
    let mut found = management.event_receivers(&view.actor, &id, Some(source.clone()), page_of).await?;
    let paging = Paging::of(&view, &mut found);
    let path = path_of(&source, &id);
    let event = &shown.accepted.event;
    let attributes = event.attributes().iter().map(|(name, value)| (name.to_string(), value.canonical().into()));
    let findings = shown.checked.findings.iter().map(|finding| {
        let text = match view.language {
            Language::Dutch => &finding.text_nl,
            Language::English => &finding.text_en,
        };
        (finding.rule, finding.member.to_string(), text.to_string())
    });
    let from_here = form_urlencoded::Serializer::new(String::new())
        .append_pair("van", &shown.appended.to_rfc3339())
        .append_pair("kanaal", shown.kanaal.as_str())
        .finish();
    page(&Detail {
        attributes: attributes.collect(),
        findings: findings.collect(),
        payload: event.data().map(|data| data.bytes().len()),
        receivers: found
            .into_iter()
            .map(|receiver| row((&console, &view), &shown, (&path, &from_here), receiver))
            .collect(),
        kanaal_path: kanalen::path_of(shown.kanaal.as_str()),
        paging,
        // A subscriber delivers its own events again from the page of a delivery, or by period.
        may_redeliver: view.may(Right::Resend) && view.area == Area::Console,
        may_see_content: view.may(Right::SeeContent),
        may_publish: view.may(Right::PublishByHand),
        curl: curl::command(
            &view,
            &format!("/v1/events/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC)),
            &[("source", source.as_str())],
        ),
        path,
        shown: &shown,
        view: &view,
    })
}

fn row(
    (console, view): (&Console, &View),
    shown: &ShownEvent,
    (path, from_here): (&str, &str),
    receiver: EventReceiver,
) -> Row {
    let text = &view.text.event;
    let own = console.management.find_subscription(&view.actor, receiver.subscription);
    let (name, owner) = own.map_or_else(
        |_| (receiver.subscription.to_string(), String::new()),
        |own| (own.name.clone().unwrap_or_else(|| sink_text(&own.sink)), own.owner.clone()),
    );
    let next = |continuation| match continuation {
        Continuation::Attempt(next) => next.at,
        Continuation::None | Continuation::OtherNode => None,
    };
    let delivery = &view.text.delivery;
    let key = |record: &RecordOutcome| DeliveryKey {
        subscription: record.subscription,
        kanaal: shown.kanaal.clone(),
        partition: shown.partition,
        position: shown.position,
        run: record.run,
    };
    let timeline = match &receiver.result {
        Reception::Delivery(record, _) => Some(subscriptions::delivery_path(&key(record))),
        _ => None,
    };
    let timeline = timeline.map(|path| (path, format!("{}: {name}", delivery.timeline)));
    let (badge, (word, why), at, next) = match receiver.result {
        Reception::Delivery(record, continuation) => {
            let words = record.outcome.map_or((delivery.busy, delivery.busy_why), |outcome| (delivery.of)(outcome));
            (badge(record.outcome), words, Some(record.at), next(continuation))
        }
        Reception::Coming(continuation) => ("warning", (text.coming, text.coming_why), None, next(continuation)),
        Reception::After(reason) => ("warning", (text.after, (text.why)(reason)), None, None),
        Reception::Not(reason) => ("neutral", (text.not, (text.why)(reason)), None, None),
    };
    let redeliver = view.actor.may_manage(&owner).then(|| format!("{path}/opnieuw?aan={}", receiver.subscription));
    let own_path = subscriptions::path_of(receiver.subscription);
    let replay = redeliver.is_some().then(|| format!("{own_path}/herhalen?{from_here}"));
    Row { path: own_path, name, owner, badge, word, why, at, next, delivery: timeline, redeliver, replay }
}
