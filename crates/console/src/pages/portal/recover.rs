//! Recovery after an outage: what failed since a moment, or everything since then, is counted first and then delivered again in a
//! run.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{
    Error,
    journal::DeadLetterQuery,
    runs::DeliveryCount,
    subscriptions::{ReplayFilter, ReplayRequest},
};
use model::{Subscription, Timestamp, subscription::Status};
use web::Problem;

use super::{own_subscription, own_subscriptions, title_of};
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::{runs, subscriptions},
};

/// The path of the page.
pub const PATH: &str = "/portaal/herstellen";

/// The value of `wat` for all events; any other is for those whose delivery failed.
const ALL: &str = "alles";

/// A field of the form and what is wrong with it.
type Fault = (&'static str, String);

#[derive(Template)]
#[template(path = "portal_recover.html")]
struct Recover<'a> {
    view: &'a View,
    typed: &'a Typed,
    subscriptions: Vec<Choice>,
    faults: Vec<Fault>,
    counted: Option<Counted>,
}

impl Recover<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault.as_str())
    }
}

/// What would be delivered again.
struct Counted {
    name: String,
    path: String,
    from: Timestamp,
    until: Timestamp,
    /// The moments as the form sends them.
    bounds: (String, String),
    count: DeliveryCount,
    everything: bool,
    /// Whether the subscription delivers nothing until it is resumed.
    is_stopped: bool,
    /// Whether the subscription has ended, so that nothing can be delivered.
    has_ended: bool,
}

/// The form as it was filled in.
#[derive(Default)]
struct Typed {
    subscription: String,
    from: String,
    until: String,
    everything: bool,
}

/// What is to be delivered again: to which subscription, and the period of acceptance or failure.
struct Wanted {
    own: Arc<Subscription>,
    from: Timestamp,
    until: Timestamp,
    everything: bool,
}

impl Wanted {
    fn dead_letters(&self) -> DeadLetterQuery {
        DeadLetterQuery {
            subscription: Some(self.own.id),
            from: Some(self.from),
            until: Some(self.until),
            ..DeadLetterQuery::default()
        }
    }

    fn replay(&self) -> ReplayRequest {
        ReplayRequest { from: self.from, until: Some(self.until), kanalen: vec![], filter: ReplayFilter::default() }
    }
}

/// The form, or with `stap=tellen` the count.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let text = |name: &str| view.parameter(name).unwrap_or_default();
    let mut typed = Typed {
        subscription: text("abonnement"),
        from: text("van"),
        until: String::new(),
        everything: text("wat") == ALL,
    };
    if text("stap") != "tellen" {
        if !typed.subscription.is_empty() && typed.from.is_empty() {
            typed.from = outage_of(&console, &view, &typed.subscription).await?;
        }
        return show(&console, &view, &typed, vec![], None).await;
    }
    let wanted = match wanted(&console, &view, &typed)? {
        Ok(wanted) => wanted,
        Err(faults) => return show(&console, &view, &typed, faults, None).await,
    };
    let count = if wanted.everything {
        console.management.count_replay(&view.actor, wanted.own.id, wanted.replay()).await?.count
    } else {
        console.management.count_redrive(&view.actor, wanted.dead_letters()).await?
    };
    let own = &wanted.own;
    let counted = Counted {
        name: title_of(own),
        path: subscriptions::path_of(own.id),
        from: wanted.from,
        until: wanted.until,
        bounds: (wanted.from.to_rfc3339(), wanted.until.to_rfc3339()),
        count,
        everything: wanted.everything,
        is_stopped: is_stopped(own),
        has_ended: matches!(own.status, Status::Gone { .. } | Status::Expired { .. }),
    };
    show(&console, &view, &typed, vec![], Some(counted)).await
}

/// Resumes the subscription when that was asked for, and starts the run.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let typed = Typed {
        subscription: form.text("abonnement").to_owned(),
        from: form.text("van").to_owned(),
        until: form.text("tot").to_owned(),
        everything: form.text("wat") == ALL,
    };
    let wanted = match wanted(&console, &view, &typed)? {
        Ok(wanted) => wanted,
        Err(faults) => return show(&console, &view, &typed, faults, None).await,
    };
    if form.is_ticked("hervatten") && is_stopped(&wanted.own) {
        console.management.resume_subscription(&view.actor, wanted.own.id).await?;
    }
    let started = if wanted.everything {
        console.management.replay_subscription(&view.actor, wanted.own.id, wanted.replay()).await.map(drop)
    } else {
        console.management.redrive(&view.actor, wanted.dead_letters()).await.map(drop)
    };
    match started {
        Ok(()) => Ok(see_other(&view, runs::LIST, "run-gestart")),
        Err(Error::TooBroad(_)) => {
            let fault = vec![("van", view.text.portal.recover.too_many.to_owned())];
            show(&console, &view, &typed, fault, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a subscription delivers nothing until it is resumed.
const fn is_stopped(own: &Subscription) -> bool {
    matches!(own.status, Status::Paused | Status::Suspended { .. })
}

/// The moment since when the receiver of a subscription fails, as it is typed; empty when it does not.
async fn outage_of(console: &Console, view: &View, id: &str) -> Result<String, Problem> {
    let own = own_subscription(console, view, id)?;
    let status = console.management.subscription_status(&own).await;
    let since = status.outage_since.or(status.oldest_undelivered);
    let suspended = match &own.status {
        Status::Suspended { at, .. } => Some(*at),
        _ => None,
    };
    Ok(since.into_iter().chain(suspended).min().map(Timestamp::to_rfc3339).unwrap_or_default())
}

/// What is wanted, or the faults of the form. A subscription of others is not there.
fn wanted(console: &Console, view: &View, typed: &Typed) -> Result<Result<Wanted, Vec<Fault>>, Problem> {
    let text = &view.text.portal.recover;
    let mut faults = Vec::new();
    let own = if typed.subscription.is_empty() {
        faults.push(("abonnement", text.no_subscription.to_owned()));
        None
    } else {
        Some(own_subscription(console, view, &typed.subscription)?)
    };
    let from = view.read_moment(&typed.from);
    let until = if typed.until.is_empty() { Some(view.now) } else { view.read_moment(&typed.until) };
    if from.is_none() || until.is_none() {
        faults.push(("van", view.text.delivery.moment_wrong.to_owned()));
    }
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        faults.push(("van", text.in_future.to_owned()));
    }
    Ok(match (own, from, until) {
        (Some(own), Some(from), Some(until)) if faults.is_empty() => {
            Ok(Wanted { own, from, until, everything: typed.everything })
        }
        _ => Err(faults),
    })
}

async fn show(
    console: &Console,
    view: &View,
    typed: &Typed,
    faults: Vec<Fault>,
    counted: Option<Counted>,
) -> PageResult {
    let own = own_subscriptions(console, view).await;
    let choices = own.iter().map(|one| (one.id.to_string(), title_of(one)));
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let subscriptions = Choice::list(choices, &typed.subscription);
    page_with(status, &Recover { view, typed, subscriptions, faults, counted })
}
