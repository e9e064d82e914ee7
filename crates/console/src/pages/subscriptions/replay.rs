//! Events delivered again to a subscription: a form for the period, the kanalen, type, source and subject, then a count with a confirmation, then
//! the start.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error,
    subscriptions::{CountedReplay, ReplayFilter, ReplayPosition, ReplayRequest},
};
use model::{Subscription, Timestamp};
use serde_json::Value;
use web::Problem;

use super::{id_of, path_of, shown::kanalen};
use crate::{
    Console, View,
    choice::Choice,
    curl,
    form::Form,
    page::{PageResult, page_with, see_other},
    sink_text::sink_text,
};

#[derive(Template)]
#[template(path = "subscription_replay.html")]
struct Replay<'a> {
    view: &'a View,
    path: String,
    receiver: String,
    typed: &'a Typed,
    kanalen: Vec<Choice>,
    faults: Vec<(&'static str, String)>,
    /// The fault of the start; empty without one.
    from_fault: String,
    /// The fault of the end; empty without one.
    until_fault: String,
    counted: Option<Counted>,
    /// The start of the run that was counted, and its command.
    commands: Vec<(&'static str, String)>,
}

/// What would be delivered again.
struct Counted {
    from: Timestamp,
    until: Timestamp,
    fields: Vec<(&'static str, String)>,
    events: u64,
    exact: bool,
    oldest: Option<Timestamp>,
    seconds: Option<u64>,
    /// Where the present deliveries are and what the run reads.
    positions: Vec<ReplayPosition>,
}

/// Which events, as typed.
#[derive(Default)]
struct Typed {
    from: String,
    until: String,
    kanalen: Vec<String>,
    kind: String,
    source: String,
    subject: String,
}

impl Typed {
    fn filter(&self) -> ReplayFilter {
        let text = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        ReplayFilter {
            types: text(&self.kind).into_iter().collect(),
            source: text(&self.source),
            subject: text(&self.subject),
        }
    }
}

/// The form, or with `stap=tellen` the count.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own(&console, &view, &id)?;
    let text = |name: &str| view.parameter(name).unwrap_or_default();
    let pairs = web::query::pairs(&view.head.uri);
    let names = pairs.into_iter().filter(|(name, _)| name == "kanaal").map(|(_, naam)| naam);
    let typed = Typed {
        from: text("van"),
        until: text("tot"),
        kanalen: names.collect(),
        kind: text("type"),
        source: text("bron"),
        subject: text("onderwerp"),
    };
    if text("stap") != "tellen" {
        return show(&view, &own, &typed, vec![], None);
    }
    let request = match request(&view, &typed) {
        Ok(request) => request,
        Err(faults) => return show(&view, &own, &typed, faults, None),
    };
    let from = request.from;
    let CountedReplay { count, until, positions } =
        match console.management.count_replay(&view.actor, own.id, request).await {
            Ok(counted) => counted,
            Err(error) => return show(&view, &own, &typed, faults_of(&view, error)?, None),
        };
    let mut fields = vec![("van", from.to_rfc3339()), ("tot", until.to_rfc3339())];
    fields.extend(typed.kanalen.iter().map(|naam| ("kanaal", naam.clone())));
    let filter = [("type", &typed.kind), ("bron", &typed.source), ("onderwerp", &typed.subject)];
    fields.extend(filter.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())));
    let counted = Counted {
        from,
        until,
        fields,
        events: count.events,
        exact: count.exact,
        oldest: count.oldest,
        seconds: count.seconds,
        positions,
    };
    show(&view, &own, &typed, vec![], Some(counted))
}

/// Starts the run.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let own = own(&console, &view, &id)?;
    let typed = Typed {
        from: form.text("van").to_owned(),
        until: form.text("tot").to_owned(),
        kanalen: form.all("kanaal").map(str::to_owned).collect(),
        kind: form.text("type").to_owned(),
        source: form.text("bron").to_owned(),
        subject: form.text("onderwerp").to_owned(),
    };
    let request = match request(&view, &typed) {
        Ok(request) => request,
        Err(faults) => return show(&view, &own, &typed, faults, None),
    };
    match console.management.replay_subscription(&view.actor, own.id, request).await {
        Ok(_) => Ok(see_other(&view, &path_of(own.id), "run-gestart")),
        Err(error) => show(&view, &own, &typed, faults_of(&view, error)?, None),
    }
}

/// The subscription, if the person may change it.
fn own(console: &Console, view: &View, id: &str) -> Result<Arc<Subscription>, Problem> {
    let own = console.management.find_subscription(&view.actor, id_of(id)?)?;
    let is_own = view.actor.may_manage(&own.owner);
    is_own.then_some(own).ok_or_else(|| Problem::not_found("There is no such subscription."))
}

fn request(view: &View, typed: &Typed) -> Result<ReplayRequest, Vec<(&'static str, String)>> {
    let text = &view.text.subscription;
    let mut faults = Vec::new();
    let from = view.read_moment(&typed.from);
    if from.is_none() {
        faults.push(("van", view.text.delivery.moment_wrong.to_owned()));
    }
    let until = view.read_moment(&typed.until);
    if until.is_none() && !typed.until.is_empty() {
        faults.push(("tot", view.text.delivery.moment_wrong.to_owned()));
    }
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        faults.push(("tot", text.replay_order.to_owned()));
    }
    match from {
        Some(from) if faults.is_empty() => {
            Ok(ReplayRequest { from, until, kanalen: typed.kanalen.clone(), filter: typed.filter() })
        }
        _ => Err(faults),
    }
}

/// The faults of a refused request; other errors are problems.
fn faults_of(view: &View, error: Error) -> Result<Vec<(&'static str, String)>, Problem> {
    match error {
        Error::TooBroad(_) => Ok(vec![("van", view.text.subscription.replay_too_many.to_owned())]),
        Error::Invalid(_) => Ok(vec![("kanaal", view.text.subscription.replay_kanaal.to_owned())]),
        other => Err(other.into()),
    }
}

fn show(
    view: &View,
    own: &Subscription,
    typed: &Typed,
    faults: Vec<(&'static str, String)>,
    counted: Option<Counted>,
) -> PageResult {
    let chosen = |naam: &str| typed.kanalen.iter().any(|own| own == naam);
    let choice = |naam: &str| Choice { value: naam.to_owned(), text: naam.to_owned(), is_chosen: chosen(naam) };
    let fault =
        |name: &str| faults.iter().find(|(own, _)| *own == name).map(|(_, text)| text.clone()).unwrap_or_default();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Replay {
            view,
            path: path_of(own.id),
            receiver: sink_text(&own.sink),
            typed,
            kanalen: kanalen(own).into_iter().map(choice).collect(),
            from_fault: fault("van"),
            until_fault: fault("tot"),
            faults,
            commands: counted.iter().map(|counted| command(view, own, typed, counted)).collect(),
            counted,
        },
    )
}

/// The same run as a command.
fn command(view: &View, own: &Subscription, typed: &Typed, counted: &Counted) -> (&'static str, String) {
    let ReplayFilter { types, source, subject } = typed.filter();
    let list = |names: Vec<String>| Some(names).filter(|names| !names.is_empty()).map(Value::from);
    let members = [
        ("from", Some(counted.from.to_rfc3339().into())),
        ("until", Some(counted.until.to_rfc3339().into())),
        ("kanalen", list(typed.kanalen.clone())),
        ("types", list(types)),
        ("source", source.map(Value::from)),
        ("subject", subject.map(Value::from)),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let path = format!("/v1/subscriptions/{}/replay", own.id);
    let command = curl::action_with_body(view, "POST", &path, &Value::Object(members.collect()));
    (view.text.subscription.replay_start, command)
}
