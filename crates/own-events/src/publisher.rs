//! Publishes the events that are due: collects the facts, compares them with the log, appends. It holds no rule.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use delivery::{DeadLetterCount, Handle};
use model::{Clock, KanaalName, SubscriptionId, Timestamp, clock::Instant};
use publishing::Publishing;
use storage::{
    Audience, Error, EventLog, Mailings,
    mailings::{EndedMailing, MAX_PAGE},
    progress::Shard,
};

use crate::{
    announced::Announced,
    due::due,
    event::OwnEvent,
    facts::{CertificateEnd, Facts, NodeFacts, SubscriptionFacts, Undeliverable},
    kind::Kind,
    own_log::OwnLog,
    settings::Settings,
    undeliverable,
};

/// The owner of this shard publishes what concerns no subscription.
const FIRST_SHARD: Shard = Shard(0);
/// Most events of one pass, so that much that happens together leaves room for events of others. The rest follows.
const MOST_EVENTS: usize = 100;
/// The time between two looks at the files with certificates.
const CERTIFICATES: Duration = Duration::from_hours(1);
/// The longest time between two looks for people that messages do not reach.
const UNDELIVERABLE: Duration = Duration::from_mins(10);

/// The parts of a [`Publisher`].
pub struct Parts {
    /// Where the kanaal is read.
    pub log: Arc<dyn EventLog>,
    /// Appends the events.
    pub publishing: Publishing,
    /// The delivery engine of this node.
    pub engine: Handle,
    /// Where it is stored which mailings ended; `None` without people.
    pub mailings: Option<Arc<dyn Mailings>>,
    /// Where people are stored; `None` without them.
    pub audience: Option<Arc<dyn Audience>>,
    /// What the gateway around it knows.
    pub facts: Arc<dyn NodeFacts>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Thresholds and quiet times.
    pub settings: Settings,
}

/// Publishes the events of one node.
pub struct Publisher {
    parts: Parts,
    own_log: OwnLog,
    announced: Announced,
    /// Subscriptions whose sink has consented since the start of this node.
    consented: HashSet<SubscriptionId>,
    /// When the certificates were read, and their ends.
    certificates: Option<(Instant, Vec<CertificateEnd>)>,
    /// When it was read which people messages do not reach, and that.
    undeliverable: Option<(Instant, Vec<Undeliverable>)>,
}

impl Publisher {
    /// A publisher that has read nothing yet.
    pub fn new(parts: Parts) -> Self {
        let own_log = OwnLog::new(Arc::clone(&parts.log));
        Self {
            parts,
            own_log,
            announced: Announced::default(),
            consented: HashSet::new(),
            certificates: None,
            undeliverable: None,
        }
    }

    /// Makes a pass every [`Settings::interval`], until it is dropped.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(self.parts.settings.interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_failing = false;
        loop {
            ticks.tick().await;
            match self.pass().await {
                Ok(_) => is_failing = false,
                Err(error) if is_failing => tracing::debug!(%error, "own events are published later"),
                Err(error) => {
                    is_failing = true;
                    tracing::warn!(%error, "own events are published later");
                }
            }
        }
    }

    /// Publishes what is due now; returns the number of events.
    ///
    /// # Errors
    /// The log of the kanaal cannot be read, or does not confirm. The next pass publishes what is still due.
    pub async fn pass(&mut self) -> Result<usize, Error> {
        // The facts before the log: what another node announced while it had a subscription is in the log when the
        // subscription is here.
        let (facts, counted) = self.facts().await?;
        self.own_log.read_new(&mut self.announced).await?;
        let settings = &self.parts.settings;
        let mut events = due(&facts, &self.announced, settings, self.parts.clock.now());
        events.truncate(MOST_EVENTS);
        if events.is_empty() {
            return Ok(0);
        }
        let made = events.iter().filter_map(|event| {
            let made = event.to_event(settings);
            made.inspect_err(|error| tracing::error!(%error, kind = ?event.kind, "an own event cannot be made")).ok()
        });
        let made: Vec<_> = made.collect();
        let count = made.len();
        self.parts.publishing.publish_own(made).await?;
        self.take_off(&events, &counted);
        Ok(count)
    }

    async fn facts(&mut self) -> Result<(Facts, HashMap<SubscriptionId, DeadLetterCount>), Error> {
        let own = self.parts.engine.own_subscriptions().await;
        let mut risks = self.parts.facts.retention_risks();
        let granted = own.iter().filter(|one| one.subscription.consent.granted().is_some());
        self.consented.extend(granted.map(|one| one.subscription.id));
        let counted = own.iter().filter_map(|one| Some((one.subscription.id, one.dead_letters?))).collect();
        let subscriptions = own.into_iter().map(|one| SubscriptionFacts {
            outage: one.outage,
            dead_letters: one.dead_letters,
            retention: risks.remove(&one.subscription.id),
            had_consent: self.consented.contains(&one.subscription.id),
            subscription: one.subscription,
        });
        let subscriptions = subscriptions.collect();
        let (certificates, mailings) = (self.certificates().await, self.mailings().await?);
        let undeliverable = self.undeliverable().await?;
        Ok((Facts { subscriptions, certificates, mailings, undeliverable }, counted))
    }

    /// Whether this node publishes what concerns no subscription.
    fn is_first(&self) -> bool {
        self.parts.engine.state().borrow().owned.contains(&FIRST_SHARD)
    }

    /// The mailings that ended last, if this node publishes about them.
    async fn mailings(&self) -> Result<Vec<EndedMailing>, Error> {
        match &self.parts.mailings {
            Some(mailings) if self.is_first() => mailings.ended(None, MAX_PAGE).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The people of each kanaal that messages do not reach, if this node publishes about them.
    async fn undeliverable(&mut self) -> Result<Vec<Undeliverable>, Error> {
        let Some(audience) = self.parts.audience.clone().filter(|_| self.is_first()) else { return Ok(Vec::new()) };
        let (now, look) = (self.parts.clock.instant(), UNDELIVERABLE.min(self.parts.settings.undeliverable_quiet));
        match &self.undeliverable {
            Some((read, known)) if now.since(*read) < look => Ok(known.clone()),
            _ => {
                let ends = undeliverable::ends(audience.as_ref()).await?;
                let registry = self.parts.publishing.registry.read();
                let of_kanaal = |(kanaal, ended): (KanaalName, Vec<Timestamp>)| Undeliverable {
                    owner: registry.kanaal(kanaal.as_str()).and_then(|found| found.owner.clone()),
                    kanaal,
                    ended,
                };
                let known: Vec<Undeliverable> = ends.into_iter().map(of_kanaal).collect();
                self.undeliverable = Some((now, known.clone()));
                Ok(known)
            }
        }
    }

    /// The ends of certificates, if this node publishes about them.
    async fn certificates(&mut self) -> Vec<CertificateEnd> {
        if !self.is_first() {
            return Vec::new();
        }
        let now = self.parts.clock.instant();
        match &self.certificates {
            Some((read, ends)) if now.since(*read) < CERTIFICATES => ends.clone(),
            _ => {
                let facts = Arc::clone(&self.parts.facts);
                let ends = tokio::task::spawn_blocking(move || facts.certificates()).await.unwrap_or_default();
                self.certificates = Some((now, ends.clone()));
                ends
            }
        }
    }

    /// Takes announced dead letters off the count.
    fn take_off(&self, events: &[OwnEvent], counted: &HashMap<SubscriptionId, DeadLetterCount>) {
        let announced: HashSet<&str> =
            events.iter().filter(|event| event.kind == Kind::DeadLetters).map(|event| event.subject.as_str()).collect();
        for (id, counted) in counted.iter().filter(|(id, _)| announced.contains(id.to_string().as_str())) {
            self.parts.engine.dead_letters_counted(*id, *counted);
        }
    }
}
