//! Finding events that the caller may see: an administrator all, others those that one of their own subscriptions
//! wants.

use std::sync::Arc;

use http::{HeaderMap, Uri};
use model::{Subscription, approval::Disclosure};
use storage::journal::{EventQuery, EventRow, Page};

use super::stored;
use crate::{
    api::v1::{list::Query, subscriptions::access},
    app::App,
    auth::Caller,
    problem::{Fault, Problem},
};

/// Most events with one id that are looked at.
const MAX_SAME_ID: u32 = 1_000;

/// The caller's subscriptions.
pub fn own(app: &App, caller: &Caller) -> Vec<Arc<Subscription>> {
    let registry = app.registry.read();
    registry.subscriptions().filter(|subscription| access::owns(caller, subscription)).cloned().collect()
}

/// What the caller may see of an event: what its own subscriptions get together; `None` when nothing.
pub async fn sight(
    app: &App,
    caller: &Caller,
    own: &[Arc<Subscription>],
    row: &EventRow,
) -> Result<Option<Disclosure>, Problem> {
    if caller.is_beheer() {
        return Ok(Some(Disclosure::ALL));
    }
    let gets = |own: &&Arc<Subscription>| own.selection.covers(&row.kanaal) && own.is_admitted(&row.kanaal);
    let covering: Vec<_> = own.iter().filter(gets).collect();
    if covering.is_empty() {
        return Ok(None);
    }
    let Some(record) = stored::at(app, &row.kanaal, row.partition, row.position).await? else { return Ok(None) };
    let Some(accepted) = stored::event(&record) else { return Ok(None) };
    let candidates = covering.into_iter().map(|subscription| (subscription, &subscription.selection));
    let wanting = stored::wanted(&row.kanaal, &accepted, candidates).into_iter();
    let disclosed = wanting.map(|own| own.disclosure(&row.kanaal).cloned().unwrap_or(Disclosure::ALL));
    Ok(disclosed.reduce(|one, other| one.or(&other)))
}

/// The `source` in the query, which tells events with equal ids apart; no other parameter is known.
pub fn source(app: &App, headers: &HeaderMap, uri: &Uri, more: &[&str]) -> Result<(Query, Option<String>), Problem> {
    let names: Vec<&str> = ["source"].iter().chain(more).copied().collect();
    let query = Query::read(app, headers, uri, &names)?;
    let source = query.text("source").map(str::to_owned);
    Ok((query, source))
}

/// Every place of the event with this id (and source) that the caller may see, newest first; 404 when there is none,
/// 400 when several sources have the id.
pub async fn places(app: &App, caller: &Caller, id: &str, source: Option<String>) -> Result<Vec<EventRow>, Problem> {
    let query = EventQuery { id: Some(id.to_owned()), source, ..EventQuery::default() };
    let rows = app.journal.events(query, Page { offset: 0, limit: MAX_SAME_ID }).await?;
    let own = own(app, caller);
    let mut seen: Vec<EventRow> = Vec::new();
    for row in rows {
        if sight(app, caller, &own, &row).await?.is_some() {
            seen.push(row);
        }
    }
    let Some(first) = seen.first() else {
        return Err(Problem::not_found("There is no such event, or it is not indexed yet."));
    };
    if seen.iter().any(|row| row.source != first.source) {
        let fault = Fault::new("source", "is needed: events of several sources have this id");
        return Err(Problem::invalid(vec![fault]));
    }
    Ok(seen)
}
