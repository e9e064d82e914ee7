//! Counts what a run would deliver, without starting it.

use std::time::Duration;

use event_reader::StoredEvent;
use model::{Subscription, Timestamp, consent::Rate, run::Range, subscription::Format};
use storage::log::Limit;

use crate::{Error, Management};

/// Bounds of one read of the log.
const READ: Limit = Limit { records: 500, bytes: 2 << 20 };
/// Most records that one count reads.
const MAX_RECORDS: u64 = 200_000;
/// Most time that one count takes.
const MAX_TIME: Duration = Duration::from_secs(10);

/// What a run would deliver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryCount {
    /// How many events.
    pub events: u64,
    /// Their size in the log, in bytes.
    pub bytes: u64,
    /// The moment of the oldest; `None` when there is none.
    pub oldest: Option<Timestamp>,
    /// How long the granted rate makes it last at least, in seconds; `None` when no rate was granted.
    pub seconds: Option<u64>,
    /// Whether everything was counted. Otherwise a limit of the count was reached, and there are more.
    pub exact: bool,
}

impl Management {
    /// Counts the events in these ranges that the subscription wants. At most two counts run at a time, others wait.
    ///
    /// It reads at most 200,000 records, for at most 10 seconds.
    pub(crate) async fn count_ranges(
        &self,
        subscription: &Subscription,
        ranges: &[Range],
    ) -> Result<DeliveryCount, Error> {
        let _turn = self.runs.counting.acquire().await.map_err(|_| Error::Interrupted)?;
        let deadline = self.clock.instant() + MAX_TIME;
        let mut count = DeliveryCount { exact: true, ..DeliveryCount::default() };
        let mut left = MAX_RECORDS;
        for range in ranges {
            let withheld = !subscription.is_admitted(&range.kanaal) && !subscription.selection.names(&range.kanaal);
            let mut mark = range.from;
            while mark < range.until && !withheld {
                if left == 0 || self.clock.instant() >= deadline {
                    count.exact = false;
                    break;
                }
                let batch = self.log.read(&range.kanaal, range.partition, mark, READ).await?;
                let next = batch.next.max(batch.oldest);
                let in_range = batch.records.into_iter().filter(|stored| stored.position.mark() < range.until);
                for stored in in_range {
                    left = left.saturating_sub(1);
                    let (bytes, appended) = (stored.record.bytes() as u64, stored.appended);
                    let event = StoredEvent::decode(range.kanaal.clone(), range.partition, stored);
                    if event.is_ok_and(|event| event.is_wanted_by(&subscription.selection)) {
                        count.events += 1;
                        count.bytes += bytes;
                        count.oldest = Some(count.oldest.map_or(appended, |oldest| oldest.min(appended)));
                    }
                }
                if next <= mark {
                    break;
                }
                mark = next;
                tokio::task::yield_now().await;
            }
        }
        count.seconds = seconds(subscription, count.events);
        Ok(count)
    }
}

/// How many seconds so many deliveries take at least at the rate that the sink granted; `None` when it granted no rate.
pub(crate) fn seconds(subscription: &Subscription, deliveries: u64) -> Option<u64> {
    let (_, rate) = subscription.consent.granted()?;
    let Rate::PerMinute(per_minute) = rate else { return None };
    let requests = match subscription.format {
        Format::Batch { max_events, .. } => deliveries.div_ceil(u64::from(max_events.get())),
        _ => deliveries,
    };
    Some(requests.saturating_mul(60).div_ceil(u64::from(per_minute.get())))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use model::{
        Sink, SubscriptionId,
        consent::Consent,
        sealed::Sealed,
        selection::{NativeSelection, Selection},
    };

    use super::*;

    #[test]
    fn the_granted_rate_gives_the_least_time() {
        let secret = Sealed { key_id: "k".into(), ciphertext: vec![] };
        let selection = Selection::Native(NativeSelection::default());
        let sink = Sink::Webhook("https://sink.example/".into());
        let id = SubscriptionId(uuid::Uuid::nil());
        let mut subscription = Subscription::new(id, "o".into(), selection, sink, secret, Timestamp::default());
        assert_eq!(seconds(&subscription, 10), None, "no consent");
        for (rate, expected) in [(Rate::Unlimited, None), (Rate::PerMinute(NonZeroU32::new(120).unwrap()), Some(6))] {
            subscription.consent = Consent::Granted { origin: "o".into(), rate, at: Timestamp::default() };
            assert_eq!(seconds(&subscription, 11), expected);
        }
        let max_events = 5.try_into().unwrap();
        subscription.format = Format::Batch { max_events, linger: Duration::ZERO };
        assert_eq!(seconds(&subscription, 11), Some(2), "three requests");
        assert_eq!(seconds(&subscription, 0), Some(0));
    }
}
