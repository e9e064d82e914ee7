//! One action on several subscriptions: a page that counts those that it acts on, and the action on exactly these.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use management::Error;
use model::{Subscription, subscription::Status};
use web::Problem;

use super::{LIST, id_of, path_of};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page, see_other},
    sink_text::sink_text,
};

/// Most subscriptions of one action.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "subscriptions_bulk.html")]
struct Confirm<'a> {
    view: &'a View,
    title: &'static str,
    word: &'static str,
    /// The text of the button that confirms.
    button: String,
    acted_on: Vec<Row>,
    left_out: Vec<Row>,
    is_empty: bool,
}

#[derive(Template)]
#[template(path = "subscriptions_bulk_result.html")]
struct Done<'a> {
    view: &'a View,
    /// For how many it was done.
    number: usize,
    failed: Vec<(Row, Problem)>,
}

/// A subscription in a table.
struct Row {
    id: String,
    path: String,
    name: String,
    owner: String,
}

impl Row {
    fn new(own: &Subscription) -> Self {
        Self {
            id: own.id.to_string(),
            path: path_of(own.id),
            name: own.name.clone().unwrap_or_else(|| sink_text(&own.sink)),
            owner: own.owner.clone(),
        }
    }
}

/// What is done with the selected subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BulkAction {
    Pause,
    Resume,
    Revalidate,
}

impl BulkAction {
    fn read(word: &str) -> Result<Self, Problem> {
        let all = [Self::Pause, Self::Resume, Self::Revalidate];
        all.into_iter().find(|own| own.word() == word).ok_or_else(|| Problem::not_found("There is no such action."))
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Pause => "pauzeren",
            Self::Resume => "hervatten",
            Self::Revalidate => "toestemming",
        }
    }

    /// Whether it changes a subscription in this state.
    const fn fits(self, own: &Subscription) -> bool {
        match self {
            Self::Pause => matches!(own.status, Status::Active),
            Self::Resume => matches!(own.status, Status::Paused | Status::Suspended { .. }),
            Self::Revalidate => !matches!(own.status, Status::Expired { .. }),
        }
    }

    async fn act(self, console: &Console, view: &View, own: &Subscription) -> Result<(), Error> {
        let (management, actor) = (&console.management, &view.actor);
        let changed = match self {
            Self::Pause => management.pause_subscription(actor, own.id).await,
            Self::Resume => management.resume_subscription(actor, own.id).await,
            Self::Revalidate => management.revalidate_subscription(actor, own.id).await,
        };
        changed.map(drop)
    }
}

/// Counts the selected subscriptions and asks to confirm.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let action = BulkAction::read(&view.parameter("handeling").unwrap_or_default())?;
    let pairs = web::query::pairs(&view.head.uri);
    let ids = pairs.iter().filter(|(name, _)| name == "kies").map(|(_, id)| id.as_str());
    let selected = selected(&console, &view, ids)?;
    let is_empty = selected.is_empty();
    let (acted_on, left_out): (Vec<_>, Vec<_>) = selected.into_iter().partition(|own| action.fits(own));
    let text = &view.text.subscriptions_bulk;
    page(&Confirm {
        view: &view,
        title: text.titles[action as usize],
        word: action.word(),
        button: (text.confirm[action as usize])(acted_on.len()),
        acted_on: acted_on.iter().map(|own| Row::new(own)).collect(),
        left_out: left_out.iter().map(|own| Row::new(own)).collect(),
        is_empty,
    })
}

/// Acts on the subscriptions of the form, which are those that were counted.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let action = BulkAction::read(form.text("handeling"))?;
    let selected = selected(&console, &view, form.all("kies"))?;
    let (mut done, mut failed) = (0, Vec::new());
    for own in &selected {
        match action.act(&console, &view, own).await {
            Ok(()) => done += 1,
            Err(error) => failed.push((Row::new(own), error.into())),
        }
    }
    if failed.is_empty() {
        return Ok(see_other(&view, LIST, "abonnementen-gedaan"));
    }
    page(&Done { view: &view, number: done, failed })
}

/// The subscriptions with these ids, each once, all of which the person manages.
///
/// # Errors
/// 404 when one is not there for this person, and 400 for more than 200.
fn selected<'a>(
    console: &Console,
    view: &View,
    ids: impl Iterator<Item = &'a str>,
) -> Result<Vec<Arc<Subscription>>, Problem> {
    let mut found: Vec<Arc<Subscription>> = Vec::new();
    for id in ids {
        let own = console.management.find_subscription(&view.actor, id_of(id)?)?;
        if !view.actor.may_manage(&own.owner) {
            return Err(Problem::not_found("There is no such subscription."));
        }
        if found.iter().all(|before| before.id != own.id) {
            found.push(own);
        }
        if found.len() > MOST {
            return Err(Error::TooBroad(format!("At most {MOST} subscriptions at once.")).into());
        }
    }
    Ok(found)
}
