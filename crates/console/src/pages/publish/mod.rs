//! Publishing by hand: the page with a form for a CloudEvent or a notificatie, and a stored event as a new one. Both show a dry
//! run before they publish.

mod again;
mod cloudevent;
mod form;
mod notificatie;
mod outcome;

use management::by_hand::{DraftError, ExaminedDraft};
use web::{Problem, language::Language};

pub use self::{
    again::{ask as ask_again, post as again},
    form::{handler as form, post},
};
use crate::{View, page::see_other};

/// The path of the page.
pub const PATH: &str = "/beheer/publiceren";

/// The problem of a draft that is not published.
fn problem(error: DraftError, language: Language) -> Problem {
    match error {
        DraftError::Event(error) => web::problem::publishing::problem(error, language),
        DraftError::Notificatie(error) => error.into(),
        DraftError::Other(error) => error.into(),
    }
}

/// The redirect after an event was published: the page with a link to it. The page of the event exists moments later.
fn published(view: &View, examined: &ExaminedDraft) -> axum::response::Response {
    let event = &examined.accepted.event;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("bron", event.source())
        .append_pair("id", event.id())
        .finish();
    see_other(view, &format!("{PATH}?{query}"), "gepubliceerd")
}
