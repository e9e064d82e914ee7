//! What administrators see of messages to people: providers, mailings, what there is of one address, and texts. Not here: light
//! subscriptions, which are `subscriptions::light`.

pub mod look_up;
pub mod mailings;
pub mod overview;
pub mod texts;

use model::{Timestamp, addressee::Language};
use people::administration::Administration;
use web::problem::Problem;

use crate::Api;

/// The use cases.
fn administration(api: &Api) -> Result<&Administration, Problem> {
    let found = api.people_administration.as_deref();
    found.ok_or_else(|| Problem::not_found("This gateway sends no messages to people."))
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339()
}

/// The word for a language.
const fn word(language: Language) -> &'static str {
    match language {
        Language::Dutch => "nl",
        Language::English => "en",
    }
}
