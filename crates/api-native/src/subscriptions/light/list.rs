//! `GET /v1/subscriptions?protocol=SMTP`: the light subscriptions of the caller, with addresses masked; an administrator sees all.
//! As CSV they are without filters and attributes, which are about the person.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use model::{Actor, addressee::StateKind};
use people::{Listed, Wanted};
use web::{
    accept,
    auth::Caller,
    csv::{self, Form},
    problem::{Fault, Problem},
};

use super::{LightView, view};
use crate::{
    Api,
    list::{Query, page_of_people},
};

/// The states by their words.
const STATES: [(&str, StateKind); 3] =
    [("unconfirmed", StateKind::Unconfirmed), ("confirmed", StateKind::Confirmed), ("ended", StateKind::Ended)];

/// The name of the file.
const NAME: &str = "addressees";

/// The columns of [`cells`].
const COLUMNS: [&str; 11] =
    ["id", "protocol", "kanaal", "sink", "language", "frequency", "state", "requested", "since", "changing", "owner"];

/// A row of the list as CSV.
fn cells(own: LightView) -> csv::Row {
    vec![
        own.id,
        own.protocol.to_owned(),
        own.config.kanalen.join(" "),
        own.sink,
        own.config.language.to_owned(),
        own.config.frequency.to_owned(),
        own.status.state.to_owned(),
        own.status.requested.unwrap_or_default(),
        own.status.since.unwrap_or_default(),
        own.status.changing.to_string(),
        own.owner.unwrap_or_default(),
    ]
}

/// Lists a page of them, or all as CSV.
///
/// # Errors
/// 400 for a parameter that they do not have, and for a cursor that was not made here.
pub async fn list(api: &Api, caller: &Caller, headers: &HeaderMap, query: &Query) -> Result<Response, Problem> {
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
    let wants_csv = accept::prefers_csv(headers);
    if api.people.is_none() {
        if wants_csv {
            return csv::answer_rows(Form::Csv, NAME, &COLUMNS, std::iter::empty()).await;
        }
        return Ok(Json(query.list_from(Vec::<LightView>::new(), None)).into_response());
    }
    let wanted = Wanted { kanaal: text("kanaal"), state, owner: text("owner"), cursor: text("cursor"), size };
    let actor = caller.actor();
    if wants_csv {
        let api = api.clone();
        return csv::answer_by_cursor(NAME, &COLUMNS, move |cursor, limit| {
            let (api, actor) = (api.clone(), actor.clone());
            let wanted = Wanted { cursor, size: limit as usize, ..wanted.clone() };
            async move {
                let Listed { rows, next } = page(&api, &actor, &wanted).await?;
                Ok((rows.into_iter().map(|shown| cells(view(shown))).collect(), next))
            }
        })
        .await;
    }
    let listed = page(api, &actor, &wanted).await?;
    let rows = listed.rows.into_iter().map(view).collect();
    Ok(Json(query.list_from::<LightView>(rows, listed.next.as_deref())).into_response())
}

/// A page of the list; none without people.
async fn page(api: &Api, actor: &Actor, wanted: &Wanted) -> Result<Listed, Problem> {
    let Some(people) = &api.people else { return Ok(Listed { rows: Vec::new(), next: None }) };
    page_of_people(people.list(actor, wanted).await)
}
