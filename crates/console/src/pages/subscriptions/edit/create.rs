//! A new subscription.

use axum::extract::State;
use management::{Error, subscriptions::Created};
use web::Problem;

use super::{
    super::path_of,
    faults::Faults,
    fields::owners,
    page::{Shown, show},
    read::Reading,
    typed::Typed,
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, see_other},
    text::subscription_form::{Field, Texts},
};

/// The empty form, or with what was typed when the session lapsed.
pub async fn new(State(console): State<Console>, view: View) -> PageResult {
    if let Some(form) = view.kept() {
        let typed = Typed::of_form(form);
        return show(&console, &view, Shown::again(form, &typed));
    }
    let owners = owners(&console, &view);
    let owner = owners.first().map_or("", |(client_id, _)| client_id.as_str());
    let typed = Typed::new(&view, console.management.settings.default_retry, owner);
    show(&console, &view, Shown::new(&typed))
}

/// The form with another row, the fields of another kind of credential, or a preview.
pub async fn redraw(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let typed = Typed::of_form(&form);
    Shown::redrawn(&console, &view, &form, &typed, None).await
}

/// Creates the subscription.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let (typed, faults) = (Typed::of_form(&form), Faults::default());
    let reading =
        Reading { console: &console, view: &view, form: &form, typed: &typed, present: None, faults: &faults };
    let request = reading.request();
    if faults.is_empty() {
        let owner = typed.get(Field::Owner);
        match console.management.create_subscription_for(&view.actor, owner, request).await {
            Ok(Created::New(own) | Created::Before(own)) => {
                return Ok(see_other(&view, &path_of(own.id), "abonnement-aangemaakt"));
            }
            Err(error) => faults.add_error(&view.text.subscription_form, &typed, error)?,
        }
    }
    show(&console, &view, Shown { faults, ..Shown::again(&form, &typed) })
}

impl Faults {
    /// Adds what a use case refuses because of what was typed. Other errors are problems.
    pub(super) fn add_error(&self, text: &Texts, typed: &Typed, error: Error) -> Result<(), Problem> {
        match error {
            Error::Invalid(refused) => self.add_refused(text, typed, &refused),
            Error::Conflict(conflict) => {
                self.add(Field::Whole.name().to_owned(), (text.conflict)(&Problem::from(Error::Conflict(conflict))));
            }
            Error::Forbidden(_) => self.wrong(text, Field::Consent),
            other => return Err(other.into()),
        }
        Ok(())
    }
}
