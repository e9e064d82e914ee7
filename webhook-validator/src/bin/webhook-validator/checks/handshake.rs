//! Checks of the handshake: the question as a sender puts it, without a rate, without an origin, and as a stranger.

use std::rc::Rc;
use std::time::SystemTime;

use egress::{Response, SendError};
use http::header::ALLOW;
use webhook_validator::handshake::judge;
use webhook_validator::headers::{ALLOWED_ORIGIN, ALLOWED_RATE, REQUEST_ORIGIN};
use webhook_validator::http::{Question, answer};
use webhook_validator::{Answer, Field, Origin, Rate, Reason, Terms};

use super::callback::{self, Callback};
use super::{Stop, first_failure};
use crate::arguments::Arguments;
use crate::clauses::Clause;
use crate::clauses::connection::HTTP_VERSIONS;
use crate::clauses::handshake as clauses;
use crate::exchange::Exchange;
use crate::report::{Report, Verdict};
use crate::session::Session;
use crate::text::{Said, Text};
use crate::wire::Way;

/// Asks, and reports. The granted rate, when the receiver consents.
pub async fn run(session: &mut Session<'_>) -> Result<Option<Rate>, Stop> {
    let callback = Callback::listen(session).await.map_err(Stop::Nothing)?;
    let question = Question {
        url: session.url.clone(),
        origin: session.arguments.origin.clone(),
        request_rate: Some(session.arguments.rate),
        callback: callback.as_ref().map(Callback::header),
        tls: None,
    };
    let exchange = ask(session, &question, Text { en: "may I send?", nl: "mag ik sturen?" }).await;
    let response = match &exchange.outcome {
        Err(error) => return Err(first_failure(error)),
        Ok(response) => response.clone(),
    };
    let granted = first_answer(&response, &exchange, callback.is_some(), session.arguments, &mut session.report);
    let withheld = Field::of(&response.headers, &ALLOWED_ORIGIN) == Field::Absent && !response.status.is_redirection();
    let granted = match callback {
        Some(callback) if withheld => callback.wait(session).await,
        Some(_) => {
            callback::unused(&mut session.report);
            granted
        }
        None => granted,
    };
    // The offer was for the first question.
    let question = Question { callback: None, ..question };
    if granted.is_some() && !withheld {
        without_rate(session, &question).await;
        unasked(session, &question).await;
        stranger(session, &question).await;
    } else {
        let unseen = [&clauses::WITHOUT_RATE, &clauses::UNASKED, &clauses::STRANGERS];
        let why = match granted {
            Some(_) => Said::new("consent came by callback", "toestemming kwam via de callback"),
            None => no_consent(),
        };
        session.report.not_observed(&unseen, &why);
    }
    Ok(granted)
}

/// Puts the question; over HTTP/1.1 when HTTP/2 was agreed on and does not work.
async fn ask(session: &mut Session<'_>, question: &Question, purpose: Text) -> Rc<Exchange> {
    let exchange = session.send(question.request(), purpose, Way::Usual).await;
    if matches!(exchange.outcome, Err(SendError::Protocol(_))) && session.url.scheme_str() == Some("https") {
        let again = session.send(question.request(), purpose, Way::Http1).await;
        if again.answer().is_some() {
            session.report.judge(&HTTP_VERSIONS, false, &exchange, Said::plain(exchange.received.line()));
            session.usual = Way::Http1;
            return again;
        }
    }
    exchange
}

/// Asks without a rate, as a sender may.
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
    session.report.judge(&clauses::WITHOUT_RATE, granted && valid, &exchange, seen);
}

/// Sends `OPTIONS` without asking for anything: whoever grants now grants everybody.
async fn unasked(session: &mut Session<'_>, question: &Question) {
    let mut request = question.request();
    request.headers.remove(REQUEST_ORIGIN);
    let purpose = Text { en: "without saying who asks", nl: "zonder te zeggen wie vraagt" };
    let exchange = session.send(request, purpose, Way::Usual).await;
    let Some(response) = exchange.answer() else { return unanswered(session, &exchange, &clauses::UNASKED) };
    let origin = Field::of(&response.headers, &ALLOWED_ORIGIN);
    session.report.judge(
        &clauses::UNASKED,
        origin == Field::Absent,
        &exchange,
        shown("WebHook-Allowed-Origin", &origin),
    );
}

/// Asks in a name the receiver cannot know. `*` is open to all on purpose; an echo merely looks like a check.
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
    // A fixed answer that names somebody else admits no stranger either.
    let met = withheld || (!admitted && allowed != Field::Absent);
    session.report.judge(&clauses::STRANGERS, met, &exchange, shown("WebHook-Allowed-Origin", &allowed));
}

fn unanswered(session: &mut Session<'_>, exchange: &Exchange, clause: &'static Clause) {
    session.report.not_observed(&[clause], &Said::plain(exchange.received.line()));
}

fn first_answer(
    response: &Response,
    exchange: &Rc<Exchange>,
    callback: bool,
    arguments: &Arguments,
    report: &mut Report,
) -> Option<Rate> {
    let status = response.status.as_u16();
    let answer = answer(response, SystemTime::UNIX_EPOCH);
    let with_status = || Said::plain(status.to_string());
    let supported = answer.origin != Field::Absent;
    // Who withholds the headers may yet consent by callback.
    if supported || !callback {
        report.judge(&clauses::SUPPORTS_HANDSHAKE, supported, exchange, with_status());
        report.judge(&clauses::ALLOWED_ORIGIN, supported, exchange, shown("WebHook-Allowed-Origin", &answer.origin));
    }
    match &answer.origin {
        Field::Absent => {
            let unseen = [&clauses::ORIGIN_ONCE, &clauses::ORIGIN_EQUAL, &clauses::RATE_PRESENT, &clauses::RATE_VALID];
            report.not_observed(&unseen, &no_consent());
            if !callback {
                report.judge(&clauses::NOT_HANDLED, status == 405, exchange, with_status());
            }
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

    if callback && !supported {
        return None;
    }
    conclude(&answer, arguments, report)
}

fn conclude(answer: &Answer, arguments: &Arguments, report: &mut Report) -> Option<Rate> {
    let status = answer.status;
    let terms = Terms { request_rate: Some(arguments.rate), ..Terms::new(arguments.origin.clone()) };
    let verdict = if status >= 500 || status == 429 { Ok(None) } else { judge(answer, &terms) };
    report.conclude(match &verdict {
        Ok(Some(rate)) => granted(&arguments.origin, *rate),
        Ok(None) => Said::new(
            format!("Consent: undecided, a sender would ask again later (the receiver answered {status})."),
            format!(
                "Toestemming: onbeslist, een afzender vraagt het later opnieuw (de ontvanger antwoordde {status})."
            ),
        ),
        // A sender that offered a callback would leave the question open.
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

fn rate(rate: &Field, exchange: &Rc<Exchange>, report: &mut Report) {
    let seen = || shown("WebHook-Allowed-Rate", rate);
    report.judge(&clauses::RATE_PRESENT, *rate != Field::Absent, exchange, seen());
    let valid = match rate {
        Field::Absent => return report.not_observed(&[&clauses::RATE_VALID], &seen()),
        Field::One(text) => Rate::parse_allowed(text).is_some(),
        Field::Several => false,
    };
    report.judge(&clauses::RATE_VALID, valid, exchange, seen());
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

/// The sentence about consent.
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
