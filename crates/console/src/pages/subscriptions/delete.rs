//! The deletion of a subscription, which cannot be undone: a page with what is lost, and a confirmation that is typed.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error, Precondition, Right,
    journal::{DeadLetterQuery, Page},
};
use model::{Subscription, SubscriptionId};
use web::Problem;

use super::{
    LIST, id_of, path_of,
    seen::{self, Seen},
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::conflict::Conflict,
    sink_text::sink_text,
};

#[derive(Template)]
#[template(path = "subscription_delete.html")]
struct Delete<'a> {
    view: &'a View,
    path: String,
    receiver: String,
    owner: String,
    lag: u64,
    letters: u64,
    part_of_id: String,
    seen: Seen,
    typed: String,
    faults: Vec<(&'static str, String)>,
    conflict: Option<Conflict>,
}

/// Why the subscription was not deleted.
enum Refused {
    /// What is wrong with what was typed.
    Fault(String),
    /// Somebody changed the subscription after the page was made.
    Changed(Form),
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    show(&console, &view, id_of(&id)?, String::new(), None).await
}

/// Deletes the subscription when the first part of its id was typed.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let id = id_of(&id)?;
    let typed = form.text("bevestiging");
    if typed != first_part(id) {
        let fault = (view.text.subscription.confirm_wrong)(&first_part(id));
        return show(&console, &view, id, typed.to_owned(), Some(Refused::Fault(fault))).await;
    }
    let expected = Precondition::Versions(vec![seen::version(&form)?]);
    console.management.check_undeclared(id)?;
    match console.management.delete_subscription(&view.actor, id, &expected).await {
        // The confirmation is typed again, below what changed.
        Err(Error::PreconditionFailed) => show(&console, &view, id, String::new(), Some(Refused::Changed(form))).await,
        deleted => {
            deleted?;
            Ok(see_other(&view, LIST, "abonnement-verwijderd"))
        }
    }
}

async fn show(
    console: &Console,
    view: &View,
    id: SubscriptionId,
    typed: String,
    refused: Option<Refused>,
) -> PageResult {
    let management = &console.management;
    let own = management.find_subscription(&view.actor, id)?;
    if !view.actor.may_manage(&own.owner) {
        return Err(Problem::not_found("There is no such subscription."));
    }
    management.check_undeclared(id)?;
    let (status, fault, conflict) = match refused {
        None => (StatusCode::OK, None, None),
        Some(Refused::Fault(fault)) => (StatusCode::UNPROCESSABLE_ENTITY, Some(fault), None),
        Some(Refused::Changed(form)) => {
            let conflict = seen::conflict((console, view), &own, &form, view.text.conflict.not_deleted).await;
            (StatusCode::PRECONDITION_FAILED, None, Some(conflict))
        }
    };
    page_with(
        status,
        &Delete {
            view,
            path: path_of(id),
            receiver: sink_text(&own.sink),
            owner: own.owner.clone(),
            lag: management.subscription_status(&own).await.lag,
            letters: letters(console, view, &own).await?,
            part_of_id: first_part(id),
            seen: Seen::of(view, &own),
            typed,
            faults: fault.into_iter().map(|fault| ("bevestiging", fault)).collect(),
            conflict,
        },
    )
}

/// The number of its dead letters.
async fn letters(console: &Console, view: &View, own: &Subscription) -> Result<u64, Problem> {
    if !view.may(Right::SeeEvents) {
        return Ok(0);
    }
    let query = DeadLetterQuery { subscription: Some(own.id), ..DeadLetterQuery::default() };
    Ok(console.management.list_dead_letters(&view.actor, query, Page { offset: 0, limit: 1 }).await?.1)
}

/// The part of the id that is typed to confirm.
fn first_part(id: SubscriptionId) -> String {
    id.to_string().chars().take(8).collect()
}
