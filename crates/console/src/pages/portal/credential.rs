//! The credential of a subscription: it is replaced and never read.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{Error, Precondition, subscriptions::SubscriptionRequest};
use model::Subscription;

use super::{
    credential_fields::{self, CredentialFields},
    own_subscription, title_of,
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::{
        conflict::Conflict,
        subscriptions::{
            self,
            seen::{self, Seen},
        },
    },
};

#[derive(Template)]
#[template(path = "portal_credential.html")]
struct Replace<'a> {
    view: &'a View,
    path: String,
    subscription: String,
    present: &'static str,
    seen: Seen,
    credential: CredentialFields,
    faults: Vec<(&'static str, String)>,
    conflict: Option<Conflict>,
}

impl Replace<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault.as_str())
    }
}

/// The form.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    show(&view, &own, &Form::default(), vec![], None)
}

/// Replaces the credential.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let own = own_subscription(&console, &view, &id)?;
    let management = &console.management;
    management.check_undeclared(own.id)?;
    let credential = match credential_fields::read(&view, &form, &|url| management.receivers.check_url(url)) {
        Ok(credential) => credential,
        Err(faults) => return show(&view, &own, &form, faults, None),
    };
    let expected = Precondition::Versions(vec![seen::version(&form)?]);
    let propose = |present: &Subscription| {
        let credential = Some(credential.clone());
        Ok::<_, Error>(SubscriptionRequest { credential, ..SubscriptionRequest::of(present) })
    };
    match management.change_subscription(&view.actor, own.id, &expected, propose).await {
        Err(Error::PreconditionFailed) => {
            let own = own_subscription(&console, &view, &id)?;
            let what = view.text.conflict.not_replaced;
            let conflict = seen::conflict((&console, &view), &own, &form, what).await;
            show(&view, &own, &form, vec![], Some(conflict))
        }
        changed => {
            changed?;
            Ok(see_other(&view, &subscriptions::path_of(own.id), "inloggegevens-vervangen"))
        }
    }
}

fn show(
    view: &View,
    own: &Subscription,
    form: &Form,
    faults: Vec<(&'static str, String)>,
    conflict: Option<Conflict>,
) -> PageResult {
    let status = match &conflict {
        Some(_) => StatusCode::PRECONDITION_FAILED,
        None if faults.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page_with(
        status,
        &Replace {
            view,
            path: subscriptions::path_of(own.id),
            subscription: title_of(own),
            present: subscriptions::credential_text(&own.credential, view.text),
            seen: Seen::of(view, own),
            credential: CredentialFields::of(view, form),
            faults,
            conflict,
        },
    )
}
