//! The paths of links that NotifyBC sent, for subscriptions that were imported from there (CH-131):
//! `GET /api/subscriptions/{id}/unsubscribe`, `…/unsubscribe/undo` and `…/verify`. Each leads to a page of ours with a button, so a
//! GET changes nothing. Only confirmed subscriptions are imported: a link to confirm leads to the page of a link that is void, as
//! a wrong one does.

use axum::{
    Extension,
    extract::{Path, State},
    response::IntoResponse,
};
use http::{HeaderValue, StatusCode, Uri, header};
use people::{OldAct, OldLink};
use web::{Problem, client::ClientAddress};

use super::{Pages, show::source};
use crate::page::PageResult;

/// The query parameter with the code.
const CODE: &str = "unsubscriptionCode";

/// The page to leave.
pub async fn leave(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    client: Option<Extension<ClientAddress>>,
    uri: Uri,
) -> PageResult {
    lead(&pages, OldAct::Leave, (&id, &uri), client).await
}

/// The page to undo that.
pub async fn undo(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    client: Option<Extension<ClientAddress>>,
    uri: Uri,
) -> PageResult {
    lead(&pages, OldAct::Undo, (&id, &uri), client).await
}

/// The page of a link that is void.
pub async fn verify(State(pages): State<Pages>, client: Option<Extension<ClientAddress>>) -> PageResult {
    let people = &pages.site.people;
    people.admit_page(None, &source(client))?;
    see_other(&people.void_page())
}

async fn lead(
    pages: &Pages,
    act: OldAct,
    (id, uri): (&str, &Uri),
    client: Option<Extension<ClientAddress>>,
) -> PageResult {
    let people = &pages.site.people;
    people.admit_page(None, &source(client))?;
    let code = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == CODE);
    let link = code.and_then(|(_, code)| OldLink::new(id, &code));
    let found = match link {
        Some(link) => people.page_of_old_link(&link, act).await,
        None => Err(people::Error::Unknown),
    };
    match found {
        Ok(url) => see_other(&url),
        Err(people::Error::Unknown) => see_other(&people.void_page()),
        Err(error) => Err(error.into()),
    }
}

fn see_other(url: &str) -> PageResult {
    let location = HeaderValue::from_str(url).map_err(|_| Problem::not_found("There is no such page."))?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}
