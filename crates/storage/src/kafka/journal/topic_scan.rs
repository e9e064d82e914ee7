//! Dead letters read from their topic, for nodes without an index. Each query reads the whole topic, so it suits rare
//! operations: the redrives that such a node performs.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use model::{Partition, Position, SubscriptionId, outcome::DeliveryKey, run::RunId};
use uuid::Uuid;

use crate::{
    Error,
    codec::encode_record,
    encoding,
    journal::{DeadLetter, DeadLetterGroup, DeadLetterGroups, DeadLetterQuery, DeadLetterSum, Page},
    kafka::{consumer_pool::ConsumerPool, failure},
    log::Record,
};

/// The matching dead letters of a topic, newest first.
pub(super) async fn dead_letters(
    pool: Arc<ConsumerPool>,
    topic: String,
    query: DeadLetterQuery,
) -> Result<Vec<DeadLetter>, Error> {
    let without_records = query.without_records;
    let mut letters = scan(pool, topic, move |letter| matches(&query, letter)).await?;
    if without_records {
        for letter in &mut letters {
            letter.record = Record::default();
        }
    }
    letters.sort_by_key(|letter| (Reverse(letter.at), letter.id));
    Ok(letters)
}

/// The groups of dead letters; all of them were read.
pub(super) fn groups(letters: Vec<DeadLetter>) -> DeadLetterGroups {
    let mut groups: HashMap<_, DeadLetterGroup> = HashMap::new();
    for letter in letters {
        let (subscription, kanaal) = (letter.delivery.subscription, letter.delivery.kanaal);
        let (outcome, code, newest) = (letter.outcome, letter.last_code, letter.at);
        let group = groups.entry((subscription, kanaal.clone(), outcome, code));
        let group = group.or_insert(DeadLetterGroup { subscription, kanaal, outcome, code, count: 0, newest });
        group.count += 1;
        group.newest = group.newest.max(newest);
    }
    DeadLetterGroups { groups: groups.into_values().collect(), is_complete: true }
}

/// The ids of dead letters that these deliveries of runs redrove.
pub(super) async fn redriven(
    pool: Arc<ConsumerPool>,
    topic: String,
    deliveries: Vec<DeliveryKey>,
) -> Result<Vec<Uuid>, Error> {
    let mut runs: HashMap<DeliveryKey, Vec<Option<RunId>>> = HashMap::new();
    for delivery in deliveries {
        let run = delivery.run;
        runs.entry(DeliveryKey { run: None, ..delivery }).or_default().push(run);
    }
    let is_redriven = move |letter: &DeadLetter| {
        let run = letter.delivery.run;
        let record = DeliveryKey { run: None, ..letter.delivery.clone() };
        runs.get(&record).is_some_and(|runs| runs.iter().any(|redrove| *redrove != run))
    };
    Ok(scan(pool, topic, is_redriven).await?.into_iter().map(|letter| letter.id).collect())
}

/// The dead letters of a topic that are wanted, in no order.
async fn scan(
    pool: Arc<ConsumerPool>,
    topic: String,
    wanted: impl Fn(&DeadLetter) -> bool + Send + 'static,
) -> Result<Vec<DeadLetter>, Error> {
    let scan = move || {
        let mut found: HashMap<Uuid, DeadLetter> = HashMap::new();
        pool.read_to_end(&topic, 0, 0, |stored| {
            // Unreadable records are logged by the nodes that index them.
            let Ok(id) = Uuid::from_slice(&stored.record.key) else { return Ok(()) };
            let letter = stored.record.value.map(|value| encoding::journal::decode_dead_letter(id, value)).transpose();
            match letter {
                Ok(Some(letter)) if wanted(&letter) => drop(found.insert(id, letter)),
                Err(error @ Error::NewerVersion { .. }) => return Err(error),
                _ => drop(found.remove(&id)),
            }
            Ok(())
        })?;
        Ok(found.into_values().collect())
    };
    tokio::task::spawn_blocking(scan).await.map_err(failure::join)?
}

/// One page of them.
pub(super) fn page(letters: Vec<DeadLetter>, page: Page) -> Vec<DeadLetter> {
    let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
    letters.into_iter().skip(skip).take(page.limit as usize).collect()
}

/// Those of each subscription together.
pub(super) fn sum(letters: Vec<DeadLetter>) -> Vec<DeadLetterSum> {
    let mut sums: HashMap<SubscriptionId, DeadLetterSum> = HashMap::new();
    for letter in letters {
        let subscription = letter.delivery.subscription;
        let none = DeadLetterSum { subscription, count: 0, bytes: 0, oldest: letter.at };
        let sum = sums.entry(subscription).or_insert(none);
        sum.count += 1;
        sum.bytes += encode_record(&letter.record).len() as u64;
        sum.oldest = sum.oldest.min(letter.at);
    }
    sums.into_values().collect()
}

/// One page of their deliveries, in the order of the port.
pub(super) fn deliveries(letters: Vec<DeadLetter>, after: Option<&DeliveryKey>, limit: u32) -> Vec<DeliveryKey> {
    let mut keys: Vec<DeliveryKey> = letters.into_iter().map(|letter| letter.delivery).collect();
    keys.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
    let first = after.map_or(0, |after| keys.partition_point(|key| place(key) <= place(after)));
    keys.drain(first..).take(limit as usize).collect()
}

fn place(key: &DeliveryKey) -> (SubscriptionId, &str, Partition, Position, Option<RunId>) {
    (key.subscription, key.kanaal.as_str(), key.partition, key.position, key.run)
}

fn matches(query: &DeadLetterQuery, letter: &DeadLetter) -> bool {
    let same = |wanted: bool, holds: bool| !wanted || holds;
    same(!query.ids.is_empty(), query.ids.contains(&letter.id))
        && query.subscription.is_none_or(|id| id == letter.delivery.subscription)
        && query.kanaal.as_ref().is_none_or(|kanaal| *kanaal == letter.delivery.kanaal)
        && query.record.is_none_or(|record| record == (letter.delivery.partition, letter.delivery.position))
        && query.kind.as_ref().is_none_or(|kind| *kind == letter.event_kind)
        && query.code.is_none_or(|code| Some(code) == letter.last_code)
        && query.from.is_none_or(|from| letter.at >= from)
        && query.until.is_none_or(|until| letter.at < until)
}
