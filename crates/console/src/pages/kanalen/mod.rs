//! The pages of kanalen: the list, one with its rules and subscribers, its form and its deletion.

mod delete;
mod detail;
mod form;
mod list;

use std::time::Duration;

use model::Kanaal;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::{
    delete::{handler as ask_delete, post as delete},
    detail::handler as detail,
    form::{ask_change, change, create, new},
    list::handler as list,
};
use crate::{Console, View};

/// The path of the list.
const LIST: &str = "/beheer/kanalen";

/// The path of the form of a new one.
pub const NEW: &str = "/beheer/nieuw-kanaal";

/// The path of the page of a kanaal.
pub fn path_of(naam: &str) -> String {
    format!("{LIST}/{}", utf8_percent_encode(naam, NON_ALPHANUMERIC))
}

/// How long events of a kanaal are kept, in words.
fn retention_text(console: &Console, view: &View, kanaal: &Kanaal) -> String {
    const DAY: u64 = 86_400;
    let text = &view.text.kanalen;
    let own = kanaal.retention_seconds.map(Duration::from_secs);
    let seconds = own.unwrap_or(console.management.settings.retention).as_secs();
    let duration = match seconds % DAY {
        0 => (text.days)(&view.number(seconds / DAY)),
        _ => (text.seconds)(&view.number(seconds)),
    };
    if own.is_some() { duration } else { (text.by_default)(&duration) }
}
