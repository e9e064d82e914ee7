//! What administrators see of messages to people: providers, mailings, what there is of one address, and texts. Not here: light
//! subscriptions, which are `subscriptions::light`.

pub mod bounces;
pub mod look_up;
pub mod mailings;
pub mod overview;
pub mod resend;
pub mod sending;
pub mod stop;
pub mod texts;

use model::Timestamp;
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
