//! The check of `documentatieLink`, where `notificaties.fetch_documentatie_link` asks for it, with its errors in Dutch.
//! Its form is checked before.

use management::FetchError;
use web::problem::Problem;

use crate::{
    Api,
    abonnement::probe::why,
    problem::{InvalidParam, invalid},
};

/// Checks the link of a body; without one, or with an empty one, there is nothing to check.
pub async fn check_documentation(api: &Api, link: Option<&str>) -> Result<(), Problem> {
    let checked = api.management.check_documentation(link.unwrap_or_default()).await;
    checked.map_err(|error| invalid(&[InvalidParam::new("documentatieLink", "bad-url", reason(&error))]))
}

fn reason(error: &FetchError) -> String {
    match error {
        FetchError::Unusable(_) => format!("De link kan niet opgehaald worden ({error})."),
        FetchError::Status(status) => format!("De link moet met 200 antwoorden, maar antwoordt met {status}."),
        FetchError::NoAnswer { label, problem } => {
            format!("De link geeft geen antwoord: {} ({problem}).", why(label))
        }
    }
}
