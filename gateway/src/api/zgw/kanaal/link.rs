//! `documentatieLink` fetched, where `notificaties.fetch_documentatie_link` asks for it: a GET must give 200. Its form
//! is checked before. Redirects are not followed, so that nobody is led to an address the policy does not allow.

use std::time::Duration;

use egress::{Limits, Request};
use http::{HeaderMap, Method, StatusCode};

use crate::{
    api::zgw::{
        abonnement::probe::why,
        problem::{InvalidParam, invalid},
    },
    app::App,
    consent::tls_profile,
    problem::Problem,
};

/// Checks a link that a body brings; an empty one says that there is none.
pub async fn check(app: &App, link: Option<&str>) -> Result<(), Problem> {
    match link {
        Some(link) if !link.is_empty() && app.config.notificaties.fetch_documentatie_link => {
            let answer = fetch(app, link).await;
            answer.map_err(|reason| invalid(&[InvalidParam::new("documentatieLink", "bad-url", reason)]))
        }
        _ => Ok(()),
    }
}

async fn fetch(app: &App, link: &str) -> Result<(), String> {
    // The part behind # is for browsers.
    let address = link.split_once('#').map_or(link, |(address, _)| address);
    let unusable = |error| format!("De link kan niet opgehaald worden (the URL {error}).");
    let url = app.egress.policy().check_url(address).map_err(unusable)?;
    let tls = tls_profile(&app.egress, &url);
    let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: bytes::Bytes::new(), tls };
    let limits = Limits { total: Duration::from_secs(app.config.consent.timeout_seconds), ..Limits::default() };
    match app.egress.send(request, limits).await {
        Ok(answer) if answer.status == StatusCode::OK => Ok(()),
        Ok(answer) => Err(format!("De link moet met 200 antwoorden, maar antwoordt met {}.", answer.status.as_u16())),
        Err(error) => Err(format!("De link geeft geen antwoord: {} ({error}).", why(error.label()))),
    }
}
