//! Ends a session, or all sessions of its person, on every node. Whose a person may end is decided by the use case.

use axum::extract::{Path, State};
use uuid::Uuid;
use web::Problem;

use super::PATH;
use crate::{
    Console, View,
    page::{PageResult, see_other},
};

/// Ends one session.
pub async fn one(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    console.management.end_listed_session(&view.actor, id_of(&id)?).await?;
    Ok(see_other(&view, PATH, "sessie-beeindigd"))
}

/// Ends all sessions of the person of a session.
pub async fn everything(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    console.management.end_sessions_of_person(&view.actor, id_of(&id)?).await?;
    Ok(see_other(&view, PATH, "sessies-beeindigd"))
}

fn id_of(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| Problem::not_found("There is no such session."))
}
