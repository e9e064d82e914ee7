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
use web::{Problem, ProblemType, client::ClientAddress};

use super::{
    Pages, data,
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
    let link = link.ok_or(people::Error::Unknown)?;
    let bytes = web::body::receive(&pages.web, &headers, body).await?;
    if bytes.len() > request::MAX_BYTES {
        return Err(Problem::too_large(request::MAX_BYTES));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = request::read(kind, &bytes);
    let asked = asked.ok_or_else(|| Problem::new(ProblemType::InvalidRequest, "The form asks for nothing known."))?;
    let view = View::new(&pages.site, &pages.web.settings.prefix, &uri, &headers);
    let origin = origin.map(|origin| origin.0);
    match asked {
        Asked::Act(act) => {
            if people.act(&link, act).await? {
                let action = match act {
                    Act::Confirm => Action::AddresseeConfirm,
                    Act::Leave | Act::LeaveAll | Act::OneClick => Action::AddresseeLeave,
                    Act::Undo => Action::AddresseeUndo,
                };
                record(&pages, id_of(&link), action, origin).await?;
            }
            if act == Act::OneClick {
                return write(&view, &people.page(&link).await?);
            }
            Ok(see_other(&view, &pages, &link))
        }
        Asked::Code(typed) => {
            let Link::Code { id } = link else { return Err(people::Error::Unknown.into()) };
            match people.confirm_code(id, &typed).await {
                Ok(confirmed) => {
                    record(&pages, confirmed.id, Action::AddresseeConfirm, origin).await?;
                    write(&view, &Page::Confirmed { kanaal: confirmed.kanaal })
                }
                // One page for an unknown id, a wrong code and a void one (CH-49).
                Err(people::Error::Unknown) => show::write_code(&view, true),
                Err(error) => Err(error.into()),
            }
        }
        Asked::DataLink => {
            people.request_data_link(&link).await?;
            Ok(redirect(&view.with_notice(Notice::DataLink)))
        }
        Asked::Address(typed) => {
            let Page::Data(overview) = people.page(&link).await? else { return Err(people::Error::Unknown.into()) };
            let channel = if overview.is_number { Channel::Sms } else { Channel::Email };
            let Ok(address) = people::parse_address(&typed, channel) else {
                return data::write(&view, &overview, true);
            };
            let id = people.change_address_by_link(&link, &address, &source).await?;
            record(&pages, id, Action::AddresseeChange, origin).await?;
            if overview.is_number {
                // The new number gets a code and no link.
                let url = people.links().code(id);
                return Ok(redirect(&view.to(url.rsplit('/').next().unwrap_or_default())));
            }
            Ok(redirect(&view.with_notice(Notice::Address)))
        }
        Asked::Frequency(frequency) => {
            let id = people.change_frequency_by_link(&link, frequency).await?;
            record(&pages, id, Action::AddresseeChange, origin).await?;
            Ok(redirect(&view.with_notice(Notice::Frequency)))
        }
        Asked::Erase => {
            let id = people.erase_by_link(&link).await?;
            record(&pages, id, Action::AddresseeErase, origin).await?;
            data::write_erased(&view)
        }
    }
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
