//! Warns before retention removes events that a subscription did not get: a log line, a gauge, and a member of its status.
//!
//! Each node looks at the subscriptions of its own shards. It removes nothing; that is [`crate::retention`].

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{KanaalName, Mark, Partition, SubscriptionId, Timestamp};
use storage::log::{Limit, Point};

use crate::Management;

/// The time between two looks.
const INTERVAL: Duration = Duration::from_mins(1);

/// How long before the removal of an event a warning starts, unless a quarter of the retention is shorter.
const NOTICE: Duration = Duration::from_hours(24);

/// Most subscriptions that are looked at: those that are furthest behind.
const MAX_SUBSCRIPTIONS: usize = 1_000;

/// Events that a subscription did not get and that retention removes soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRisk {
    /// The kanaal of the first of them.
    pub kanaal: KanaalName,
    /// Records of its kanalen, wanted or not, that are removed within the notice.
    pub records: u64,
    /// When the first of them may be removed.
    pub removed_from: Timestamp,
}

/// The subscriptions of this node that retention is about to overtake.
#[derive(Debug, Default)]
pub struct RetentionRisks(Mutex<HashMap<SubscriptionId, RetentionRisk>>);

impl Management {
    /// What retention is about to remove before this subscription gets it; `None` when there is nothing, or another node
    /// delivers to it.
    pub fn retention_risk(&self, id: SubscriptionId) -> Option<RetentionRisk> {
        self.retention_risks.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Every subscription with such a risk.
    pub fn all_retention_risks(&self) -> Vec<(SubscriptionId, RetentionRisk)> {
        let risks = self.retention_risks.0.lock().unwrap_or_else(PoisonError::into_inner);
        risks.iter().map(|(id, risk)| (*id, risk.clone())).collect()
    }

    /// The number of subscriptions with such a risk.
    pub fn retention_risks(&self) -> usize {
        self.retention_risks.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Looks every minute, until it is dropped.
    pub async fn watch_retention(self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look_at_retention().await {
                tracing::warn!(%error, "retention of undelivered events is looked at again later");
            }
        }
    }

    /// Looks once, and logs each subscription for which the risk is new.
    ///
    /// # Errors
    /// The log or the progress of deliveries cannot be read.
    pub async fn look_at_retention(&self) -> Result<(), storage::Error> {
        let mut safe = HashMap::new();
        let mut found = HashMap::new();
        for (id, _) in self.engine.worst_lags(MAX_SUBSCRIPTIONS).await {
            let mut risk: Option<RetentionRisk> = None;
            for (kanaal, partition, mark) in self.engine.marks(id).await? {
                let Some((records, removed_from)) = self.overtaken(&kanaal, partition, mark, &mut safe).await? else {
                    continue;
                };
                let risk = risk.get_or_insert(RetentionRisk { kanaal: kanaal.clone(), records: 0, removed_from });
                risk.records += records;
                if removed_from < risk.removed_from {
                    (risk.kanaal, risk.removed_from) = (kanaal, removed_from);
                }
            }
            found.extend(risk.map(|risk| (id, risk)));
        }
        let mut known = self.retention_risks.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (subscription, RetentionRisk { kanaal, records, removed_from }) in
            found.iter().filter(|(id, _)| !known.contains_key(id))
        {
            tracing::warn!(%subscription, %kanaal, records, %removed_from, "retention is about to remove events that a subscription did not get");
        }
        *known = found;
        Ok(())
    }

    /// The number of records from `mark` on that are removed within the notice, and when the first is; `None` when there are
    /// none. `safe` caches the mark of each partition before which records are removed within the notice.
    async fn overtaken(
        &self,
        kanaal: &KanaalName,
        partition: Partition,
        mark: Mark,
        safe: &mut HashMap<(KanaalName, Partition), Mark>,
    ) -> Result<Option<(u64, Timestamp)>, storage::Error> {
        let own = self.registry.read().kanaal(kanaal.as_str()).and_then(|kanaal| kanaal.retention_seconds);
        let keep = own.map_or(self.settings.retention, Duration::from_secs);
        let place = (kanaal.clone(), partition);
        let until = if let Some(mark) = safe.get(&place) {
            *mark
        } else {
            let moment = self.clock.now() - keep + NOTICE.min(keep / 4);
            let marks = self.log.marks(std::slice::from_ref(&place), Point::Since(moment)).await?;
            let mark = marks.first().copied().unwrap_or(Mark::BEGINNING);
            safe.insert(place, mark);
            mark
        };
        if mark >= until {
            return Ok(None);
        }
        let batch = self.log.read(kanaal, partition, mark, Limit { records: 1, bytes: 1 }).await?;
        let first = batch.records.first().filter(|first| first.position.0 < until.0);
        Ok(first.map(|first| (until.0 - first.position.0, first.appended + keep)))
    }
}
