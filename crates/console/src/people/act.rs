//! `POST /a/{token}`: does what a button or a mail program asks of a link. It needs no cookie and no log-in (CH-56).
//!
//! A one-click request is answered with the page itself, without a redirect (RFC 8058 3.1); a button with a redirect to the
//! page, so that loading it again does nothing.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use model::{
    Actor, Grants, Interface, Origin,
    addressee::{AddresseeId, Channel},
    audit::{Action, Object, ObjectKind},
};
use people::{Act, Link, Page};
use serde_json::Map;
use web::{Problem, ProblemType, client::ClientAddress, problem::Fault};

use super::{
    Pages,
    data::{self, Entered},
    outcome,
    request::{self, Asked},
    show::{self, source, write},
    view::{Notice, View},
};
use crate::page::PageResult;

/// The issuer of a person who is known only by a link, in the audit trail. The subject is the id of the addressee.
const ISSUER: &str = "link";

/// Does it.
pub async fn handler(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    client: Option<Extension<ClientAddress>>,
    origin: Option<Extension<Origin>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> PageResult {
    let people = &pages.site.people;
    let link = people.links().parse(&token);
    let source = source(client);
    people.admit_page(link.as_ref(), &source)?;
    let bytes = web::body::receive(&pages.web, &headers, body).await?;
    if bytes.len() > request::MAX_BYTES {
        return Err(Problem::too_large(request::MAX_BYTES));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = request::read(kind, &bytes);
    let view = View::new(&pages.site, &pages.web.settings.prefix, &uri, &headers);
    let origin = origin.map(|origin| origin.0);
    let Some(link) = link else {
        let error = people::Error::Unknown;
        // A mail program follows no redirect (RFC 8058 3.1).
        let is_one_click = asked == Some(Asked::Act(Act::OneClick));
        return if is_one_click { Err(error.into()) } else { outcome::failed(&pages, &view, None, error).await };
    };
    let asked = asked.ok_or_else(|| Problem::new(ProblemType::InvalidRequest, "The form asks for nothing known."))?;
    let answer = perform(&pages, &view, (&link, asked), &source, origin).await;
    answer.map(|answer| pages.site.outcomes.with_targets(answer))
}

/// Does what was asked.
async fn perform(
    pages: &Pages,
    view: &View<'_>,
    (link, asked): (&Link, Asked),
    source: &str,
    origin: Option<Origin>,
) -> PageResult {
    let people = &pages.site.people;
    match asked {
        Asked::Act(act) => {
            let has_changed = match people.act(link, act).await {
                Ok(has_changed) => has_changed,
                Err(error) if act == Act::OneClick => return Err(error.into()),
                Err(error) => return outcome::failed(pages, view, Some(link), error).await,
            };
            if has_changed {
                let action = match act {
                    Act::Confirm => Action::AddresseeConfirm,
                    Act::Leave | Act::LeaveAll | Act::OneClick => Action::AddresseeLeave,
                    Act::Undo => Action::AddresseeUndo,
                };
                record(pages, id_of(link), action, origin).await?;
            }
            if act == Act::OneClick {
                return write(view, &people.page(link).await?);
            }
            if matches!(act, Act::Confirm | Act::Leave | Act::LeaveAll)
                && let Some((kanaal, channel)) = people.subject(link).await?
                && let Some(elsewhere) = pages.site.outcomes.redirect(&kanaal, channel)
            {
                return Ok(elsewhere);
            }
            Ok(see_other(view, pages, link))
        }
        Asked::Code(typed) => {
            let Link::Code { id } = *link else { return Err(people::Error::Unknown.into()) };
            match people.confirm_code(id, &typed).await {
                Ok(confirmed) => {
                    record(pages, confirmed.id, Action::AddresseeConfirm, origin).await?;
                    match pages.site.outcomes.redirect(&confirmed.kanaal, confirmed.channel) {
                        Some(elsewhere) => Ok(elsewhere),
                        None => write(view, &Page::Confirmed { kanaal: confirmed.kanaal }),
                    }
                }
                // One page for an unknown id, a wrong code and a void one (CH-49).
                Err(people::Error::Unknown) => show::write_code(view, true),
                Err(error) => Err(error.into()),
            }
        }
        Asked::DataLink => {
            people.request_data_link(link).await?;
            Ok(redirect(&view.with_notice(Notice::DataLink)))
        }
        Asked::Address(typed) => {
            let Page::Data(overview) = people.page(link).await? else { return Err(people::Error::Unknown.into()) };
            let channel = if overview.is_number { Channel::Sms } else { Channel::Email };
            let Ok(address) = people::parse_address(&typed, channel) else {
                return data::write(view, &overview, &Entered::WrongAddress);
            };
            let id = people.change_address_by_link(link, &address, source).await?;
            record(pages, id, Action::AddresseeChange, origin).await?;
            if overview.is_number {
                // The new number gets a code and no link.
                let url = people.links().code(id);
                return Ok(redirect(&view.to(url.rsplit('/').next().unwrap_or_default())));
            }
            Ok(redirect(&view.with_notice(Notice::Address)))
        }
        Asked::Frequency(frequency) => {
            let id = people.change_frequency_by_link(link, frequency).await?;
            record(pages, id, Action::AddresseeChange, origin).await?;
            Ok(redirect(&view.with_notice(Notice::Frequency)))
        }
        Asked::Attributes(typed) => change_attributes(pages, link, view, &typed, origin).await,
        Asked::Erase => {
            let id = people.erase_by_link(link).await?;
            record(pages, id, Action::AddresseeErase, origin).await?;
            data::write_erased(view)
        }
    }
}

/// Changes attributes that are declared for that (CH-72); another name is refused, and what is no value is shown again.
async fn change_attributes(
    pages: &Pages,
    link: &Link,
    view: &View<'_>,
    typed: &[(String, String)],
    origin: Option<Origin>,
) -> PageResult {
    let people = &pages.site.people;
    let Page::Data(overview) = people.page(link).await? else { return Err(people::Error::Unknown.into()) };
    let (mut patch, mut undeclared, mut wrong) = (Map::new(), Vec::new(), Vec::new());
    for (name, typed) in typed {
        match people.owner_attributes().iter().find(|own| own.name == *name) {
            None => undeclared.push(Fault::new(name.clone(), "is no attribute that people may change themselves")),
            Some(own) => match own.kind.read(typed) {
                Some(value) => drop(patch.insert(name.clone(), value)),
                None => wrong.push(name.clone()),
            },
        }
    }
    if !undeclared.is_empty() {
        return Err(Problem::invalid(undeclared));
    }
    if !wrong.is_empty() {
        return data::write(view, &overview, &Entered::WrongAttributes { wrong, typed: typed.to_vec() });
    }
    match people.change_attributes_by_link(link, &patch).await {
        Ok(id) => record(pages, id, Action::AddresseeChange, origin).await?,
        Err(people::Error::AttributesTooLong) => {
            let wrong = typed.iter().map(|(name, _)| name.clone()).collect();
            return data::write(view, &overview, &Entered::WrongAttributes { wrong, typed: typed.to_vec() });
        }
        Err(error) => return Err(error.into()),
    }
    Ok(redirect(&view.with_notice(Notice::Attributes)))
}

/// The addressee that a link names.
pub fn id_of(link: &Link) -> AddresseeId {
    let (Link::Confirm { id, .. }
    | Link::Leave { id }
    | Link::Undo { id, .. }
    | Link::Code { id }
    | Link::Data { id, .. }) = link;
    *id
}

/// The redirect to the page that shows what was done. After an undo it is the one to leave.
fn see_other(view: &View<'_>, pages: &Pages, link: &Link) -> Response {
    let path = match link {
        Link::Confirm { .. } | Link::Leave { .. } | Link::Code { .. } | Link::Data { .. } => view.own(),
        Link::Undo { id, .. } => {
            let url = pages.site.people.links().leave(*id);
            view.to(url.rsplit('/').next().unwrap_or_default())
        }
    };
    redirect(&path)
}

fn redirect(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Adds an entry to the audit trail, without any address.
pub async fn record(pages: &Pages, id: AddresseeId, action: Action, origin: Option<Origin>) -> Result<(), Problem> {
    let origin = origin.unwrap_or_default();
    let origin = Origin { interface: Interface::People, ..origin };
    let actor = Actor::person(ISSUER, id.to_string(), Grants::default()).with_origin(origin);
    let object = Object::new(ObjectKind::Addressee, id.to_string());
    Ok(pages.web.recorder.record(&actor, action, object).await?)
}
