//! The change of a subscription. The form names the version that it was made of: when somebody else changed the subscription
//! meanwhile, the page shows both versions.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use management::{Error, Precondition, subscriptions::SubscriptionRequest};
use model::Subscription;
use web::Problem;

use super::{
    super::{id_of, path_of, seen::version},
    difference::differences,
    faults::Faults,
    page::{Shown, show},
    read::Reading,
    typed::Typed,
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, see_other},
    pages::conflict::{Conflict, Versions},
};

/// Why a change was not made.
enum Refused {
    /// The form has faults.
    Faults(Faults),
    /// The use case refuses it.
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The form with the stored values, or with what was typed when the session lapsed.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let present = present(&console, &view, &id)?;
    if let Some(form) = view.kept() {
        let (typed, version) = (Typed::of_form(form), version(form)?);
        return show(&console, &view, Shown { present: Some((&*present, version)), ..Shown::again(form, &typed) });
    }
    let typed = Typed::of(&present, &view);
    show(&console, &view, Shown { present: Some((&*present, present.changed)), ..Shown::new(&typed) })
}

/// The form with another row, the fields of another kind of credential, or a preview.
pub async fn redraw(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let present = present(&console, &view, &id)?;
    let typed = Typed::of_form(&form);
    Shown::redrawn(&console, &view, &form, &typed, Some((&*present, version(&form)?))).await
}

/// Stores the change.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let own = present(&console, &view, &id)?;
    console.management.check_undeclared(own.id)?;
    let (typed, version) = (Typed::of_form(&form), version(&form)?);
    let propose = |present: &Subscription| -> Result<SubscriptionRequest, Refused> {
        let faults = Faults::default();
        let present = Some(present);
        let reading = Reading { console: &console, view: &view, form: &form, typed: &typed, present, faults: &faults };
        let request = reading.request();
        if faults.is_empty() { Ok(request) } else { Err(Refused::Faults(faults)) }
    };
    let expected = Precondition::Versions(vec![version]);
    let shown = Shown { present: Some((&*own, version)), ..Shown::again(&form, &typed) };
    match console.management.change_subscription(&view.actor, own.id, &expected, propose).await {
        Ok(own) => Ok(see_other(&view, &path_of(own.id), "abonnement-gewijzigd")),
        Err(Refused::Faults(faults)) => show(&console, &view, Shown { faults, ..shown }),
        Err(Refused::Error(Error::PreconditionFailed)) => {
            let stored = present(&console, &view, &id)?;
            let versions = Versions::Typed(differences(&console, &view, &stored, &typed));
            let what = view.text.subscription_form.changed_meanwhile;
            let conflict = Some(Conflict::of_subscription((&console, &view), &stored, what, versions).await);
            let present = Some((&*stored, stored.changed));
            let status = StatusCode::PRECONDITION_FAILED;
            show(&console, &view, Shown { present, conflict, status, ..Shown::again(&form, &typed) })
        }
        Err(Refused::Error(error)) => {
            let faults = Faults::default();
            faults.add_error(&view.text.subscription_form, &typed, error)?;
            show(&console, &view, Shown { faults, ..shown })
        }
    }
}

/// The subscription, if the person may change it.
fn present(console: &Console, view: &View, id: &str) -> Result<Arc<Subscription>, Problem> {
    let own = console.management.find_subscription(&view.actor, id_of(id)?)?;
    let is_own = view.actor.may_manage(&own.owner);
    is_own.then_some(own).ok_or_else(|| Problem::not_found("There is no such subscription."))
}
