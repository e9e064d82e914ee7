//! The pages of kanalen: the list, and one with its rules and subscribers. They change nothing.

mod detail;
mod list;

use std::time::Duration;

use model::Kanaal;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::{detail::handler as detail, list::handler as list};
use crate::{Console, View};

/// The path of the list.
const LIST: &str = "/beheer/kanalen";

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
