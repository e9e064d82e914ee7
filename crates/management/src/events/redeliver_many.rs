//! Sends many events again, by default only to the subscriptions that missed them, or only counts that.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use model::{Actor, Subscription, SubscriptionId, run::Run};
use storage::journal::{EventQuery, EventRow, Page, RecordPlace};

use super::missed::{self, Marks, Record};
use crate::{Error, Management, runs::Records};

/// Most events of one request.
pub(super) const MAX_EVENTS: usize = 10_000;
/// Most pairs of event and subscription that are looked at.
const MAX_PAIRS: usize = 1_000_000;
/// Most deliveries of one request.
const MAX_DELIVERIES: usize = 100_000;
/// Events that are looked at together.
const CHUNK: usize = 500;
/// Rows of one read of the journal.
const ROWS: u32 = 1_000;

/// Which events to send again, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeliverRequest {
    /// Which events.
    pub events: RedeliverEvents,
    /// Only to this subscription; `None` for all of the actor.
    pub subscription: Option<SubscriptionId>,
    /// Whether only to subscriptions that missed the event; else to all that want it.
    pub only_missed: bool,
    /// The number of deliveries that was counted before: nothing is started when it is another number now. `None` to start
    /// whatever the number is.
    pub counted: Option<u64>,
}

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedeliverEvents {
    /// Those that match. It has an end in time, so that a count and what follows it are about the same events.
    Matching(EventQuery),
    /// Those with these ids, of every source.
    Ids(Vec<String>),
    /// Those at these places.
    Places(Vec<RecordPlace>),
}

/// What is sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redelivery {
    /// The events that match and that the actor may see.
    pub events: u64,
    /// The deliveries to make: pairs of event and subscription.
    pub deliveries: u64,
    /// The runs that make them; empty when they were only counted, or are not as many as were counted before.
    pub runs: Vec<Arc<Run>>,
}

impl Management {
    /// Counts what [`Self::redeliver_events`] would send now.
    ///
    /// # Errors
    /// The same.
    pub async fn count_redelivery(&self, actor: &Actor, request: &RedeliverRequest) -> Result<Redelivery, Error> {
        let (events, records) = self.records_to_redeliver(actor, request).await?;
        Ok(Redelivery { events, deliveries: count(&records), runs: vec![] })
    }

    /// Sends events again. Left out is what active runs deliver already, and, if only subscriptions that missed an event are
    /// asked for, what is still to be delivered, and what a subscription did not get because it started later.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a filter without an end, or with one in the future; [`Error::NotFound`] for a subscription that
    /// is not the actor's; [`Error::TooBroad`] for more than 10,000 events, 1,000,000 pairs of event and subscription, or
    /// 100,000 deliveries. Nothing is started then, nor when the number of deliveries is not `counted`.
    pub async fn redeliver_events(&self, actor: &Actor, request: &RedeliverRequest) -> Result<Redelivery, Error> {
        let (events, records) = self.records_to_redeliver(actor, request).await?;
        let deliveries = count(&records);
        if request.counted.is_some_and(|counted| counted != deliveries) {
            return Ok(Redelivery { events, deliveries, runs: vec![] });
        }
        Ok(Redelivery { events, deliveries, runs: self.start_runs_of_records(actor, records).await? })
    }

    async fn records_to_redeliver(&self, actor: &Actor, request: &RedeliverRequest) -> Result<(u64, Records), Error> {
        let subscriptions = match request.subscription {
            Some(id) => vec![self.own_subscription(actor, id)?],
            None => self.own_subscriptions(actor),
        };
        let events = self.events_to_redeliver(actor, &request.events).await?;
        if events.len().saturating_mul(subscriptions.len()) > MAX_PAIRS {
            return Err(Error::TooBroad(format!(
                "{} events and {} subscriptions are too many to look at; narrow the filter, or name one subscription.",
                events.len(),
                subscriptions.len()
            )));
        }
        let mut records = Records::new();
        // Those that have no record in the journal: missed only if the subscription has read beyond them.
        let mut unrecorded: HashMap<SubscriptionId, Vec<RecordPlace>> = HashMap::new();
        for events in events.chunks(CHUNK) {
            let places: Vec<RecordPlace> =
                events.iter().map(|row| (row.kanaal.clone(), row.partition, row.position)).collect();
            let outcomes = if request.only_missed {
                self.journal.outcomes_of(places.clone()).await?
            } else {
                vec![vec![]; places.len()]
            };
            for ((row, place), outcomes) in events.iter().zip(places).zip(outcomes) {
                let Some(event) = self.read_stored(row).await? else { continue };
                let known = missed::by_subscription(&outcomes);
                let wants =
                    |one: &&Arc<Subscription>| one.is_admitted(&event.kanaal) && event.is_wanted_by(&one.selection);
                for subscription in subscriptions.iter().filter(wants) {
                    match known.get(&subscription.id) {
                        _ if !request.only_missed => {}
                        Some(Record::Failed) => {}
                        Some(Record::Delivered | Record::Open) => continue,
                        None => {
                            if !missed::is_before_start(subscription, (&place.0, place.1, place.2)) {
                                unrecorded.entry(subscription.id).or_default().push(place.clone());
                            }
                            continue;
                        }
                    }
                    records.entry(subscription.id).or_default().insert(place.clone());
                }
            }
            if count(&records) > MAX_DELIVERIES as u64 {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.add_passed(&mut records, unrecorded).await?;
        self.leave_out_active(&mut records);
        records.retain(|_, places| !places.is_empty());
        if count(&records) > MAX_DELIVERIES as u64 {
            return Err(Error::TooBroad(format!(
                "More than {MAX_DELIVERIES} deliveries would be made; narrow the filter, or name one subscription."
            )));
        }
        Ok((events.len() as u64, records))
    }

    /// Adds the records that their subscription has read beyond.
    async fn add_passed(
        &self,
        records: &mut Records,
        unrecorded: HashMap<SubscriptionId, Vec<RecordPlace>>,
    ) -> Result<(), Error> {
        let marks: HashMap<SubscriptionId, Marks> = self.engine.marks_of(unrecorded.keys().copied()).await?;
        for (id, places) in unrecorded {
            let Some(marks) = marks.get(&id) else { continue };
            let passed = places.into_iter().filter(|place| missed::is_passed(marks, (&place.0, place.1, place.2)));
            records.entry(id).or_default().extend(passed);
        }
        Ok(())
    }

    /// The events that match and that the actor may see.
    async fn events_to_redeliver(&self, actor: &Actor, events: &RedeliverEvents) -> Result<Vec<EventRow>, Error> {
        let mut found: Vec<EventRow> = Vec::new();
        match events {
            RedeliverEvents::Matching(query) => {
                match query.until {
                    None => return Err(Error::invalid("filter.until", "is required")),
                    Some(until) if until > self.clock.now() => {
                        return Err(Error::invalid("filter.until", "must not be in the future"));
                    }
                    Some(until) => self.wait_until_indexed(query.kanaal.as_ref(), until).await?,
                }
                self.find_all(actor, query, &mut found).await?;
            }
            RedeliverEvents::Ids(ids) => {
                let distinct: BTreeSet<&String> = ids.iter().collect();
                for id in distinct {
                    let query = EventQuery { id: Some(id.clone()), ..EventQuery::default() };
                    self.find_all(actor, &query, &mut found).await?;
                }
            }
            RedeliverEvents::Places(places) => found = self.events_at(actor, places).await?,
        }
        Ok(found)
    }

    /// Adds the events that match and that the actor may see.
    ///
    /// # Errors
    /// [`Error::TooBroad`] for more than 10,000.
    pub(crate) async fn find_all(
        &self,
        actor: &Actor,
        query: &EventQuery,
        found: &mut Vec<EventRow>,
    ) -> Result<(), Error> {
        // A list of which the actor may see only a part is read from its start for every page.
        let limit = if actor.is_beheer() { ROWS } else { MAX_EVENTS as u32 + 1 };
        let mut offset = 0;
        loop {
            let rows = self.list_events(actor, query.clone(), Page { offset, limit }).await?;
            let last = rows.len() < limit as usize;
            offset += rows.len() as u64;
            found.extend(rows);
            if found.len() > MAX_EVENTS {
                return Err(Error::TooBroad(format!(
                    "More than {MAX_EVENTS} events match; at most so many can be delivered at once: narrow the filter."
                )));
            }
            if last {
                return Ok(());
            }
        }
    }
}

fn count(records: &Records) -> u64 {
    records.values().map(|places| places.len() as u64).sum()
}
