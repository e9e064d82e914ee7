//! Delivers past events to a subscription again, beside its present deliveries.

use std::sync::Arc;

use model::{
    Actor, KanaalName, Mark, Partition, Subscription, SubscriptionId, Timestamp,
    run::{Range, Run, RunSelection},
};
use storage::log::Point;

use super::{marks::covered, replay_filter::ReplayFilter};
use crate::{Error, Management, runs::DeliveryCount};

/// The events of a replay, by time of acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRequest {
    /// The start, inclusive.
    pub from: Timestamp,
    /// The end, exclusive; `None` for now.
    pub until: Option<Timestamp>,
    /// Names of kanalen; empty for all that the subscription covers.
    pub kanalen: Vec<String>,
    /// Which of them.
    pub filter: ReplayFilter,
}

/// What a replay would deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedReplay {
    /// How much.
    pub count: DeliveryCount,
    /// The moment at which the counted events end: now when the request has none.
    pub until: Timestamp,
    /// Where the present deliveries and the replay are in the logs, at most 100; empty with a filter, which chooses single events.
    pub positions: Vec<ReplayPosition>,
}

/// Where the present deliveries and a replay are in a partition. A replay does not move the present deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayPosition {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The partition.
    pub partition: Partition,
    /// The mark before which every present delivery has ended; `None` when another node delivers to the sink.
    pub next: Option<Mark>,
    /// Where the replay begins.
    pub from: Mark,
    /// The mark behind the last record that it reads.
    pub until: Mark,
}

/// Most positions that are returned.
const MOST_POSITIONS: usize = 100;

impl Management {
    /// Starts a replay for a subscription of the actor.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] names `kanalen` when the subscription does not cover one of them;
    /// [`Conflict::Quota`](crate::Conflict::Quota) when the actor has as many replays under way as it may have, or with a filter
    /// as many redrives; [`Error::TooBroad`] for more than 5,000 events of a filter.
    pub async fn replay_subscription(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        request: ReplayRequest,
    ) -> Result<Arc<Run>, Error> {
        let subscription = self.own_subscription(actor, id)?;
        let kanalen = self.chosen(&subscription, &request.kanalen)?;
        if !request.filter.is_empty() {
            self.check_redrives(actor)?;
            let until = request.until.unwrap_or_else(|| self.clock.now());
            let named = if request.kanalen.is_empty() { vec![] } else { kanalen };
            let filtered = self.filtered_events(actor, &subscription, named, &request, until).await?;
            return self.start_run(actor, &subscription, filtered.what).await;
        }
        self.check_replays(actor)?;
        let ranges = self.ranges(kanalen, &request).await?;
        self.start_run(actor, &subscription, RunSelection::Replay(ranges)).await
    }

    /// Counts what such a replay would deliver, without starting it, and where it would read.
    ///
    /// # Errors
    /// As for [`Self::replay_subscription`], quotas excepted.
    pub async fn count_replay(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        request: ReplayRequest,
    ) -> Result<CountedReplay, Error> {
        let subscription = self.own_subscription(actor, id)?;
        let kanalen = self.chosen(&subscription, &request.kanalen)?;
        let until = request.until.unwrap_or_else(|| self.clock.now());
        if !request.filter.is_empty() {
            let named = if request.kanalen.is_empty() { vec![] } else { kanalen };
            let filtered = self.filtered_events(actor, &subscription, named, &request, until).await?;
            return Ok(CountedReplay { count: filtered.count, until, positions: Vec::new() });
        }
        let ranges = self.ranges(kanalen, &ReplayRequest { until: Some(until), ..request }).await?;
        let count = self.count_ranges(&subscription, &ranges).await?;
        Ok(CountedReplay { count, until, positions: self.positions(id, ranges).await })
    }

    async fn positions(&self, id: SubscriptionId, ranges: Vec<Range>) -> Vec<ReplayPosition> {
        let marks = self.engine.own_marks(id).await;
        let position = |Range { kanaal, partition, from, until }| {
            let is_its = |own: &&(KanaalName, Partition, Mark)| (&own.0, own.1) == (&kanaal, partition);
            let next = marks.as_ref().and_then(|marks| marks.iter().find(is_its)).map(|own| own.2);
            ReplayPosition { kanaal, partition, next, from, until }
        };
        ranges.into_iter().take(MOST_POSITIONS).map(position).collect()
    }

    /// The kanalen that `names` choose of those that the subscription covers.
    fn chosen(&self, subscription: &Subscription, names: &[String]) -> Result<Vec<KanaalName>, Error> {
        let mut covered = covered(&self.registry.read(), &subscription.selection);
        if let Some(other) = names.iter().find(|name| !covered.iter().any(|own| own.as_str() == name.as_str())) {
            return Err(Error::invalid("kanalen", format!("the subscription has no kanaal {other}")));
        }
        covered.retain(|own| names.is_empty() || names.iter().any(|name| own.as_str() == name.as_str()));
        Ok(covered)
    }

    async fn ranges(&self, kanalen: Vec<KanaalName>, request: &ReplayRequest) -> Result<Vec<Range>, Error> {
        let partitions = self.log.partitions_of(kanalen).await?;
        let from = self.log.marks(&partitions, Point::Since(request.from)).await?;
        let until = self.log.marks(&partitions, request.until.map_or(Point::End, Point::Since)).await?;
        let range = |((kanaal, partition), (from, until))| Range { kanaal, partition, from, until };
        let ranges = partitions.into_iter().zip(from.into_iter().zip(until)).map(range);
        Ok(ranges.filter(|range| range.from < range.until).collect())
    }
}
