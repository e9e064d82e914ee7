//! The confirmations for many dead letters: each page counts first, and its form names the same dead letters with a time
//! bound, so that what is created later is not part of it.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{Error, Resource, journal::DeadLetterQuery};
use model::audit::{Action, Object, ObjectKind};
use serde_json::json;

use super::{
    LIST,
    filter::{Faults, Filter},
};
use crate::{
    Console, View, curl,
    form::Form,
    page::{PageResult, page_with, see_other},
};

#[derive(Template)]
#[template(path = "dead_letters_confirm.html")]
struct Confirm<'a> {
    view: &'a View,
    is_deletion: bool,
    action: String,
    back: String,
    words: Vec<(&'static str, String)>,
    fields: Vec<(&'static str, String)>,
    count: u64,
    /// The count as it is shown.
    number: String,
    typed: String,
    /// Whether the number changed since it was shown.
    is_changed: bool,
    faults: Faults,
    /// The action, and its command; empty when the API has no command for it.
    commands: Vec<(&'static str, String)>,
}

/// The field with the number that was shown.
const COUNTED: &str = "geteld";

/// What the form said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posted<'a> {
    /// There was none yet.
    Nothing,
    /// Another number than there is now.
    OtherNumber,
    /// A text to confirm a deletion with.
    Typed(&'a str),
}

/// What is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmed {
    Redrive,
    Deletion,
}

/// Asks to confirm that dead letters are delivered again.
pub async fn ask_redrive(State(console): State<Console>, view: View) -> PageResult {
    let filter = Filter::of_page(&view).bounded(view.now);
    show(&console, &view, Confirmed::Redrive, &filter, Posted::Nothing).await
}

/// Asks to confirm that dead letters are deleted.
pub async fn ask_delete(State(console): State<Console>, view: View) -> PageResult {
    let filter = Filter::of_page(&view).bounded(view.now);
    show(&console, &view, Confirmed::Deletion, &filter, Posted::Nothing).await
}

/// Delivers them again.
pub async fn redrive(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let filter = Filter::of_form(&form).bounded(view.now);
    let (query, faults) = filter.query(&view);
    if !faults.is_empty() {
        return show(&console, &view, Confirmed::Redrive, &filter, Posted::Nothing).await;
    }
    let count = count(&console, &view, &filter, query.clone()).await?;
    if form.text(COUNTED) != count.to_string() {
        return show(&console, &view, Confirmed::Redrive, &filter, Posted::OtherNumber).await;
    }
    console.management.redrive(&view.actor, query).await?;
    Ok(see_other(&view, LIST, "run-gestart"))
}

/// Deletes them when their number was typed.
pub async fn delete(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let filter = Filter::of_form(&form).bounded(view.now);
    let (query, faults) = filter.query(&view);
    let count = if faults.is_empty() { count(&console, &view, &filter, query.clone()).await? } else { 0 };
    let typed = form.text("bevestiging");
    if count == 0 || typed != count.to_string() {
        return show(&console, &view, Confirmed::Deletion, &filter, Posted::Typed(typed)).await;
    }
    let object = Object::new(ObjectKind::DeadLetter, object_text(&filter, count));
    console.web.recorder.record(&view.actor, Action::DeadLetterDelete, object).await?;
    console.management.delete_dead_letters(&view.actor, query).await?;
    Ok(see_other(&view, LIST, "dead-letters-verwijderd"))
}

/// The dead letters of a deletion in the audit trail: an id, or the filter and the number.
fn object_text(filter: &Filter, count: u64) -> String {
    match filter.numbers.as_slice() {
        [one] => one.clone(),
        [] => format!("{count}: {}", filter.to_query()),
        many => format!("{count}: {}", many.join(",")),
    }
}

/// How many dead letters the person may handle.
///
/// # Errors
/// 404 when some were chosen and none of them is there for this person.
async fn count(console: &Console, view: &View, filter: &Filter, query: DeadLetterQuery) -> Result<u64, web::Problem> {
    let count = console.management.count_own_dead_letters(&view.actor, query).await?;
    if count == 0 && !filter.numbers.is_empty() {
        return Err(Error::NotFound(Resource::DeadLetter).into());
    }
    Ok(count)
}

async fn show(console: &Console, view: &View, confirmed: Confirmed, filter: &Filter, posted: Posted<'_>) -> PageResult {
    let text = &view.text.dead_letters;
    let (query, mut faults) = filter.query(view);
    let count = if faults.is_empty() { count(console, view, filter, query).await? } else { 0 };
    // Digits only, as they are typed.
    let number = count.to_string();
    if matches!(posted, Posted::Typed(_)) && count > 0 {
        faults.push(("bevestiging", (text.confirm_wrong)(&number)));
    }
    let back = Filter { until: String::new(), ..filter.clone() }.to_query();
    let action = match confirmed {
        Confirmed::Redrive => "opnieuw",
        Confirmed::Deletion => "verwijderen",
    };
    let is_changed = posted == Posted::OtherNumber;
    let status = match (faults.is_empty(), is_changed) {
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::CONFLICT,
        (true, false) => StatusCode::OK,
    };
    page_with(
        status,
        &Confirm {
            view,
            is_deletion: confirmed == Confirmed::Deletion,
            action: format!("{LIST}/{action}"),
            back: format!("{LIST}?{back}"),
            words: filter.words(view),
            fields: filter.pairs(),
            count,
            number,
            typed: if let Posted::Typed(typed) = posted { typed.to_owned() } else { String::new() },
            is_changed,
            faults,
            commands: command(view, confirmed, filter).into_iter().collect(),
        },
    )
}

/// The command of what is confirmed; `None` where the native API has no single request for it.
fn command(view: &View, confirmed: Confirmed, filter: &Filter) -> Option<(&'static str, String)> {
    let text = &view.text.dead_letters;
    match (confirmed, filter.numbers.as_slice()) {
        (Confirmed::Deletion, [one]) => {
            let id: uuid::Uuid = one.parse().ok()?;
            Some((text.delete_title, curl::action(view, "DELETE", &format!("/v1/dead-letters/{id}"))))
        }
        (Confirmed::Deletion, _) => None,
        (Confirmed::Redrive, _) => {
            let body = json!({ "filter": filter.of_api(view)? });
            Some((text.redrive_title, curl::action_with_body(view, "POST", "/v1/dead-letters/redrive", &body)))
        }
    }
}
