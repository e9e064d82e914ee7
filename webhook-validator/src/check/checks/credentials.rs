//! Checks of authorisation: an event without the credential, and the places where a token is accepted. A token is put
//! in a query only if it already is in one, or if the command line requests it.

use std::sync::Arc;

use http::header::CACHE_CONTROL;

use crate::check::clauses::credentials::{BOTH_METHODS, NO_AUTHENTICATION, QUERY_PRIVATE, TOKEN_TWICE};
use crate::check::events::Events;
use crate::check::exchange::Exchange;
use crate::check::query;
use crate::check::session::{Credential, Session};
use crate::check::text::{Said, Text};
use crate::check::wire::Way;

/// Sends events with other credentials, and reports.
pub async fn run(session: &mut Session<'_>, events: &mut Events) {
    let in_query = query::token(&session.url).is_some();
    if session.options.authorization.is_none() && !in_query {
        let why = Said::new(
            "no credential was given (--authorization)",
            "er is geen toegangsbewijs meegegeven (--authorization)",
        );
        return session.report.not_observed(&[&NO_AUTHENTICATION, &BOTH_METHODS, &QUERY_PRIVATE, &TOKEN_TWICE], &why);
    }
    let purpose = Text { en: "without credential", nl: "zonder toegangsbewijs" };
    match post(session, events, purpose, Credential::Without).await {
        None => session.not_observed(&NO_AUTHENTICATION),
        Some(exchange) => {
            let refused = exchange.status().is_some_and(|status| matches!(status.as_u16(), 401 | 403));
            session.report.add_check(&NO_AUTHENTICATION, refused, &exchange, Said::plain(exchange.received.line()));
        }
    }
    if in_query {
        let purpose = Text { en: "with the token in the header", nl: "met het token in de header" };
        let exchange = post(session, events, purpose, Credential::Header).await;
        session.accepted(&BOTH_METHODS, exchange.as_ref());
        let purpose = Text { en: "with the token in the query", nl: "met het token in de query" };
        let exchange = post(session, events, purpose, Credential::Given).await;
        return is_private(session, exchange.as_ref());
    }
    if !session.options.query_token || session.bearer_token().is_none() {
        let why = Said::new(
            "a Bearer token is put in the query only with --query-token",
            "een Bearer-token komt alleen met --query-token in de query",
        );
        return session.report.not_observed(&[&BOTH_METHODS, &QUERY_PRIVATE, &TOKEN_TWICE], &why);
    }
    let purpose = Text { en: "with the token in the query", nl: "met het token in de query" };
    let exchange = post(session, events, purpose, Credential::Query).await;
    session.accepted(&BOTH_METHODS, exchange.as_ref());
    is_private(session, exchange.as_ref());

    let purpose = Text { en: "with the token in header and query", nl: "met het token in header en query" };
    match post(session, events, purpose, Credential::Both).await {
        None => session.not_observed(&TOKEN_TWICE),
        Some(exchange) => {
            let refused = exchange.status().is_some_and(|status| status.is_client_error());
            session.report.add_check(&TOKEN_TWICE, refused, &exchange, Said::plain(exchange.received.line()));
        }
    }
}

/// Reports that no event could be sent.
pub fn skip(session: &mut Session<'_>) {
    for clause in [&NO_AUTHENTICATION, &BOTH_METHODS, &QUERY_PRIVATE, &TOKEN_TWICE] {
        session.not_observed(clause);
    }
}

async fn post(
    session: &mut Session<'_>,
    events: &mut Events,
    purpose: Text,
    credential: Credential,
) -> Option<Arc<Exchange>> {
    let message = events.plain()?;
    session.post_as(message, purpose, Way::Usual, credential).await
}

fn is_private(session: &mut Session<'_>, exchange: Option<&Arc<Exchange>>) {
    let success = exchange.and_then(|exchange| Some((exchange, exchange.answer()?)));
    let Some((exchange, answer)) = success.filter(|(_, answer)| answer.status.is_success()) else {
        return session.not_observed(&QUERY_PRIVATE);
    };
    let lines = answer.headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let said: Vec<String> =
        lines.flat_map(|line| line.split(',')).map(|word| word.trim().to_ascii_lowercase()).collect();
    let private = said.iter().any(|word| word.starts_with("private") || word == "no-store");
    let seen = if said.is_empty() {
        Said::new("no Cache-Control", "geen Cache-Control")
    } else {
        Said::plain(format!("Cache-Control: {}", said.join(", ")))
    };
    session.report.add_check(&QUERY_PRIVATE, private, exchange, seen);
}
