//! Checks of deliveries: a plain event first, then variations of it one by one, each within the granted rate.

use std::sync::Arc;

use http::header::TRANSFER_ENCODING;
use http::{HeaderValue, Version};

use super::credentials;
use crate::check::clauses::connection::{CHUNKED, HEADER_CASE, HTTP_VERSIONS};
use crate::check::clauses::events::{
    ACCEPTED, BROKEN, EMPTY_BATCH, EXTENSIONS, INVALID, LARGE, MEDIA_TYPE, OTHER_FORMATS, REPEATED, UNKNOWN_FORMAT,
};
use crate::check::events::{Events, Message, empty_batch};
use crate::check::exchange::Exchange;
use crate::check::options::Format;
use crate::check::report::Verdict;
use crate::check::session::Session;
use crate::check::text::{Said, Text};
use crate::check::wire::Way;

/// Sends events to a receiver that has consented, and reports.
pub async fn events(session: &mut Session<'_>, events: &mut Events) {
    let Some(plain) = events.plain() else {
        let why = Said::new(
            "this event cannot travel in binary mode: it needs data, and no data_base64",
            "deze gebeurtenis kan niet in binary mode: daarvoor is data nodig, en geen data_base64",
        );
        return session.report.not_observed(&[&ACCEPTED], &why);
    };
    let purpose = Text { en: "an event", nl: "een gebeurtenis" };
    let Some(first) = session.post(plain.clone(), purpose, Way::Usual).await else { return };
    let understood = accepted(session, &first);
    if !understood {
        if first.status().is_some_and(|status| status.as_u16() == 415) {
            other_formats(session, events).await;
        }
        session.stop(Said::new(
            "the plain event was not accepted, so variations of it say nothing",
            "de gewone gebeurtenis is niet aangenomen, dus varianten ervan zeggen niets",
        ));
    }
    variations(session, events, plain, &first).await;
    let message = events.extended();
    let exchange =
        post(session, message, Text { en: "with an unknown attribute", nl: "met een onbekend attribuut" }).await;
    session.accepted(&EXTENSIONS, exchange.as_ref());

    let message = events.with_other_media_type_spelling();
    let purpose =
        Text { en: "with another spelling of the media type", nl: "met een andere schrijfwijze van het mediatype" };
    let exchange = post(session, message, purpose).await;
    session.accepted(&MEDIA_TYPE, exchange.as_ref());

    let message = events.without_id();
    let exchange = post(session, message, Text { en: "without id", nl: "zonder id" }).await;
    session.refused(&INVALID, exchange.as_ref());

    let message = Some(events.with_unknown_media_type());
    let exchange =
        post(session, message, Text { en: "in a format nobody knows", nl: "in een formaat dat niemand kent" }).await;
    match exchange.as_ref().and_then(|exchange| Some((exchange, exchange.status()?.as_u16()))) {
        None => session.not_observed(&UNKNOWN_FORMAT),
        Some((exchange, 429)) => session.accepted(&UNKNOWN_FORMAT, Some(exchange)),
        Some((exchange, status)) => {
            session.report.add_check(&UNKNOWN_FORMAT, status == 415, exchange, Said::plain(exchange.received.line()));
        }
    }
    if understood {
        other_formats(session, events).await;
    }
    credentials::run(session, events).await;
}

/// Sends notifications to a receiver that has passed the probes, and reports.
pub async fn notifications(session: &mut Session<'_>, events: &mut Events) {
    let Some(plain) = events.plain() else { return };
    let purpose = Text { en: "a notification", nl: "een notificatie" };
    let Some(first) = session.post(plain.clone(), purpose, Way::Usual).await else { return };
    session.accepted(&ACCEPTED, Some(&first));
    variations(session, events, plain, &first).await;
}

/// Reports that no event could be sent.
pub fn skip(session: &mut Session<'_>) {
    session.stop(Said::new("no event is sent without consent", "zonder toestemming wordt geen gebeurtenis gestuurd"));
    let not_observed = [
        &ACCEPTED,
        &REPEATED,
        &EXTENSIONS,
        &LARGE,
        &MEDIA_TYPE,
        &HEADER_CASE,
        &CHUNKED,
        &INVALID,
        &BROKEN,
        &UNKNOWN_FORMAT,
        &OTHER_FORMATS,
        &EMPTY_BATCH,
    ];
    for clause in not_observed {
        session.not_observed(clause);
    }
    credentials::skip(session);
}

/// Variations for every kind of receiver.
async fn variations(session: &mut Session<'_>, events: &mut Events, plain: Message, first: &Arc<Exchange>) {
    let purpose = Text { en: "the same once more", nl: "dezelfde nog eens" };
    let exchange = session.post(plain, purpose, Way::Usual).await;
    session.accepted(&REPEATED, exchange.as_ref());

    let message = events.large();
    let exchange = post(session, message, Text { en: "of 64 KiB", nl: "van 64 KiB" }).await;
    session.accepted(&LARGE, exchange.as_ref());

    let message = events.plain();
    let purpose = Text { en: "over HTTP/1.1, with Names-Like-This", nl: "over HTTP/1.1, met Namen-Zoals-Deze" };
    let exchange = post_by(session, message, purpose, Way::TitleCase).await;
    session.accepted(&HEADER_CASE, exchange.as_ref());
    let http2 = first.answer().is_some_and(|answer| answer.version == Version::HTTP_2);
    if http2 {
        session.accepted(&HTTP_VERSIONS, exchange.as_ref());
    } else {
        let why = Said::new("only HTTP/1.1 is spoken, which is allowed", "alleen HTTP/1.1 wordt gesproken, en dat mag");
        session.report.not_observed(&[&HTTP_VERSIONS], &why);
    }

    let message = events.plain().map(|mut message| {
        message.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        message
    });
    let purpose = Text { en: "over HTTP/1.1, in chunks", nl: "over HTTP/1.1, in stukken" };
    let exchange = post_by(session, message, purpose, Way::Http1).await;
    session.accepted(&CHUNKED, exchange.as_ref());

    let message = Some(events.broken());
    let exchange = post(session, message, Text { en: "half a JSON document", nl: "een half JSON-document" }).await;
    session.refused(&BROKEN, exchange.as_ref());
}

async fn post(session: &mut Session<'_>, message: Option<Message>, purpose: Text) -> Option<Arc<Exchange>> {
    post_by(session, message, purpose, Way::Usual).await
}

async fn post_by(
    session: &mut Session<'_>,
    message: Option<Message>,
    purpose: Text,
    way: Way,
) -> Option<Arc<Exchange>> {
    session.post(message?, purpose, way).await
}

/// Tries the formats other than the one given on the command line, and an empty batch if the receiver accepts batches.
async fn other_formats(session: &mut Session<'_>, events: &mut Events) {
    let own = session.options.format;
    let mut batches = own == Format::Batch;
    for (format, purpose) in [
        (Format::Structured, Text { en: "in structured mode", nl: "in structured mode" }),
        (Format::Binary, Text { en: "in binary mode", nl: "in binary mode" }),
        (Format::Batch, Text { en: "in a batch", nl: "in een batch" }),
    ] {
        if format == own {
            continue;
        }
        let message = events.in_format(format);
        let Some(exchange) = post(session, message, purpose).await else { continue };
        let verdict = match exchange.status().map(|status| status.as_u16()) {
            Some(200..=299) => {
                batches |= format == Format::Batch;
                Verdict::Pass
            }
            Some(415) => Verdict::Pass,
            Some(429) => Verdict::NotObserved,
            // A receiver that supports the media type may reject the message as an invalid event.
            Some(400..=499) => Verdict::Warn,
            _ => Verdict::Fail,
        };
        session.report.add(&OTHER_FORMATS, verdict, Some(&exchange), Said::plain(exchange.received.line()));
    }
    if batches {
        let purpose = Text { en: "an empty batch", nl: "een lege batch" };
        let exchange = post(session, Some(empty_batch()), purpose).await;
        session.accepted(&EMPTY_BATCH, exchange.as_ref());
    } else {
        let why = Said::new("batches are not accepted, which is allowed", "batches worden niet aangenomen, en dat mag");
        session.report.not_observed(&[&EMPTY_BATCH], &why);
    }
}

/// Reports on the response to the plain event; returns whether it was accepted.
fn accepted(session: &mut Session<'_>, event: &Arc<Exchange>) -> bool {
    let line = event.received.line();
    let Some(response) = event.answer() else {
        session.report.add_check(&ACCEPTED, false, event, Said::plain(line));
        return false;
    };
    let status = response.status.as_u16();
    let verdict = match status {
        // 200 promises content; without it the event is accepted but the response is undefined.
        200 if response.body.is_empty() && !response.truncated => Verdict::Warn,
        200 | 201 | 202 | 204 => Verdict::Pass,
        203..=299 => Verdict::Warn,
        // A busy receiver with Retry-After has not rejected the event.
        429 => Verdict::NotObserved,
        _ => Verdict::Fail,
    };
    let bare = session.options.authorization.is_none() && !event.query_token;
    let seen = if bare && matches!(status, 401 | 403) {
        Said::new(
            format!("{line}; no --authorization was given: if the receiver wants a credential, give it"),
            format!("{line}; er is geen --authorization meegegeven: wil de ontvanger een toegangsbewijs, geef het mee"),
        )
    } else {
        Said::plain(line)
    };
    session.report.add(&ACCEPTED, verdict, Some(event), seen);
    response.status.is_success()
}
