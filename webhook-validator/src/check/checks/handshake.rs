//! Checks of the handshake: as a sender does it, without a rate, without an origin, and with an unknown origin.

use std::sync::Arc;
use std::time::SystemTime;

use crate::handshake::evaluate;
use crate::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, REQUEST_ORIGIN};
use crate::http::{Question, answer};
use crate::{Answer, Field, Origin, Rate, Reason, Terms};
use egress::{Response, SendError};
use http::header::ALLOW;

use super::callback::{self, Callback};
use super::{Stop, first_failure};
use crate::check::clauses::Clause;
use crate::check::clauses::connection::HTTP_VERSIONS;
use crate::check::clauses::handshake as clauses;
use crate::check::exchange::Exchange;
use crate::check::options::{Consent, Options};
use crate::check::report::{Report, Verdict};
use crate::check::session::Session;
use crate::check::text::{Said, Text};
use crate::check::wire::Way;

/// Requests consent and reports; returns the granted rate if the receiver consents.
pub async fn run(session: &mut Session<'_>) -> Result<Option<Rate>, Stop> {
    let callback = Callback::listen(session).await.map_err(Stop::Nothing)?;
    let question = Question {
        url: session.url.clone(),
        origin: session.options.origin.clone(),
        request_rate: Some(session.options.rate),
        callback: callback.as_ref().map(Callback::header),
        tls: None,
    };
    let exchange = ask(session, &question, Text { en: "may I send?", nl: "mag ik sturen?" }).await;
    let response = match &exchange.outcome {
        Err(error) => return Err(first_failure(error)),
        Ok(response) => response.clone(),
    };
    let granted = first_answer(&response, &exchange, callback.is_some(), session.options, &mut session.report);
    let withheld = Field::of(&response.headers, &ALLOWED_ORIGIN) == Field::Absent && !response.status.is_redirection();
    let granted = match callback {
        Some(callback) if withheld => callback.wait(session).await,
        Some(_) => {
            callback::unused(&mut session.report);
            granted
        }
        // Consent that came by callback before stays when the answer is silent.
        None if withheld => match session.options.consent {
            Consent::Handshake { before } => before,
            Consent::Agreed(rate) => Some(rate),
        },
        None => granted,
    };
    // The callback was offered with the first request only.
    let question = Question { callback: None, ..question };
    if granted.is_some() && !withheld {
        without_rate(session, &question).await;
        unasked(session, &question).await;
        stranger(session, &question).await;
    } else {
        let not_observed = [&clauses::WITHOUT_RATE, &clauses::UNASKED, &clauses::STRANGERS];
        let why = match granted {
            Some(_) => Said::new("consent came by callback", "toestemming kwam via de callback"),
            None => no_consent(),
        };
        session.report.not_observed(&not_observed, &why);
    }
    Ok(granted)
}

/// Reports that the receiver consented in another way, so that it is not asked.
pub fn skip(session: &mut Session<'_>) {
    let why = Said::new(
        "an agreement or the probes replace the handshake",
        "een afspraak of de proeven vervangen de handshake",
    );
    session.report.not_observed(
        &[
            &clauses::SUPPORTS_HANDSHAKE,
            &clauses::ALLOWED_ORIGIN,
            &clauses::ORIGIN_ONCE,
            &clauses::ORIGIN_EQUAL,
            &clauses::RATE_PRESENT,
            &clauses::RATE_VALID,
            &clauses::CONSENT_STATUS,
            &clauses::WITHOUT_RATE,
            &clauses::ALLOW_POST,
            &clauses::NOT_HANDLED,
            &clauses::STRANGERS,
            &clauses::UNASKED,
            &clauses::CALLBACK,
            &clauses::CALLBACK_METHOD,
            &clauses::CALLBACK_RATE,
        ],
        &why,
    );
}

/// Sends the request; over HTTP/1.1 if HTTP/2 was negotiated and does not work.
async fn ask(session: &mut Session<'_>, question: &Question, purpose: Text) -> Arc<Exchange> {
    let exchange = session.send(question.request(), purpose, Way::Usual).await;
    if matches!(exchange.outcome, Err(SendError::Protocol(_))) && session.url.scheme_str() == Some("https") {
        let again = session.send(question.request(), purpose, Way::Http1).await;
        if again.answer().is_some() {
            session.report.add_check(&HTTP_VERSIONS, false, &exchange, Said::plain(exchange.received.line()));
            session.usual = Way::Http1;
            return again;
        }
    }
    exchange
}

/// Requests consent without a rate, as a sender may.
async fn without_rate(session: &mut Session<'_>, question: &Question) {
    let question = Question { request_rate: None, ..question.clone() };
    let purpose = Text { en: "without asking for a rate", nl: "zonder om een tempo te vragen" };
    let exchange = session.send(question.request(), purpose, Way::Usual).await;
    let Some(response) = exchange.answer() else { return unanswered(session, &exchange, &clauses::WITHOUT_RATE) };
    let origin = Field::of(&response.headers, &ALLOWED_ORIGIN);
    let rate = Field::of(&response.headers, &ALLOWED_RATE);
    let granted = matches!(&origin, Field::One(text) if text == "*" || question.origin.is(text));
    let seen = if granted { shown("WebHook-Allowed-Rate", &rate) } else { shown("WebHook-Allowed-Origin", &origin) };
    let valid = matches!(&rate, Field::One(text) if Rate::parse_allowed(text).is_some());
    session.report.add_check(&clauses::WITHOUT_RATE, granted && valid, &exchange, seen);
}

/// Sends `OPTIONS` without requesting anything: a receiver that grants now grants to everyone.
async fn unasked(session: &mut Session<'_>, question: &Question) {
    let mut request = question.request();
    request.headers.remove(REQUEST_ORIGIN);
    let purpose = Text { en: "without saying who asks", nl: "zonder te zeggen wie vraagt" };
    let exchange = session.send(request, purpose, Way::Usual).await;
    let Some(response) = exchange.answer() else { return unanswered(session, &exchange, &clauses::UNASKED) };
    let origin = Field::of(&response.headers, &ALLOWED_ORIGIN);
    session.report.add_check(
        &clauses::UNASKED,
        origin == Field::Absent,
        &exchange,
        shown("WebHook-Allowed-Origin", &origin),
    );
}

/// Requests consent for an origin that the receiver cannot know. `*` is open to all by design; an echo only looks like
/// a check.
async fn stranger(session: &mut Session<'_>, question: &Question) {
    let Ok(origin) = "unexpected-sender.invalid".parse::<Origin>() else { return };
    let question = Question { origin: origin.clone(), ..question.clone() };
    let purpose = Text { en: "in a name nobody knows", nl: "uit naam van een onbekende" };
    let exchange = session.send(question.request(), purpose, Way::Usual).await;
    let Some(response) = exchange.answer() else { return unanswered(session, &exchange, &clauses::STRANGERS) };
    let allowed = Field::of(&response.headers, &ALLOWED_ORIGIN);
    let rate = Field::of(&response.headers, &ALLOWED_RATE);
    let admitted = matches!(&allowed, Field::One(text) if text == "*" || origin.is(text));
    let withheld = allowed == Field::Absent && rate == Field::Absent;
    // A fixed origin other than the requested one gives no consent either.
    let met = withheld || (!admitted && allowed != Field::Absent);
    session.report.add_check(&clauses::STRANGERS, met, &exchange, shown("WebHook-Allowed-Origin", &allowed));
}

fn unanswered(session: &mut Session<'_>, exchange: &Exchange, clause: &'static Clause) {
    session.report.not_observed(&[clause], &Said::plain(exchange.received.line()));
}

fn first_answer(
    response: &Response,
    exchange: &Arc<Exchange>,
    callback: bool,
    options: &Options,
    report: &mut Report,
) -> Option<Rate> {
    let status = response.status.as_u16();
    let answer = answer(response, SystemTime::UNIX_EPOCH);
    let with_status = || Said::plain(status.to_string());
    let supported = answer.origin != Field::Absent;
    // A receiver without the headers may still consent by callback.
    if supported || !callback {
        report.add_check(&clauses::SUPPORTS_HANDSHAKE, supported, exchange, with_status());
        report.add_check(
            &clauses::ALLOWED_ORIGIN,
            supported,
            exchange,
            shown("WebHook-Allowed-Origin", &answer.origin),
        );
    }
    match &answer.origin {
        Field::Absent => {
            let not_observed =
                [&clauses::ORIGIN_ONCE, &clauses::ORIGIN_EQUAL, &clauses::RATE_PRESENT, &clauses::RATE_VALID];
            report.not_observed(&not_observed, &no_consent());
            if !callback {
                report.add_check(&clauses::NOT_HANDLED, status == 405, exchange, with_status());
            }
        }
        origin => {
            let seen = || shown("WebHook-Allowed-Origin", origin);
            report.add_check(&clauses::ORIGIN_ONCE, *origin != Field::Several, exchange, seen());
            if let Field::One(text) = origin {
                report.add_check(&clauses::ORIGIN_EQUAL, text == "*" || options.origin.is(text), exchange, seen());
            }
            rate(&answer.rate, exchange, report);
            report.add(&clauses::CONSENT_STATUS, consent_status(status), Some(exchange), with_status());
        }
    }
    let posts = allows_post(response);
    let allow: Vec<_> = response.headers.get_all(ALLOW).iter().filter_map(|value| value.to_str().ok()).collect();
    let allow = if allow.is_empty() { Field::Absent } else { Field::One(allow.join(", ")) };
    report.add_check(&clauses::ALLOW_POST, posts, exchange, shown("Allow", &allow));

    if callback && !supported {
        return None;
    }
    conclude(&answer, options, report)
}

fn conclude(answer: &Answer, options: &Options, report: &mut Report) -> Option<Rate> {
    let status = answer.status;
    let terms = Terms { request_rate: Some(options.rate), ..Terms::new(options.origin.clone()) };
    let verdict = if status >= 500 || status == 429 { Ok(None) } else { evaluate(answer, &terms) };
    report.conclude(match &verdict {
        Ok(Some(rate)) => granted(&options.origin, *rate),
        Ok(None) => Said::new(
            format!("Consent: undecided, a sender would ask again later (the receiver answered {status})."),
            format!(
                "Toestemming: onbeslist, een afzender vraagt het later opnieuw (de ontvanger antwoordde {status})."
            ),
        ),
        // With a callback a sender would leave the request open.
        Err(Reason::NotSupported { .. }) => Said::new(
            "Consent: none, so no event would be sent, unless the sender offers a callback and you use it (--callback-listen).",
            "Toestemming: geen, dus er wordt niets gestuurd, tenzij de afzender een callback aanbiedt en u die gebruikt \
             (--callback-listen).",
        ),
        Err(reason) => Said::new(
            format!("Consent: none, so no event would be sent: {reason}."),
            "Toestemming: geen, dus er wordt niets gestuurd; de regel met FOUT zegt waarom.",
        ),
    });
    verdict.ok().flatten()
}

fn rate(rate: &Field, exchange: &Arc<Exchange>, report: &mut Report) {
    let seen = || shown("WebHook-Allowed-Rate", rate);
    report.add_check(&clauses::RATE_PRESENT, *rate != Field::Absent, exchange, seen());
    let valid = match rate {
        Field::Absent => return report.not_observed(&[&clauses::RATE_VALID], &seen()),
        Field::One(text) => Rate::parse_allowed(text).is_some(),
        Field::Several => false,
    };
    report.add_check(&clauses::RATE_VALID, valid, exchange, seen());
}

/// Statuses other than 2xx are unusual with consent; only 5xx and 429 invalidate it.
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

/// The sentence about consent in the report.
pub fn granted(origin: &Origin, rate: Rate) -> Said {
    Said::new(
        format!("Consent: granted to {origin}, {rate} requests per minute."),
        format!("Toestemming: gegeven aan {origin}, {rate} verzoeken per minuut."),
    )
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
