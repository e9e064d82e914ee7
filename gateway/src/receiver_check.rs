//! A check of the receiver of a subscription by the library `webhook-validator`: its options from the subscription, and its report
//! in the words of `management`.
//!
//! It uses clients of its own, because it varies HTTP and TLS; they have the address policy, certificates and profiles of the
//! gateway.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use channel_webhook::credentials::{Authorization, Credentials};
use egress::{Egress, Owner};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use management::{CheckRequest, InTwoLanguages, ReceiverFinding, ReceiverReport, ReceiverVerdict};
use model::{
    Sink, Subscription,
    consent::{Rate, Validation},
    subscription::Format,
};
use tokio::time::Instant;
use webhook_validator::check::{self, Consent, Finding, Options, Report, Said, Verdict, Wire};

/// The rate that is asked for when the subscription asks for none, in requests per minute.
const RATE: NonZeroU32 = NonZeroU32::new(120).expect("not zero");

/// What checks work with.
pub struct Parts {
    /// Checks URLs and chooses TLS profiles.
    pub egress: Arc<Egress>,
    /// Opens credentials.
    pub credentials: Arc<dyn Credentials>,
    /// The settings of the clients of a check.
    pub clients: egress::Settings,
    /// The origin that asks for consent.
    pub origin: String,
    /// The time for one request.
    pub timeout: Duration,
}

/// Checks the receiver of a subscription.
pub async fn run(parts: &Parts, subscription: &Subscription, request: CheckRequest) -> ReceiverReport {
    match examine(parts, subscription, request).await {
        Ok(report) => shown(&report),
        Err(why) => ReceiverReport { passed: false, outcome: vec![in_two_languages(&why)], findings: Vec::new() },
    }
}

async fn examine(parts: &Parts, subscription: &Subscription, request: CheckRequest) -> Result<Report, Said> {
    let (url, options) = options(parts, subscription, request).await?;
    let profile = subscription.tls.as_deref().map(Arc::from);
    let profile = profile.or_else(|| parts.egress.profile_for(&url, Owner::Applicatie(&subscription.owner)));
    let clients = parts.clients.clone();
    // Reads certificates from files.
    let wire = tokio::task::spawn_blocking(move || {
        Wire::new(|protocol| Egress::new(egress::Settings { protocol, ..clients.clone() }), profile)
    });
    let wire = wire.await.map_err(|error| nothing_sent(error.to_string()))?;
    check::run(url, &options, wire.map_err(|error| nothing_sent(error.to_string()))?).await
}

/// The URL with its token if it has one, and the options of the run.
async fn options(parts: &Parts, subscription: &Subscription, request: CheckRequest) -> Result<(Uri, Options), Said> {
    let Sink::Webhook(mut url) = subscription.sink.clone();
    parts.egress.policy().check_url(&url).map_err(|error| nothing_sent(format!("the URL {error}")))?;
    let opened = parts.credentials.authorization(subscription, false).await;
    let opened = opened.and_then(|opened| Ok((opened, parts.credentials.headers(subscription)?)));
    let (opened, headers) = opened.map_err(|error| nothing_sent(error.to_string()))?;
    let authorization = match opened.authorization {
        Authorization::None => None,
        Authorization::Header(text) => Some(secret_header(&text)?),
        Authorization::QueryToken(token) => {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("access_token=");
            url.push_str(&egress::url_part(&token));
            None
        }
    };
    let url = url.parse().map_err(|_| nothing_sent("the URL cannot be used".to_owned()))?;
    let origin = parts.origin.parse().map_err(|_| nothing_sent("the origin is no name".to_owned()))?;
    let turn = request.turn;
    Ok((
        url,
        Options {
            format: format(subscription.format),
            rate: subscription.requested_rate.unwrap_or(RATE),
            consent: consent(subscription),
            headers: own_headers(&headers)?,
            authorization,
            run: request.run,
            timeout: parts.timeout,
            deadline: Some(Instant::now() + request.within),
            turn: Arc::new(move || {
                let turn = turn();
                Box::pin(async move { if turn.await { Ok(()) } else { Err(may_not_send()) } })
            }),
            ..Options::new(origin)
        },
    ))
}

fn own_headers(headers: &[(String, String)]) -> Result<HeaderMap, Said> {
    let mut map = HeaderMap::new();
    for (name, text) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| nothing_sent("a header of the subscription is no header".to_owned()))?;
        map.insert(name, secret_header(text)?);
    }
    Ok(map)
}

fn secret_header(text: &str) -> Result<HeaderValue, Said> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        nothing_sent("the credential or a header of the subscription has an impossible value".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn format(format: Format) -> check::Format {
    match format {
        Format::Legacy => check::Format::Legacy,
        Format::Structured(_) => check::Format::Structured,
        Format::Binary => check::Format::Binary,
        Format::Batch { .. } => check::Format::Batch,
    }
}

fn consent(subscription: &Subscription) -> Consent {
    let before = subscription.consent.granted().map(|(_, rate)| match rate {
        Rate::Unlimited => webhook_validator::Rate::Unlimited,
        Rate::PerMinute(number) => webhook_validator::Rate::PerMinute(number),
    });
    match subscription.validation {
        Validation::Handshake => Consent::Handshake { before },
        // Without consent the turn of the first event does not come.
        Validation::Probe | Validation::Manual { .. } => {
            Consent::Agreed(before.unwrap_or(webhook_validator::Rate::Unlimited))
        }
    }
}

fn nothing_sent(why: String) -> Said {
    Said::new(format!("Nothing was sent: {why}."), format!("Er is niets gestuurd: {why}."))
}

fn may_not_send() -> Said {
    Said::new(
        "the subscription has no consent, or its sink gets no request now",
        "het abonnement heeft geen toestemming, of de ontvanger krijgt nu geen verzoeken",
    )
}

fn shown(report: &Report) -> ReceiverReport {
    ReceiverReport {
        passed: !report.failed(),
        outcome: report.outcome().iter().map(in_two_languages).collect(),
        findings: report.findings().iter().map(finding).collect(),
    }
}

fn finding(finding: &Finding<'_>) -> ReceiverFinding {
    let text = |text: check::Text| InTwoLanguages { en: text.en.to_owned(), nl: text.nl.to_owned() };
    ReceiverFinding {
        id: finding.clause.id,
        must: finding.clause.must,
        verdict: match finding.verdict {
            Verdict::Pass => ReceiverVerdict::Pass,
            Verdict::Warn => ReceiverVerdict::Warn,
            Verdict::Fail => ReceiverVerdict::Fail,
            Verdict::NotObserved => ReceiverVerdict::NotObserved,
        },
        rule: text(finding.clause.rule),
        seen: in_two_languages(&finding.seen),
        remedy: finding.remedy().map(text),
    }
}

fn in_two_languages(said: &Said) -> InTwoLanguages {
    InTwoLanguages { en: said.en.clone(), nl: said.nl.clone() }
}
