//! `GET /a/{token}`: the page of a link. It changes nothing, however often it is opened (CH-48, CH-57).

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
};
use http::{HeaderMap, StatusCode, Uri};
use model::KanaalName;
use people::Page;
use web::client::ClientAddress;

use super::{
    Pages,
    data::{self, Entered},
    outcome,
    view::View,
};
use crate::page::{PageResult, page, page_with};

#[derive(Template)]
#[template(path = "people_page.html")]
struct Shown<'a> {
    view: &'a View<'a>,
    title: &'static str,
    /// Above the list of kanalen.
    what: &'a str,
    kanalen: &'a [KanaalName],
    /// Below it; empty for none.
    below: &'static str,
    /// Where the form is posted to.
    target: String,
    /// The value and text of each button, the first one prominent.
    buttons: &'a [(&'static str, &'static str)],
    /// Whether something was done, which the page reports.
    is_done: bool,
    /// Whether the page offers a link to the data of the person.
    has_data: bool,
}

#[derive(Template)]
#[template(path = "people_code.html")]
struct Code<'a> {
    view: &'a View<'a>,
    /// Whether the code that was entered is not right.
    is_wrong: bool,
}

/// The page that takes a code; 422 when the one before is not right.
pub fn write_code(view: &View<'_>, is_wrong: bool) -> PageResult {
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page_with(status, &Code { view, is_wrong })
}

/// Shows what a link is for.
pub async fn handler(
    State(pages): State<Pages>,
    Path(token): Path<String>,
    client: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> PageResult {
    let link = pages.site.people.links().parse(&token);
    pages.site.people.admit_page(link.as_ref(), &source(client))?;
    let view = View::new(&pages.site, &pages.web.settings.prefix, &uri, &headers);
    let found = match &link {
        Some(link) => pages.site.people.page(link).await,
        None => Err(people::Error::Unknown),
    };
    let answer = match found {
        Ok(found) => write(&view, &found),
        Err(error) => outcome::failed(&pages, &view, link.as_ref(), error).await,
    };
    answer.map(|answer| pages.site.outcomes.with_targets(answer))
}

/// The network that counts as one source of requests.
pub fn source(client: Option<Extension<ClientAddress>>) -> String {
    client.map(|client| client.network.to_string()).unwrap_or_default()
}

/// The page of what was found.
pub fn write(view: &View<'_>, found: &Page) -> PageResult {
    use super::request::{CONFIRM, LEAVE, LEAVE_ALL, UNDO};
    let text = view.text;
    let one = |kanaal: &KanaalName| vec![kanaal.clone()];
    let nothing = Shown {
        view,
        title: "",
        what: "",
        kanalen: &[],
        below: "",
        target: view.own(),
        buttons: &[],
        is_done: false,
        has_data: false,
    };
    match found {
        Page::ToConfirm { kanaal } => page(&Shown {
            title: text.confirm_title,
            what: text.confirm,
            kanalen: &one(kanaal),
            below: text.confirm_not_you,
            buttons: &[(CONFIRM, text.confirm_button)],
            ..nothing
        }),
        Page::Confirmed { kanaal } => page(&Shown {
            title: text.confirmed_title,
            what: view.confirmed(kanaal),
            kanalen: &one(kanaal),
            // A message that must be sent has no link to stop.
            below: if view.has_obligatory([kanaal]) { "" } else { text.confirmed_leave },
            is_done: true,
            ..nothing
        }),
        Page::ToLeave { kanaal, others } => {
            let (one_button, buttons) =
                ([(LEAVE, text.leave_button)], [(LEAVE, text.leave_first_button), (LEAVE_ALL, text.leave_all_button)]);
            let mut kanalen = one(kanaal);
            kanalen.extend(others.iter().cloned());
            page(&Shown {
                title: text.leave_title,
                what: if others.is_empty() { text.leave } else { text.leave_many },
                kanalen: &kanalen,
                below: if others.is_empty() { "" } else { text.leave_choice },
                buttons: if others.is_empty() { &one_button } else { &buttons },
                has_data: true,
                ..nothing
            })
        }
        Page::Left { kanalen, undo } => {
            let button = [(UNDO, text.undo_button)];
            let token = undo.as_deref().and_then(|url| url.rsplit('/').next());
            page(&Shown {
                title: text.left_title,
                what: view.left(kanalen),
                kanalen,
                below: if token.is_some() { text.left_undo } else { "" },
                target: token.map_or_else(|| view.own(), |token| view.to(token)),
                buttons: if token.is_some() { &button } else { &[] },
                is_done: true,
                ..nothing
            })
        }
        Page::ToUndo { kanalen } => page(&Shown {
            title: text.undo_title,
            what: text.undo,
            kanalen,
            buttons: &[(UNDO, text.undo_button)],
            ..nothing
        }),
        Page::ToEnterCode => write_code(view, false),
        Page::Data(overview) => data::write(view, overview, &Entered::Nothing),
    }
}
