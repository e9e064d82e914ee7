//! Checks of the delivery: a test event, a format nobody knows, and an event without credential; within the granted rate.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use egress::{Request, Response, retry_after};
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};
use webhook_validator::Rate;
use webhook_validator::headers::REQUEST_ORIGIN;
use webhook_validator::http::AGENT;

use crate::arguments::Arguments;
use crate::clauses;
use crate::exchange::{Exchange, Wire};
use crate::report::{Report, Verdict};
use crate::text::Said;

/// Longest pause between two requests; below that rate the remaining checks are left out.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

const STRUCTURED: HeaderValue = HeaderValue::from_static("application/cloudevents+json");
const UNKNOWN: HeaderValue = HeaderValue::from_static("application/cloudevents+unheard-of");

/// Sends the test events and reports.
pub async fn run(wire: &mut Wire, url: &Uri, arguments: &Arguments, rate: Rate, report: &mut Report) {
    let event = wire.send(post(url, arguments, &STRUCTURED, arguments.authorization.as_ref()), "").await;
    accepted(&event, arguments.authorization.is_none(), report);
    report.keep(event);

    let pause = match rate {
        Rate::Unlimited => Duration::ZERO,
        Rate::PerMinute(number) => Duration::from_mins(1) / number.get(),
    };
    if pause > LONGEST_PAUSE {
        let slow = Said::new("the granted rate is too low to try more", "het toegestane tempo is te laag voor meer");
        return report.not_observed(&[&clauses::UNKNOWN_FORMAT, &clauses::NO_AUTHENTICATION], &slow);
    }
    tokio::time::sleep(pause).await;
    let unknown = wire.send(post(url, arguments, &UNKNOWN, arguments.authorization.as_ref()), "").await;
    match unknown.status() {
        Some(401 | 403) if arguments.authorization.is_none() => {
            let why = Said::new(
                "the event was refused for want of a credential; give one with --authorization",
                "de gebeurtenis is geweigerd omdat een toegangsbewijs ontbrak; geef het mee met --authorization",
            );
            report.not_observed(&[&clauses::UNKNOWN_FORMAT], &why);
        }
        Some(status) => {
            report.judge(&clauses::UNKNOWN_FORMAT, status == 415, &unknown, Said::plain(status.to_string()));
        }
        None => report.not_observed(&[&clauses::UNKNOWN_FORMAT], &Said::plain(unknown.received())),
    }
    report.keep(unknown);

    if arguments.authorization.is_none() {
        let why = Said::new("no --authorization was given", "er is geen --authorization meegegeven");
        return report.not_observed(&[&clauses::NO_AUTHENTICATION], &why);
    }
    tokio::time::sleep(pause).await;
    let bare = wire.send(post(url, arguments, &STRUCTURED, None), "(no Authorization)").await;
    match bare.status() {
        Some(status) => {
            let refused = matches!(status, 401 | 403);
            report.judge(&clauses::NO_AUTHENTICATION, refused, &bare, Said::plain(status.to_string()));
        }
        None => report.not_observed(&[&clauses::NO_AUTHENTICATION], &Said::plain(bare.received())),
    }
    report.keep(bare);
}

/// Reports that no event could be sent.
pub fn skip(report: &mut Report) {
    let why = Said::new("no event is sent without consent", "zonder toestemming wordt geen gebeurtenis gestuurd");
    let unseen = [
        &clauses::ACCEPTED,
        &clauses::PAYLOAD,
        &clauses::RETRY_AFTER,
        &clauses::UNKNOWN_FORMAT,
        &clauses::NO_AUTHENTICATION,
    ];
    report.not_observed(&unseen, &why);
}

fn accepted(event: &Exchange, bare: bool, report: &mut Report) {
    let response = match &event.outcome {
        Ok(response) => response,
        Err(error) => {
            report.judge(&clauses::ACCEPTED, false, event, Said::plain(error.to_string()));
            return report.not_observed(&[&clauses::PAYLOAD, &clauses::RETRY_AFTER], &Said::plain(error.to_string()));
        }
    };
    let status = response.status.as_u16();
    let seen = || Said::plain(event.received());
    let verdict = match status {
        // 200 promises a payload; without one it is accepted, but undefined.
        200 if response.body.is_empty() && !response.truncated => Verdict::Warn,
        200 | 201 | 202 | 204 => Verdict::Pass,
        203..=299 => Verdict::Warn,
        // Busy is no refusal, when it says until when.
        429 => Verdict::NotObserved,
        _ => Verdict::Fail,
    };
    let seen_of_it = if bare && matches!(status, 401 | 403) {
        Said::new(
            format!("{status}, and no --authorization was given: if the receiver wants a credential, give it"),
            format!(
                "{status}, en er is geen --authorization meegegeven: wil de ontvanger een toegangsbewijs, geef het mee"
            ),
        )
    } else {
        seen()
    };
    report.add(&clauses::ACCEPTED, verdict, Some(event), seen_of_it);
    if response.status.is_redirection() {
        report.judge(&clauses::NO_REDIRECT, false, event, seen());
    }
    if response.status.is_success() && !response.body.is_empty() {
        let typed = response.headers.contains_key(CONTENT_TYPE);
        report.judge(&clauses::PAYLOAD, typed && matches!(status, 200 | 201), event, seen());
    } else {
        let none = Said::new("an answer without payload", "een antwoord zonder inhoud");
        report.not_observed(&[&clauses::PAYLOAD], &none);
    }
    throttled(response, event, report);
}

fn throttled(response: &Response, event: &Exchange, report: &mut Report) {
    if response.status.as_u16() == 429 {
        let told = retry_after(&response.headers, SystemTime::UNIX_EPOCH).is_some();
        report.judge(&clauses::RETRY_AFTER, told, event, Said::plain(event.received()));
    } else {
        report.not_observed(&[&clauses::RETRY_AFTER], &Said::new("no 429", "geen 429"));
    }
}

fn post(url: &Uri, arguments: &Arguments, media_type: &HeaderValue, authorization: Option<&HeaderValue>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, AGENT);
    headers.insert(CONTENT_TYPE, media_type.clone());
    if let Ok(origin) = HeaderValue::from_str(arguments.origin.as_str()) {
        headers.insert(REQUEST_ORIGIN, origin);
    }
    if let Some(authorization) = authorization {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    Request { method: Method::POST, url: url.clone(), headers, body: event(), tls: None }
}

/// A small event that says what it is. Its id differs from run to run, so that a receiver that drops repeats still answers.
fn event() -> Bytes {
    let event = serde_json::json!({
        "specversion": "1.0",
        "id": format!("webhook-validator-{}", std::process::id()),
        "source": "urn:example:webhook-validator",
        "type": "example.webhook-validator.test",
        "datacontenttype": "application/json",
        "data": { "test": true },
    });
    event.to_string().into()
}
