//! The pages of events: the list, one with its receivers, its payload, and delivering it again.

mod chosen;
mod content;
mod detail;
mod export;
mod filter;
mod list;
mod redeliver;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub use self::{
    chosen::{
        ask as ask_chosen, ask_of_subscription as ask_chosen_deliveries, place_text, post as redeliver_chosen,
        post_of_subscription as redeliver_chosen_deliveries,
    },
    content::{ask as ask_content, post as content},
    detail::handler as detail,
    export::handler as export,
    list::handler as list,
    redeliver::{ask as ask_redeliver, post as redeliver},
};

/// The path of the list.
pub const LIST: &str = "/beheer/events";

/// The path of the page of an event.
pub fn path_of(source: &str, id: &str) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("{LIST}/{}/{}", encoded(source), encoded(id))
}
