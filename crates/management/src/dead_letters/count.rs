//! Counts what a redrive would deliver, without starting it.

use std::collections::BTreeMap;

use model::{Actor, SubscriptionId};
use storage::journal::DeadLetterQuery;

use crate::{
    Error, Management,
    runs::{DeliveryCount, seconds},
};

impl Management {
    /// What a redrive with this query would deliver again, with those that active runs deliver already. The oldest moment is
    /// that of the oldest dead letter. Subscriptions are delivered to concurrently, so the time is that of the slowest.
    pub async fn count_redrive(&self, actor: &Actor, query: DeadLetterQuery) -> Result<DeliveryCount, Error> {
        let mut count = DeliveryCount { exact: true, ..DeliveryCount::default() };
        let mut of_subscriptions: BTreeMap<SubscriptionId, u64> = BTreeMap::new();
        for query in self.narrow_to_own(actor, query)? {
            for sum in self.journal.sum_dead_letters(query).await? {
                count.events += sum.count;
                count.bytes += sum.bytes;
                count.oldest = Some(count.oldest.map_or(sum.oldest, |oldest| oldest.min(sum.oldest)));
                *of_subscriptions.entry(sum.subscription).or_default() += sum.count;
            }
        }
        let registry = self.registry.read();
        let time = |(id, number): (&SubscriptionId, &u64)| seconds(registry.subscription(*id)?, *number);
        count.seconds = of_subscriptions.iter().filter_map(time).max();
        Ok(count)
    }
}
