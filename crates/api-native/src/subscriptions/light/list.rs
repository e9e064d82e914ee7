//! `GET /v1/subscriptions?protocol=SMTP`: the light subscriptions of the caller, with addresses masked; an administrator sees all.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use model::addressee::StateKind;
use people::Wanted;
use web::{
    auth::Caller,
    problem::{Fault, Problem},
};

use super::{LightView, view};
use crate::{Api, list::Query};

/// The states by their words.
const STATES: [(&str, StateKind); 3] =
    [("unconfirmed", StateKind::Unconfirmed), ("confirmed", StateKind::Confirmed), ("ended", StateKind::Ended)];

/// Lists a page of them.
///
/// # Errors
/// 400 for a parameter that they do not have, and for a cursor that was not made here.
pub async fn list(api: &Api, caller: &Caller, query: &Query) -> Result<Response, Problem> {
    let none_of = |name: &str| Fault::new(name, "is for subscriptions with protocol HTTP");
    let faults: Vec<Fault> =
        ["sink", "q", "page"].into_iter().filter(|name| query.text(name).is_some()).map(none_of).collect();
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let state = query.typed("state", "must be one of: unconfirmed, confirmed, ended", |word| {
        STATES.iter().find(|(own, _)| *own == word).map(|(_, kind)| *kind)
    })?;
    let text = |name: &str| query.text(name).map(str::to_owned);
    let size = query.paging()?.size();
    let Some(people) = &api.people else {
        return Ok(Json(query.list_from(Vec::<LightView>::new(), None)).into_response());
    };
    let wanted = Wanted { kanaal: text("kanaal"), state, owner: text("owner"), cursor: text("cursor"), size };
    let listed = match people.list(&caller.actor(), &wanted).await {
        Err(people::Error::Unknown) => {
            return Err(Problem::invalid(vec![Fault::new("cursor", "must be that of a link to the next page")]));
        }
        listed => listed?,
    };
    let rows = listed.rows.into_iter().map(view).collect();
    Ok(Json(query.list_from::<LightView>(rows, listed.next.as_deref())).into_response())
}
