//! Mail that comes back, made from the configuration: which recipients there are, and what becomes of their mail.
//!
//! Not here: SMTP (`inbound-mail`), reading a mail (`message::bounce`), what follows from it (`people`).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use inbound_mail::{Delivered, Limits, Mail, Mailboxes, Settings};
use management::audit::Recorder;
use message::{
    address::EmailAddress,
    bounce::{self, Report},
    verp::{Delivery, EnvelopeSenders, Mailbox},
};
use model::{
    Actor, Clock, Grants, Interface, Origin, Timestamp,
    addressee::bounce::Threshold,
    audit::{Action, Object, ObjectKind},
};
use people::{People, Returned};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, EmailInbound},
    server::tls::Certificate,
    start::StartError,
};

/// Mails that were accepted, by `result`.
pub const MAILS: &str = "gateway_people_inbound_mails_total";
/// The result of a mail that could not be stored and is to come again.
pub const DEFERRED: &str = "deferred";

/// The issuer of a person who is known only by the recipient of a mail, in the audit trail. The subject is the id of the addressee.
const ISSUER: &str = "mail";

/// The recipients of mail that comes back.
pub struct InboundMail {
    people: Arc<People>,
    senders: EnvelopeSenders,
    complaints: Option<EmailAddress>,
    threshold: Threshold,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    deferring: Mutex<Option<Timestamp>>,
}

/// Why a mail is not settled. No variant has anything of it.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Audit(#[from] storage::Error),
}

/// The recipients; `None` without `[email.inbound]`.
///
/// # Errors
/// A value of the configuration cannot be used.
pub fn mailboxes(
    config: &Config,
    people: Option<&Arc<People>>,
    recorder: &Arc<Recorder>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<InboundMail>>, StartError> {
    let (Some(email), Some(people)) = (&config.email, people) else { return Ok(None) };
    let (Some(own), Some(domain)) = (&email.inbound, &email.envelope_domain) else { return Ok(None) };
    let senders = EnvelopeSenders::new(people.keys().digest.clone(), domain);
    let senders = senders.map_err(|error| StartError::Config(format!("email.envelope_domain: {error}")))?;
    let complaints = own.complaints.as_ref().map(|local| EmailAddress::parse(&format!("{local}@{domain}")));
    let complaints =
        complaints.transpose().map_err(|error| StartError::Config(format!("email.inbound.complaints: {error}")))?;
    // A counter that appears with its first increment hides that increment from rate().
    for result in Returned::LABELS.into_iter().chain([DEFERRED]) {
        metrics::counter!(MAILS, "result" => result).absolute(0);
    }
    for reason in inbound_mail::metrics::REASONS {
        metrics::counter!(inbound_mail::metrics::REFUSED, "reason" => reason).absolute(0);
    }
    Ok(Some(Arc::new(InboundMail {
        people: Arc::clone(people),
        senders,
        complaints,
        threshold: own.threshold(),
        recorder: Arc::clone(recorder),
        clock: Arc::clone(clock),
        deferring: Mutex::new(None),
    })))
}

/// Takes mail on this listener until `stop` is cancelled.
pub fn listen(
    listener: TcpListener,
    (config, own): (&Config, &EmailInbound),
    certificate: Option<&Arc<Certificate>>,
    mailboxes: Arc<InboundMail>,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + use<> {
    let limits = Limits {
        mail: own.mail_bytes,
        connections: own.connections.get(),
        per_address: own.connections_per_address.get(),
        time: Duration::from_secs(own.seconds.get().into()),
    };
    let tls = certificate.map(Arc::clone).map(|certificate| {
        let acceptor: inbound_mail::Acceptor = Arc::new(move || certificate.acceptor());
        acceptor
    });
    let settings = Settings { host: config.origin.clone(), limits, tls };
    inbound_mail::serve(listener, settings, mailboxes, stop)
}

#[async_trait]
impl Mailboxes for InboundMail {
    fn takes(&self, recipient: &str) -> bool {
        self.is_for_complaints(recipient) || self.senders.read(recipient).is_some()
    }

    async fn deliver(&self, mail: Mail) -> Delivered {
        match self.settle(&mail).await {
            Ok(returned) => {
                metrics::counter!(MAILS, "result" => returned.label()).increment(1);
                if let Returned::Undeliverable(ended) = returned {
                    tracing::info!(ended, "light subscriptions of an address ended: its mail comes back");
                }
                self.deferred(None);
                Delivered::Stored
            }
            Err(error) => {
                metrics::counter!(MAILS, "result" => DEFERRED).increment(1);
                if self.deferred(Some(self.clock.now())).is_none() {
                    tracing::warn!(%error, "mail that came back cannot be stored; the relay is to send it again");
                }
                Delivered::Later
            }
        }
    }
}

impl InboundMail {
    /// Since when mail is answered with 451; `None` when the last one was stored.
    pub fn deferring(&self) -> Option<Timestamp> {
        *self.deferring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whether the last mail was deferred, and returns what was known before. The first moment of several stays.
    fn deferred(&self, at: Option<Timestamp>) -> Option<Timestamp> {
        let mut deferring = self.deferring.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *deferring;
        *deferring = at.map(|at| before.unwrap_or(at));
        before
    }

    fn is_for_complaints(&self, recipient: &str) -> bool {
        self.complaints.as_ref().is_some_and(|own| own.expose().eq_ignore_ascii_case(recipient))
    }

    async fn settle(&self, mail: &Mail) -> Result<Returned, Failure> {
        // It is not larger than what the listener takes.
        let report = bounce::read(&mail.content).unwrap_or(Report::Unclear);
        let found = if self.is_for_complaints(&mail.recipient) {
            self.complained_of(&report)
        } else {
            self.senders.read(&mail.recipient)
        };
        let Some((mailbox, delivery)) = found else { return Ok(Returned::Unclear) };
        let returned = self.people.returned(mailbox, &delivery, &report, self.threshold).await?;
        if let Returned::Unsubscribed(_) = returned {
            self.record(&delivery).await?;
        }
        Ok(returned)
    }

    /// What a complaint is about, by the envelope sender in it; nothing when that is not one of ours.
    fn complained_of(&self, report: &Report) -> Option<(Mailbox, Delivery)> {
        let Report::Complaint(complaint) = report else { return None };
        self.senders.read(complaint.envelope_sender.as_deref()?)
    }

    /// Adds an entry to the audit trail, without any address.
    async fn record(&self, delivery: &Delivery) -> Result<(), storage::Error> {
        let id = delivery.subscription.0.to_string();
        let actor = Actor::person(ISSUER, id.clone(), Grants::default()).with_origin(Origin::of(Interface::People));
        self.recorder.record(&actor, Action::AddresseeLeave, Object::new(ObjectKind::Addressee, id)).await
    }
}
