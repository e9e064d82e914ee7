//! Checks of the handshake: one question in our own name, one in the name of a stranger.

use std::time::SystemTime;

use egress::Response;
use http::Uri;
use http::header::ALLOW;
use webhook_validator::handshake::judge;
use webhook_validator::headers::{ALLOWED_ORIGIN, ALLOWED_RATE};
use webhook_validator::http::{Question, answer};
use webhook_validator::{Field, Origin, Rate, Reason, Terms};

use super::problems::unreachable;
use crate::arguments::Arguments;
use crate::clauses;
use crate::exchange::{Exchange, Wire};
use crate::report::{Report, Verdict};
use crate::text::Said;

/// Asks, and reports. The granted rate, when the receiver consents.
pub async fn run(wire: &mut Wire, url: &Uri, arguments: &Arguments, report: &mut Report) -> Result<Option<Rate>, Said> {
    let question = Question {
        url: url.clone(),
        origin: arguments.origin.clone(),
        request_rate: Some(arguments.rate),
        callback: None,
        tls: None,
    };
    let exchange = wire.send(question.request(), "").await;
    let response = match &exchange.outcome {
        Err(error) => return Err(unreachable(error)),
        Ok(response) => response.clone(),
    };
    let granted = first_answer(&response, &exchange, arguments, report);
    report.keep(exchange);
    if granted.is_some() {
        stranger(wire, &question, report).await;
    } else {
        report.not_observed(&[&clauses::STRANGERS], &no_consent());
    }
    Ok(granted)
}

fn first_answer(response: &Response, exchange: &Exchange, arguments: &Arguments, report: &mut Report) -> Option<Rate> {
    let status = response.status.as_u16();
    let answer = answer(response, SystemTime::UNIX_EPOCH);
    let with_status = || Said::plain(status.to_string());
    report.judge(&clauses::NO_REDIRECT, !response.status.is_redirection(), exchange, with_status());

    let supported = answer.origin != Field::Absent;
    report.judge(&clauses::SUPPORTS_HANDSHAKE, supported, exchange, with_status());
    report.judge(&clauses::ALLOWED_ORIGIN, supported, exchange, shown("WebHook-Allowed-Origin", &answer.origin));
    match &answer.origin {
        Field::Absent => {
            let unseen = [&clauses::ORIGIN_ONCE, &clauses::ORIGIN_EQUAL, &clauses::RATE_PRESENT, &clauses::RATE_VALID];
            report.not_observed(&unseen, &no_consent());
            report.judge(&clauses::NOT_HANDLED, status == 405, exchange, with_status());
        }
        origin => {
            let seen = || shown("WebHook-Allowed-Origin", origin);
            report.judge(&clauses::ORIGIN_ONCE, *origin != Field::Several, exchange, seen());
            if let Field::One(text) = origin {
                report.judge(&clauses::ORIGIN_EQUAL, text == "*" || arguments.origin.is(text), exchange, seen());
            }
            rate(&answer.rate, exchange, report);
            report.add(&clauses::CONSENT_STATUS, consent_status(status), Some(exchange), with_status());
        }
    }
    let posts = allows_post(response);
    let allow: Vec<_> = response.headers.get_all(ALLOW).iter().filter_map(|value| value.to_str().ok()).collect();
    let allow = if allow.is_empty() { Field::Absent } else { Field::One(allow.join(", ")) };
    report.judge(&clauses::ALLOW_POST, posts, exchange, shown("Allow", &allow));

    let terms = Terms { request_rate: Some(arguments.rate), ..Terms::new(arguments.origin.clone()) };
    let verdict = if status >= 500 || status == 429 { Ok(None) } else { judge(&answer, &terms) };
    report.conclude(match &verdict {
        Ok(Some(rate)) => Said::new(
            format!("Consent: granted to {}, {rate} requests per minute.", arguments.origin),
            format!("Toestemming: gegeven aan {}, {rate} verzoeken per minuut.", arguments.origin),
        ),
        Ok(None) => Said::new(
            format!("Consent: undecided, a sender would ask again later (the receiver answered {status})."),
            format!(
                "Toestemming: onbeslist, een afzender vraagt het later opnieuw (de ontvanger antwoordde {status})."
            ),
        ),
        // A sender that offered a callback would leave the question open.
        Err(Reason::NotSupported { .. }) => Said::new(
            "Consent: none, so no event would be sent, unless the sender offers a callback and you use it.",
            "Toestemming: geen, dus er wordt niets gestuurd, tenzij de afzender een callback aanbiedt en u die gebruikt.",
        ),
        Err(reason) => Said::new(
            format!("Consent: none, so no event would be sent: {reason}."),
            "Toestemming: geen, dus er wordt niets gestuurd; de regel met FOUT zegt waarom.",
        ),
    });
    verdict.ok().flatten()
}

fn rate(rate: &Field, exchange: &Exchange, report: &mut Report) {
    let seen = || shown("WebHook-Allowed-Rate", rate);
    report.judge(&clauses::RATE_PRESENT, *rate != Field::Absent, exchange, seen());
    let valid = match rate {
        Field::Absent => return report.not_observed(&[&clauses::RATE_VALID], &seen()),
        Field::One(text) => Rate::parse_allowed(text).is_some(),
        Field::Several => false,
    };
    report.judge(&clauses::RATE_VALID, valid, exchange, seen());
}

/// Asks in a name the receiver cannot know. `*` is open to all on purpose; an echo merely looks like a check.
async fn stranger(wire: &mut Wire, question: &Question, report: &mut Report) {
    let Ok(origin) = "unexpected-sender.invalid".parse::<Origin>() else { return };
    let exchange = wire.send(Question { origin: origin.clone(), ..question.clone() }.request(), "").await;
    match &exchange.outcome {
        Err(error) => report.not_observed(&[&clauses::STRANGERS], &Said::plain(error.to_string())),
        Ok(response) => {
            let allowed = Field::of(&response.headers, &ALLOWED_ORIGIN);
            let rate = Field::of(&response.headers, &ALLOWED_RATE);
            let admitted = matches!(&allowed, Field::One(text) if text == "*" || origin.is(text));
            let withheld = allowed == Field::Absent && rate == Field::Absent;
            // A fixed answer that names somebody else admits no stranger either.
            let met = withheld || (!admitted && allowed != Field::Absent);
            report.judge(&clauses::STRANGERS, met, &exchange, shown("WebHook-Allowed-Origin", &allowed));
        }
    }
    report.keep(exchange);
}

/// Other statuses are odd with consent, but 5xx and 429 undo it.
fn consent_status(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Pass,
        429 | 500.. => Verdict::Fail,
        _ => Verdict::Warn,
    }
}

fn allows_post(response: &Response) -> bool {
    let lines = response.headers.get_all(ALLOW).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|method| method.trim() == "POST")
}

fn shown(name: &str, field: &Field) -> Said {
    match field {
        Field::Absent => Said::new(format!("no {name}"), format!("geen {name}")),
        Field::One(text) => Said::plain(format!("{name}: {text}")),
        Field::Several => Said::new(format!("more than one {name}"), format!("meer dan één {name}")),
    }
}

fn no_consent() -> Said {
    Said::new("the receiver did not consent", "de ontvanger gaf geen toestemming")
}
