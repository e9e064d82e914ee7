//! The port through which management checks receivers, and URLs and TLS profiles for them. `gateway` implements it.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use delivery::{DecodedEvent, Reply};
use model::{Actor, Sink, Subscription, Timestamp, credential::Credential};

/// Why the documentation of a kanaal could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL is not one that may be requested; the text is a rule, to be read after "the URL".
    #[error("the URL {0}")]
    Unusable(String),
    /// It answers with another HTTP status than 200.
    #[error("it answers with {0}")]
    Status(u16),
    /// The server gives no response.
    #[error("{problem}")]
    NoAnswer {
        /// The kind of failure in one word: `refused`, `dns`, `connect`, `tls`, `timeout` or `protocol`.
        label: &'static str,
        /// The error as text.
        problem: String,
    },
}

/// Checks receivers before a subscription names them, and the documentation of kanalen.
#[async_trait]
pub trait Receivers: Send + Sync {
    /// Checks that deliveries to this URL are allowed. `Err` holds the rule it breaks.
    fn check_url(&self, url: &str) -> Result<(), String>;

    /// Whether a TLS profile of this name is configured and the actor may use it.
    fn may_use_tls_profile(&self, name: &str, actor: &Actor) -> bool;

    /// Sends the two probes of the Notificaties API to a sink (MAP-26): it must refuse a test notification without the
    /// credential and accept it with the credential. `tls` names a TLS profile; without it the default one for the sink and
    /// `owner` (`client_id`) is used. Returns once both passed, at most two request timeouts later.
    async fn probe(
        &self,
        sink: &Sink,
        credential: &Credential,
        tls: Option<&str>,
        owner: &str,
    ) -> Result<(), ProbeError>;

    /// Sends one test event to the sink of a subscription in one request, as a delivery is sent: in its format, with its
    /// headers, credential and granted origin. Checks no consent. Returns what came of it, at most one request timeout later,
    /// and counts it apart from deliveries.
    async fn send_test(&self, subscription: &Arc<Subscription>, event: DecodedEvent) -> Reply;

    /// Examines the receiver of a subscription as a sender would meet it, and returns what it found. Sends `OPTIONS` requests
    /// or probes, and test events when [`CheckRequest::turn`] allows them. Ends after [`CheckRequest::within`], or one request
    /// later.
    async fn check(&self, subscription: &Arc<Subscription>, request: CheckRequest) -> ReceiverReport;

    /// When the certificates end that are used towards the receiver of a subscription, as far as this node knows. Sends nothing;
    /// may wait for a file.
    async fn certificate_ends(&self, subscription: &Subscription) -> CertificateEnds;

    /// Fetches the documentation of a kanaal with one GET that must answer 200. Redirects are not followed, so that
    /// they cannot lead to an address that the policy does not allow.
    async fn fetch_documentation(&self, url: &str) -> Result<(), FetchError>;
}

/// When the certificates end that are used towards a receiver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CertificateEnds {
    /// The certificate that the receiver showed last; `None` without TLS, and while this node has made no connection to it.
    pub receiver: Option<Timestamp>,
    /// The client certificate of the TLS profile that deliveries use; `None` when they use none, or it cannot be read.
    pub own: Option<Timestamp>,
}

/// A check of a receiver.
#[derive(Clone)]
pub struct CheckRequest {
    /// Part of the ids of its events; unique.
    pub run: String,
    /// The time after which nothing more is tried.
    pub within: Duration,
    /// Waits until an event may be sent; false when none may.
    pub turn: EventTurn,
}

/// Waits until an event may be sent to a receiver; false when none may.
pub type EventTurn = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// What a check of a receiver found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverReport {
    /// Whether there is a report, and no obligation that is not met.
    pub passed: bool,
    /// Sentences about the whole; why there is no report.
    pub outcome: Vec<InTwoLanguages>,
    /// The verdict on each clause; empty when there is no report.
    pub findings: Vec<ReceiverFinding>,
}

/// The verdict on one clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverFinding {
    /// The requirement, or the section of an RFC.
    pub id: &'static str,
    /// Whether it is an obligation.
    pub must: bool,
    /// The verdict.
    pub verdict: ReceiverVerdict,
    /// The rule.
    pub rule: InTwoLanguages,
    /// What was observed, or why nothing was.
    pub seen: InTwoLanguages,
    /// What to do about it, if it is not met.
    pub remedy: Option<InTwoLanguages>,
}

/// A verdict on a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverVerdict {
    /// It is met.
    Pass,
    /// The behaviour is permitted but not advisable.
    Warn,
    /// An obligation is not met.
    Fail,
    /// There was no opportunity to observe it.
    NotObserved,
}

/// A text for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTwoLanguages {
    /// In English.
    pub en: String,
    /// In Dutch.
    pub nl: String,
}

impl<En: Into<String>, Nl: Into<String>> From<(En, Nl)> for InTwoLanguages {
    /// The English text, and the Dutch one.
    fn from((en, nl): (En, Nl)) -> Self {
        Self { en: en.into(), nl: nl.into() }
    }
}

/// One of the two requests by which a receiver is probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// A test notification without credential, which the receiver must refuse.
    WithoutCredential,
    /// A test notification with the credential of the subscription, which the receiver must accept.
    WithCredential,
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WithoutCredential => "a POST without Authorization",
            Self::WithCredential => "the test notification",
        })
    }
}

/// Why a receiver did not pass the probes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The receiver did not refuse a request without credential.
    #[error("a POST without Authorization got {status}; the receiver must refuse it with 401 or 403")]
    Unguarded {
        /// The HTTP status it answered.
        status: u16,
    },
    /// The receiver did not accept the test notification.
    #[error("the test notification got {status}; it must be answered with {expected}")]
    NotAccepted {
        /// The HTTP status it answered.
        status: u16,
        /// The statuses that are accepted, in words.
        expected: &'static str,
    },
    /// The receiver did not answer.
    #[error("the receiver did not answer {probe}: {problem}")]
    NoAnswer {
        /// Which request it did not answer.
        probe: Probe,
        /// The kind of failure as one fixed word: `refused`, `dns`, `connect`, `tls`, `timeout`, …
        label: &'static str,
        /// The error as text.
        problem: String,
    },
    /// The credential gives nothing to send: its token endpoint refuses, or its token expired.
    #[error("its credential cannot be used: {0}")]
    Credential(String),
    /// Nothing could be sent: the URL or the credential has a form that no request can have.
    #[error("nothing could be sent: {0}")]
    Unusable(String),
}
