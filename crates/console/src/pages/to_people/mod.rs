//! Messages to people, for administrators: providers and numbers, mailings, what there is of one address, and texts.

mod bounces;
mod look_up;
mod mailings;
mod overview;
mod resend;
mod sending;
mod stop;
mod texts;

use people::administration::Administration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::Problem;

pub use self::{
    bounces::handler as bounces,
    look_up::{ask as ask_look_up, post as look_up},
    mailings::handler as mailings,
    overview::handler as overview,
    resend::{ask as ask_resend, post as resend},
    sending::{ask as ask_sending, post as sending},
    stop::handler as stop,
    texts::{list as texts, preview},
};
use crate::Console;

/// The path of the overview; the other pages are below it.
pub const PATH: &str = "/beheer/mensen";

/// The path of the mailings.
pub const MAILINGS: &str = "/beheer/mensen/mailings";

/// The path of the button that stops a mailing.
pub const STOP: &str = "/beheer/mensen/mailings/{id}/stoppen";

/// The path of the page that sends a mailing again.
pub const RESEND: &str = "/beheer/mensen/mailings/{id}/opnieuw";

/// The path of the page that pauses what a kanaal sends.
pub const SENDING: &str = "/beheer/mensen/versturen/{naam}";

/// The path of the addresses that messages do not reach.
pub const BOUNCES: &str = "/beheer/mensen/onbestelbaar";

/// The path of the look-up of an address.
pub const LOOK_UP: &str = "/beheer/mensen/opzoeken";

/// The path of the texts.
pub const TEXTS: &str = "/beheer/mensen/teksten";

/// The path of the page that pauses what this kanaal sends.
fn sending_path(naam: &str) -> String {
    format!("/beheer/mensen/versturen/{}", utf8_percent_encode(naam, NON_ALPHANUMERIC))
}

/// The path of the texts of a kanaal.
fn path_of(naam: &str) -> String {
    format!("{TEXTS}/{}", utf8_percent_encode(naam, NON_ALPHANUMERIC))
}

/// The use cases.
fn administration(console: &Console) -> Result<&Administration, Problem> {
    let found = console.people.as_deref();
    found.ok_or_else(|| Problem::not_found("This gateway sends no messages to people."))
}
