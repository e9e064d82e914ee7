//! The inbox of the person that calls, with an access token of the provider of people; and the totals that senders see.
//!
//! Not here: which message is for whom, and its states (`inbox`, `model::inbox`).

pub mod change;
pub mod count;
pub mod erase;
pub mod list;
pub mod read;
pub mod stream;
pub mod totals;
pub mod undo;
mod view;

use std::sync::Arc;

use ::inbox::{Error, Inbox};
use model::{
    KanaalName,
    inbox::{MessageFilter, MessageId, StateKind},
};
use web::problem::{Problem, ProblemType};

use crate::{Api, list::Query};

/// How many streams are too many, and what to do.
const STREAMS: &str = "Too many streams of the inbox are open; close one, or try again later.";

/// The inbox.
fn inbox(api: &Api) -> Result<&Arc<Inbox>, Problem> {
    api.inbox.as_ref().ok_or_else(|| Problem::not_found("This gateway has no inbox."))
}

/// The answer to a refusal: what is of somebody else is not there.
pub fn refused(error: Error) -> Problem {
    match error {
        Error::Unknown => Problem::not_found("There is no such message."),
        Error::UndoOver(over) => Problem::gone(format!("{over}.")),
        Error::Position => Problem::new(ProblemType::InvalidRequest, "The position is not known; begin again."),
        Error::Streams => Problem::new(ProblemType::Quota, STREAMS),
        Error::Stopping => Problem::unavailable("The gateway stops.", std::time::Duration::from_secs(1)),
        Error::Storage(error) => error.into(),
        Error::Keys(error) => {
            tracing::error!(%error, "a position of the inbox cannot be sealed");
            Problem::internal()
        }
    }
}

/// The id in a path; one that is no id names no message.
fn id(text: &str) -> Result<MessageId, Problem> {
    text.parse().map(MessageId).map_err(|_| refused(Error::Unknown))
}

/// The names of the filters of list and count.
const FILTERS: [&str; 4] = ["kanaal", "state", "from", "until"];

/// The filters of list and count.
fn filter(query: &Query) -> Result<MessageFilter, Problem> {
    Ok(MessageFilter {
        kanaal: query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?,
        state: query.typed("state", "must be new, read or deleted", StateKind::from_label)?,
        from: query.timestamp("from")?,
        until: query.timestamp("until")?,
    })
}
