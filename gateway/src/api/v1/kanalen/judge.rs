//! Judging a subscription as the owner of a kanaal: who may, which one, and how the decision is recorded. The decision
//! is of the subscription as it was read: one that changed meanwhile is 412.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use model::{
    Kanaal, Subscription, SubscriptionId,
    approval::{Approval, ApprovalState, Disclosure, Judgement},
    decide::Command,
};

use super::read;
use crate::{
    api::v1::subscriptions::{access, status::StatusView, view::SubscriptionView},
    app::App,
    auth::Caller,
    problem::Problem,
};

/// Longest reason, in characters.
pub const MAX_REASON: usize = 1_000;

/// Whether the caller answers for the events of a kanaal.
pub fn may(caller: &Caller, kanaal: &Kanaal) -> bool {
    caller.is_beheer() || kanaal.owner.as_deref() == Some(caller.client_id.as_str())
}

/// The caller's kanaal with this name: 404 when there is none, 403 when it is another's.
pub fn own(app: &App, caller: &Caller, naam: &str) -> Result<Arc<Kanaal>, Problem> {
    let kanaal = read::find(app, naam)?;
    if may(caller, &kanaal) {
        return Ok(kanaal);
    }
    Err(Problem::forbidden("Only the owner of the kanaal or an administrator may do this."))
}

/// What the owner of a kanaal decides.
pub enum Verdict {
    /// The subscription gets events, or what is let out of them.
    Approved(Disclose),
    /// It gets none.
    Rejected,
}

/// What of the events leaves from now on.
#[derive(Debug, PartialEq, Eq)]
pub enum Disclose {
    /// What left before.
    AsBefore,
    /// Everything.
    Everything,
    /// This only.
    Only(Disclosure),
}

/// Records a decision and shows the subscription as its judge sees it.
pub async fn judge(
    app: &App,
    caller: &Caller,
    (naam, id): (&str, &str),
    headers: &HeaderMap,
    (verdict, reason): (Verdict, Option<String>),
) -> Result<Response, Problem> {
    let kanaal = own(app, caller, naam)?;
    let none = || Problem::not_found("There is no such subscription to this kanaal.");
    let id = SubscriptionId(id.parse().map_err(|_| none())?);
    let now = app.registry.read().subscription(id).cloned().ok_or_else(none)?;
    if !now.selection.covers(&kanaal.naam) {
        return Err(none());
    }
    access::check_if_match(app, headers, &now)?;
    let judgement = Judgement { by: caller.client_id.to_string(), at: app.clock.now(), reason };
    let before = now.disclosure(&kanaal.naam).cloned();
    let (state, disclose) = match verdict {
        Verdict::Approved(disclose) => {
            let disclose = match disclose {
                Disclose::AsBefore => before,
                Disclose::Everything => None,
                Disclose::Only(disclosure) => Some(disclosure),
            };
            (ApprovalState::Approved(judgement), disclose)
        }
        Verdict::Rejected => (ApprovalState::Rejected(judgement), before),
    };
    let approval = Approval { kanaal: kanaal.naam.clone(), state, disclose };
    app.control.submit(Command::Judge { id, seen: now.changed, approval }).await??;
    let now = app.registry.read().subscription(id).cloned().ok_or_else(none)?;
    Ok((StatusCode::OK, axum::Json(view(app, &kanaal, &now).await)).into_response())
}

/// A subscription as the owner of a kanaal sees it.
pub async fn view(app: &App, kanaal: &Kanaal, subscription: &Subscription) -> SubscriptionView {
    SubscriptionView::new(subscription, StatusView::now(app, subscription).await).for_owner_of(&kanaal.naam)
}
