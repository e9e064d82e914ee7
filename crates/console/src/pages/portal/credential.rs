//! The credential of a subscription: it is replaced and never read.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{Error, Precondition, subscriptions::SubscriptionRequest};
use model::{Subscription, Timestamp};
use web::Problem;

use super::{
    credential_fields::{self, CredentialFields},
    own_subscription, title_of,
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::subscriptions,
};

#[derive(Template)]
#[template(path = "portal_credential.html")]
struct Replace<'a> {
    view: &'a View,
    path: String,
    subscription: String,
    present: &'static str,
    version: i64,
    credential: CredentialFields,
    faults: Vec<(&'static str, String)>,
}

impl Replace<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault.as_str())
    }
}

/// The form.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    show(&view, &own, &Form::default(), vec![])
}

/// Replaces the credential.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    let management = &console.management;
    management.check_undeclared(own.id)?;
    let credential = match credential_fields::read(&view, &form, &|url| management.receivers.check_url(url)) {
        Ok(credential) => credential,
        Err(faults) => return show(&view, &own, &form, faults),
    };
    let version = form.text("versie").parse().map(Timestamp::from_micros);
    let version = version.map_err(|_| Problem::precondition_failed())?;
    let propose = |present: &Subscription| {
        let credential = Some(credential.clone());
        Ok::<_, Error>(SubscriptionRequest { credential, ..SubscriptionRequest::of(present) })
    };
    management.change_subscription(&view.actor, own.id, &Precondition::Versions(vec![version]), propose).await?;
    Ok(see_other(&view, &subscriptions::path_of(own.id), "inloggegevens-vervangen"))
}

fn show(view: &View, own: &Subscription, form: &Form, faults: Vec<(&'static str, String)>) -> PageResult {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Replace {
            view,
            path: subscriptions::path_of(own.id),
            subscription: title_of(own),
            present: subscriptions::credential_text(&own.credential, view.text),
            version: own.changed.as_micros(),
            credential: CredentialFields::of(view, form),
            faults,
        },
    )
}
