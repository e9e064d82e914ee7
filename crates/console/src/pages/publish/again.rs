//! Publishes a stored event as a new one: with a new id, and everything else as it was. Its payload is copied, not shown.

use askama::Template;
use axum::extract::{Path, State};
use management::by_hand::Draft;

use super::{outcome::Outcome, problem, published};
use crate::{
    Console, View,
    page::{PageResult, page},
    pages::events,
};

#[derive(Template)]
#[template(path = "publish_again.html")]
struct Again<'a> {
    view: &'a View,
    path: String,
    id: &'a str,
    outcome: Outcome,
}

/// The dry run, with a button that publishes.
pub async fn ask(State(console): State<Console>, Path((source, id)): Path<(String, String)>, view: View) -> PageResult {
    let draft = Draft::Copy { source: source.clone(), id: id.clone() };
    let run = console.management.dry_run_by_hand(&view.actor, &draft).await;
    let run = run.map_err(|error| problem(error, view.language))?;
    let outcome = Outcome::new(&console, &view, run);
    page(&Again { view: &view, path: events::path_of(&source, &id), id: &id, outcome })
}

/// Publishes it.
pub async fn post(
    State(console): State<Console>,
    Path((source, id)): Path<(String, String)>,
    view: View,
) -> PageResult {
    let done = console.management.publish_by_hand(&view.actor, &Draft::Copy { source, id }).await;
    let examined = done.map_err(|error| problem(error, view.language))?;
    Ok(published(&view, &examined))
}
