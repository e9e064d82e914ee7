//! The deletion of a kanaal, which cannot be undone: what it means, and its name typed as a confirmation.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::subscriptions::SubscriptionFilter;

use super::{LIST, path_of};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
};

#[derive(Template)]
#[template(path = "kanaal_delete.html")]
struct Delete<'a> {
    view: &'a View,
    naam: &'a str,
    path: String,
    /// Subscriptions that name it, of those that the person sees.
    subscriptions: usize,
    typed: String,
    purges: bool,
    faults: Vec<(&'static str, String)>,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    show(&console, &view, &naam, &Form::default(), None).await
}

/// Deletes the kanaal when its name was typed.
pub async fn post(State(console): State<Console>, Path(naam): Path<String>, view: View, form: Form) -> PageResult {
    let kanaal = console.management.find_own_kanaal(&view.actor, &naam)?;
    if form.text("bevestiging") != kanaal.naam.as_str() {
        let fault = view.text.kanaal_form.confirm_wrong;
        return show(&console, &view, &naam, &form, Some(fault.to_owned())).await;
    }
    console.management.delete_kanaal(&view.actor, &naam, form.is_ticked("wissen")).await?;
    Ok(see_other(&view, LIST, "kanaal-verwijderd"))
}

async fn show(console: &Console, view: &View, naam: &str, form: &Form, fault: Option<String>) -> PageResult {
    let kanaal = console.management.find_own_kanaal(&view.actor, naam)?;
    let all = console.management.list_subscriptions(&view.actor, &SubscriptionFilter::default()).await;
    let path = path_of(kanaal.naam.as_str());
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(
        status,
        &Delete {
            view: &view.at(&format!("{path}/verwijderen")),
            naam: kanaal.naam.as_str(),
            subscriptions: all.iter().filter(|own| own.selection.names(&kanaal.naam)).count(),
            path,
            typed: form.text("bevestiging").to_owned(),
            purges: form.is_ticked("wissen"),
            faults: fault.into_iter().map(|fault| ("bevestiging", fault)).collect(),
        },
    )
}
