//! `gateway audit deliveries`: the accounts of deliveries. For each subscription, every stored event that it wants was
//! delivered, is a dead letter, ended, expired, or is open; the ids of events with none of these are printed.
//!
//! It follows the present settings: events from before the last change of a subscription that have no outcome are not
//! counted, since it may not have wanted them then.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    process::ExitCode,
    sync::Arc,
};

use event_reader::StoredEvent;
use model::{
    KanaalName, Mark, Partition, Position, Registry, Subscription, SubscriptionId, outcome::Outcome,
    subscription::Status,
};
use storage::{
    books::Bookkeeper,
    journal::RecordOutcome,
    log::Stored,
    progress::{Key, Value},
    sqlite,
};

use super::{Failure, Settings, load, outln};
use crate::config::{self, Config};

/// Most events that are named for a subscription.
const MAX_NAMED: usize = 20;

/// A partition of a kanaal.
type Place = (KanaalName, Partition);

/// Prints one line for each subscription; the exit code is 1 when an event is without an account, or something cannot be read.
pub fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let config = load(settings)?;
    let ledger = match &config.kafka {
        None => {
            let mut ledger = Ledger::default();
            sqlite::read_books(&config.data, &mut ledger)?;
            ledger
        }
        Some(own) => read_topics(&config, own)?,
    };
    Ok(ledger.print())
}

#[cfg(feature = "kafka")]
fn read_topics(config: &Config, own: &config::Kafka) -> Result<Ledger, Failure> {
    use model::{
        Clock, Random,
        clock::{SystemClock, SystemRandom},
    };

    use crate::stores;

    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let kafka = runtime.block_on(stores::to_examine(config, own, &clock, &random))?;
    Ok(runtime.block_on(kafka.read_books(Ledger::default()))?)
}

#[cfg(not(feature = "kafka"))]
fn read_topics(_: &Config, _: &config::Kafka) -> Result<Ledger, Failure> {
    Err("[kafka] is set, and this program was built without it".into())
}

/// What became of an event for a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Account {
    Delivered,
    DeadLetter,
    Ended,
    Expired,
    Open,
}

/// Decides on the deliveries of one event to one subscription: one that succeeded counts, else one that goes on, else the last
/// end in the order of [`Account`]; `None` when there is none.
fn account(outcomes: &[Option<Outcome>], is_open: bool) -> Option<Account> {
    use Outcome::{Delivered, Duplicate, Ended, Expired, Refused, RetriesExhausted, Untranslatable};
    let has = |wanted: &[Outcome]| outcomes.iter().flatten().any(|outcome| wanted.contains(outcome));
    if has(&[Delivered, Duplicate]) {
        Some(Account::Delivered)
    } else if is_open || outcomes.contains(&None) {
        Some(Account::Open)
    } else if has(&[Refused, RetriesExhausted, Untranslatable]) {
        Some(Account::DeadLetter)
    } else if has(&[Ended]) {
        Some(Account::Ended)
    } else {
        has(&[Expired]).then_some(Account::Expired)
    }
}

/// The accounts of one subscription.
#[derive(Debug, Default)]
struct Accounts {
    wanted: u64,
    delivered: u64,
    dead_letters: u64,
    ended: u64,
    expired: u64,
    open: u64,
    missing: u64,
    /// Some of the events that are missing.
    named: Vec<String>,
}

impl Accounts {
    fn add(&mut self, account: Option<Account>, event: impl FnOnce() -> String) {
        self.wanted += 1;
        match account {
            Some(Account::Delivered) => self.delivered += 1,
            Some(Account::DeadLetter) => self.dead_letters += 1,
            Some(Account::Ended) => self.ended += 1,
            Some(Account::Expired) => self.expired += 1,
            Some(Account::Open) => self.open += 1,
            None => {
                self.missing += 1;
                if self.named.len() < MAX_NAMED {
                    self.named.push(event());
                }
            }
        }
    }
}

/// Where a subscription is, by the stored progress of its shard.
#[derive(Debug, Default)]
struct Progress {
    /// Its mark in each partition in which its shard has one.
    marks: HashMap<Place, Mark>,
    /// What was read and is not settled.
    unsettled: HashSet<(Place, Position)>,
}

impl Progress {
    fn of(subscription: &Subscription, shards: &[HashMap<Key, Value>]) -> Self {
        let shard = delivery::shard_of(subscription.sink.key(), u32::try_from(shards.len()).unwrap_or(u32::MAX));
        let mut progress = Self::default();
        let Some(entries) = shards.get(shard.0 as usize) else { return progress };
        for (key, value) in entries {
            match (key, value) {
                (Key::Subscription(id, kanaal, partition), value) if *id == subscription.id => {
                    let mark = match value {
                        Value::At(mark) => Some(*mark),
                        _ => match entries.get(&Key::Reader(kanaal.clone(), *partition)) {
                            Some(Value::At(mark)) => Some(*mark),
                            _ => None,
                        },
                    };
                    progress.marks.extend(mark.map(|mark| ((kanaal.clone(), *partition), mark)));
                }
                (Key::Unsettled(delivery), _) if delivery.subscription == subscription.id => {
                    let place = (delivery.kanaal.clone(), delivery.partition);
                    progress.unsettled.insert((place, delivery.position));
                }
                _ => {}
            }
        }
        progress
    }

    /// Whether a delivery is to come, or goes on.
    fn is_open(&self, place: &Place, position: Position) -> bool {
        self.marks.get(place).is_none_or(|mark| position.mark() >= *mark)
            || self.unsettled.contains(&(place.clone(), position))
    }
}

/// The accounts of all subscriptions.
#[derive(Debug, Default)]
struct Ledger {
    subscriptions: Vec<(Arc<Subscription>, Progress)>,
    accounts: BTreeMap<SubscriptionId, Accounts>,
    unread: Vec<String>,
}

impl Bookkeeper for Ledger {
    fn start(&mut self, registry: Registry, progress: Vec<HashMap<Key, Value>>) {
        let with_progress = |one: &Arc<Subscription>| (Arc::clone(one), Progress::of(one, &progress));
        self.subscriptions = registry.subscriptions().map(with_progress).collect();
        self.accounts = self.subscriptions.iter().map(|(one, _)| (one.id, Accounts::default())).collect();
    }

    fn record(&mut self, kanaal: &KanaalName, partition: Partition, stored: Stored, deliveries: &[RecordOutcome]) {
        let (place, position, appended) = ((kanaal.clone(), partition), stored.position, stored.appended);
        // A record without an event that can be read is set aside, and nobody gets it.
        let Ok(event) = StoredEvent::decode(kanaal.clone(), partition, stored) else { return };
        for (subscription, progress) in &self.subscriptions {
            let starts = subscription.start.iter().find(|(naam, number, _)| (naam, *number) == (kanaal, partition));
            let withheld = !subscription.is_admitted(kanaal) && !subscription.selection.names(kanaal);
            let is_before_start = starts.is_some_and(|(_, _, mark)| position.mark() < *mark);
            if !subscription.selection.covers(kanaal)
                || withheld
                || is_before_start
                || !event.is_wanted_by(&subscription.selection)
            {
                continue;
            }
            let own = deliveries.iter().filter(|one| one.subscription == subscription.id);
            let outcomes: Vec<Option<Outcome>> = own.map(|one| one.outcome).collect();
            let account = account(&outcomes, progress.is_open(&place, position)).or(match subscription.status {
                Status::Gone { .. } => Some(Account::Ended),
                Status::Expired { .. } => Some(Account::Expired),
                _ => None,
            });
            if account.is_none() && appended <= subscription.changed {
                continue;
            }
            if let Some(accounts) = self.accounts.get_mut(&subscription.id) {
                accounts.add(account, || {
                    let id = event.accepted.event.id();
                    format!("{id} (kanaal {kanaal}, partition {}, position {})", partition.0, position.0)
                });
            }
        }
    }

    fn unread(&mut self, place: String) {
        self.unread.push(place);
    }
}

impl Ledger {
    fn print(&self) -> ExitCode {
        let mut all_good = self.unread.is_empty();
        for place in self.unread.iter().take(MAX_NAMED) {
            outln!("BAD    cannot be read: {place}");
        }
        if let Some(more) = self.unread.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
            outln!("BAD    {more} more places cannot be read");
        }
        for (id, own) in &self.accounts {
            let mark = if own.missing == 0 { "ok    " } else { "BAD   " };
            let missing = match own.missing {
                0 => String::new(),
                count => format!(" + {count} without an outcome: {}", own.named.join(", ")),
            };
            outln!(
                "{mark} subscription {id}: {} wanted = {} delivered + {} dead letters + {} ended + {} expired + {} open{missing}",
                own.wanted,
                own.delivered,
                own.dead_letters,
                own.ended,
                own.expired,
                own.open
            );
            all_good &= own.missing == 0;
        }
        if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_counts_before_what_goes_on_and_that_before_an_end() {
        use Outcome::{Delivered, Duplicate, Ended, Expired, Refused, RetriesExhausted};
        for (outcomes, is_open, expected) in [
            (vec![], false, None),
            (vec![], true, Some(Account::Open)),
            (vec![None], false, Some(Account::Open)),
            (vec![Some(Delivered)], true, Some(Account::Delivered)),
            (vec![Some(Refused), Some(Duplicate)], false, Some(Account::Delivered)),
            (vec![Some(RetriesExhausted), None], false, Some(Account::Open)),
            (vec![Some(Ended), Some(Refused)], false, Some(Account::DeadLetter)),
            (vec![Some(Expired), Some(Ended)], false, Some(Account::Ended)),
            (vec![Some(Expired)], false, Some(Account::Expired)),
        ] {
            assert_eq!(account(&outcomes, is_open), expected, "{outcomes:?}, {is_open}");
        }
    }
}
