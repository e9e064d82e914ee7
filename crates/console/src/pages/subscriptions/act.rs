//! The actions on a subscription that can be undone: pause, resume, ask for consent again; and delivering one event again.

use axum::extract::{Path, State};

use super::{delivery, id_of, path_of};
use crate::{
    Console, View,
    page::{PageResult, see_other},
};

/// Pauses the subscription.
pub async fn pause(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = console.management.pause_subscription(&view.actor, id_of(&id)?).await?;
    Ok(see_other(&view, &path_of(own.id), "gepauzeerd"))
}

/// Resumes the subscription.
pub async fn resume(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = console.management.resume_subscription(&view.actor, id_of(&id)?).await?;
    Ok(see_other(&view, &path_of(own.id), "hervat"))
}

/// Asks the receiver for consent again.
pub async fn revalidate(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = console.management.revalidate_subscription(&view.actor, id_of(&id)?).await?;
    Ok(see_other(&view, &path_of(own.id), "toestemming-gevraagd"))
}

/// Delivers the event of a delivery again to its subscription.
pub async fn redeliver(State(console): State<Console>, Path(parts): Path<delivery::Parts>, view: View) -> PageResult {
    let key = delivery::key_of(&parts, &view)?;
    console.management.redeliver_record(&view.actor, &key).await?;
    Ok(see_other(&view, &delivery::path_of(&key), "opnieuw-bezorgd"))
}
