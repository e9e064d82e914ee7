//! The present state that events may have to be published about.

use std::{collections::HashMap, sync::Arc};

use delivery::{DeadLetterCount, SinkOutage};
use model::{KanaalName, Subscription, SubscriptionId, Timestamp};
use storage::mailings::EndedMailing;

/// Everything that this node knows and publishes about.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The subscriptions that this node delivers: for each sink all of them, or none.
    pub subscriptions: Vec<SubscriptionFacts>,
    /// The certificates that the configuration names; empty on nodes that do not publish about them.
    pub certificates: Vec<CertificateEnd>,
    /// The mailings that ended last, newest first; empty on nodes that do not publish about them.
    pub mailings: Vec<EndedMailing>,
    /// The people of each kanaal that messages do not reach; empty on nodes that do not publish about them.
    pub undeliverable: Vec<Undeliverable>,
}

/// Subscriptions of people to a kanaal that ended by hard bounces or a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The client that owns it.
    pub owner: Option<String>,
    /// When each of them ended, in order.
    pub ended: Vec<Timestamp>,
}

/// The state of a subscription.
#[derive(Debug, Clone)]
pub struct SubscriptionFacts {
    /// The subscription.
    pub subscription: Arc<Subscription>,
    /// The outage of its sink.
    pub outage: Option<SinkOutage>,
    /// Its dead letters that were not announced yet.
    pub dead_letters: Option<DeadLetterCount>,
    /// What retention is about to remove.
    pub retention: Option<RetentionRisk>,
    /// Whether this node has seen that its sink consented.
    pub had_consent: bool,
}

/// Events that a subscription did not get and that retention removes soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRisk {
    /// The kanaal of the first of them.
    pub kanaal: KanaalName,
    /// Records of its kanalen, wanted or not, that are removed soon; at least 1.
    pub records: u64,
    /// When the first of them may be removed.
    pub removed_from: Timestamp,
}

/// The end of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateEnd {
    /// The key of the configuration that names it.
    pub item: String,
    /// When it ends, or ended.
    pub expires: Timestamp,
}

/// What the gateway around the delivery engine knows.
pub trait NodeFacts: Send + Sync {
    /// The subscriptions that retention is about to overtake, of those that this node delivers.
    fn retention_risks(&self) -> HashMap<SubscriptionId, RetentionRisk>;

    /// The end of each certificate that the configuration names; reads files.
    fn certificates(&self) -> Vec<CertificateEnd>;
}
