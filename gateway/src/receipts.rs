//! What providers of messages to people post: receipts and replies, made from the configuration.
//!
//! Not here: HTTP (`api-native`), reading what was posted (`channel-sms`), what follows from it (`people`).

use std::{sync::Arc, time::Duration};

use api_native::receipts::{ReceiptEndpoint, ReceiptOutcome};
use async_trait::async_trait;
use channel_sms::{
    Report, Secret,
    notify::{ReceiptStatus, parse_notification},
    parse_report,
};
use management::audit::Recorder;
use message::{
    address::{PhoneNumber, Region},
    verp::Delivery,
};
use model::{
    Actor, Grants, Interface, Origin,
    addressee::{AddresseeId, bounce::Threshold},
    audit::{Action, Object, ObjectKind},
};
use people::{People, Receipt, Receipted};

use crate::{
    config::{Config, is_receipts_secret},
    start::StartError,
};

/// What was posted, by `result`.
pub const RECEIPTS: &str = "gateway_people_receipts_total";
const RESULTS: [&str; 8] =
    ["stored", "repeated", "no_evidence", "unknown", "under_way", "reply", "malformed", "deferred"];

/// How often a receipt of a message without evidence is tried: it may come before the evidence is stored, with the next
/// checkpoint of its mailing.
const TRIES: u32 = 3;
/// How long to wait in between.
const BETWEEN: Duration = Duration::from_millis(500);

/// The issuer of a person who is known only by a number, in the audit trail. The subject is the id of the addressee.
const ISSUER: &str = "sms";

/// Settles what providers post.
pub struct Receipts {
    people: Arc<People>,
    secret: Secret,
    threshold: Threshold,
    recorder: Arc<Recorder>,
}

/// Why nothing is stored. No variant has anything of a person.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Audit(#[from] storage::Error),
}

/// The endpoint; `None` without a secret.
///
/// # Errors
/// The file of the secret cannot be read, or has none.
pub fn receipts(
    config: &Config,
    people: Option<&Arc<People>>,
    recorder: &Arc<Recorder>,
) -> Result<Option<Arc<Receipts>>, StartError> {
    let (Some(own), Some(people)) = (&config.people, people) else { return Ok(None) };
    let fault = |why: &dyn std::fmt::Display| StartError::Config(format!("people.receipts_secret_file: {why}"));
    let secret = match (&own.receipts_secret, &own.receipts_secret_file) {
        (Some(secret), _) => secret.clone(),
        (None, Some(file)) => {
            let text = secrets::read_text(file).map_err(|error| fault(&error))?;
            let text = text.trim().to_owned();
            if !is_receipts_secret(&text) {
                return Err(fault(&"must have at least 20 letters, digits, hyphens and underscores"));
            }
            text
        }
        (None, None) => return Ok(None),
    };
    // A counter that appears with its first increment hides that increment from rate().
    for result in RESULTS {
        metrics::counter!(RECEIPTS, "result" => result).absolute(0);
    }
    let inbound = config.email.as_ref().and_then(|email| email.inbound.as_ref());
    Ok(Some(Arc::new(Receipts {
        people: Arc::clone(people),
        secret: Secret::new(&secret),
        threshold: inbound.map(crate::config::EmailInbound::threshold).unwrap_or_default(),
        recorder: Arc::clone(recorder),
    })))
}

#[async_trait]
impl ReceiptEndpoint for Receipts {
    async fn post(&self, provider: &str, secret: &str, query: &str, body: &[u8]) -> ReceiptOutcome {
        if !self.secret.matches(secret) {
            return ReceiptOutcome::Unknown;
        }
        let report = match provider {
            "notifynl" => parse_notification(body).ok().map(|receipt| Report::Delivery {
                // A message without a reference is none of ours.
                reference: receipt.reference.unwrap_or_default(),
                status: receipt.status,
            }),
            "sms" => parse_report(query, body),
            _ => return ReceiptOutcome::Unknown,
        };
        let settled = match report {
            Some(report) => self.settle(report).await,
            None => Ok("malformed"),
        };
        let (result, outcome) = match settled {
            Ok("malformed") => ("malformed", ReceiptOutcome::Malformed),
            Ok(result) => (result, ReceiptOutcome::Settled),
            Err(error) => {
                tracing::warn!(%error, "a receipt cannot be stored; the provider is to send it again");
                ("deferred", ReceiptOutcome::Later)
            }
        };
        metrics::counter!(RECEIPTS, "result" => result).increment(1);
        outcome
    }
}

impl Receipts {
    /// Does what follows; returns the word for metrics.
    async fn settle(&self, report: Report) -> Result<&'static str, Failure> {
        match report {
            Report::Reply { from, text } => {
                // Providers leave out the plus of an international number.
                let from = if from.starts_with(['+', '0']) { from } else { format!("+{from}") };
                if let Ok(number) = PhoneNumber::parse(&from, Region::Netherlands)
                    && let Some(id) = self.people.reply(&number, &text).await?
                {
                    self.record(id).await?;
                }
                Ok("reply")
            }
            Report::Delivery { reference, status } => {
                let Some(receipt) = receipt_of(status) else { return Ok("under_way") };
                let Some(delivery) = Delivery::of_reference(&self.people.keys().digest, &reference) else {
                    return Ok("unknown");
                };
                let mut found = self.people.receipt(&delivery, receipt, self.threshold).await?;
                for _ in 1..TRIES {
                    if found != Receipted::NoEvidence {
                        break;
                    }
                    tokio::time::sleep(BETWEEN).await;
                    found = self.people.receipt(&delivery, receipt, self.threshold).await?;
                }
                Ok(match found {
                    Receipted::Stored => "stored",
                    Receipted::Repeated => "repeated",
                    Receipted::NoEvidence => "no_evidence",
                    Receipted::Unknown => "unknown",
                })
            }
        }
    }

    /// Adds an entry to the audit trail, without any number.
    async fn record(&self, AddresseeId(id): AddresseeId) -> Result<(), storage::Error> {
        let id = id.to_string();
        let actor = Actor::person(ISSUER, id.clone(), Grants::default()).with_origin(Origin::of(Interface::People));
        self.recorder.record(&actor, Action::AddresseeLeave, Object::new(ObjectKind::Addressee, id)).await
    }
}

/// What a status means; `None` for one that is not final, and for one after which no receipt comes.
const fn receipt_of(status: ReceiptStatus) -> Option<Receipt> {
    match status {
        ReceiptStatus::UnderWay | ReceiptStatus::Sent => None,
        ReceiptStatus::Delivered => Some(Receipt::Delivered),
        ReceiptStatus::PermanentFailure => Some(Receipt::PermanentFailure),
        ReceiptStatus::TemporaryFailure => Some(Receipt::TemporaryFailure),
        ReceiptStatus::TechnicalFailure => Some(Receipt::TechnicalFailure),
    }
}
