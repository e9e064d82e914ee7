//! Retention: removes events and their rows in the journal when their retention has passed, in small steps. Deliveries are
//! counted by hour before.

use std::{sync::Arc, time::Duration};

use model::{Clock, KanaalName, Timestamp};
use storage::{AuditLog, EventLog, Journal, audit::Trimming, control::SharedRegistry};

use crate::{runs, statistics};

/// The pause between two passes.
const PASS_INTERVAL: Duration = Duration::from_mins(1);

/// Most records or rows of one step.
const STEP: usize = 1_000;

/// Most deliveries that one step counts.
const COUNTED: usize = 10_000;

/// The pause between two steps, so that appends go first.
const PAUSE: Duration = Duration::from_millis(20);

/// The least time between two removals of lines of the audit trail.
const TRAIL_INTERVAL: Duration = Duration::from_hours(24);

/// Removes events and rows beyond the retention of their kanaal.
pub struct Retention {
    /// The logs of all kanalen.
    pub log: Arc<dyn EventLog>,
    /// Their rows: attempts, outcomes, dead letters.
    pub journal: Arc<dyn Journal>,
    /// The audit trail.
    pub trail: Arc<dyn AuditLog>,
    /// How long its lines are kept.
    pub keep_trail: Duration,
    /// The present kanalen with their retention.
    pub registry: SharedRegistry,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// How long a kanaal without a retention of its own keeps its events.
    pub default: Duration,
}

impl Retention {
    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(PASS_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.pass().await {
                tracing::warn!(%error, "retention is retried in the next pass");
            }
        }
    }

    /// Removes everything beyond its retention at the present time.
    pub async fn pass(&self) -> Result<(), storage::Error> {
        let now = self.clock.now();
        let kanalen: Vec<(KanaalName, Timestamp)> = self
            .registry
            .read()
            .kanalen()
            .map(|kanaal| {
                let keep = kanaal.retention_seconds.map_or(self.default, Duration::from_secs);
                (kanaal.naam.clone(), now - keep)
            })
            .collect();
        // Before rows go: their counts are kept longer.
        while self.journal.count_deliveries(statistics::countable(now), COUNTED).await? {
            tokio::time::sleep(PAUSE).await;
        }
        for (naam, before) in &kanalen {
            while self.log.trim(naam, *before, STEP).await? >= STEP {
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Rows are kept as long as the longest retention, so no row is removed before its event.
        let oldest = kanalen.iter().map(|(_, before)| *before).min().unwrap_or(now).min(now - self.default);
        while self.journal.trim(oldest, STEP).await? >= STEP {
            tokio::time::sleep(PAUSE).await;
        }
        while self.journal.trim_runs(now - runs::RETENTION, STEP).await? >= STEP {
            tokio::time::sleep(PAUSE).await;
        }
        self.trim_trail(now - self.keep_trail).await
    }

    /// Removes lines of the audit trail, about once a day: each removal adds a line.
    async fn trim_trail(&self, before: Timestamp) -> Result<(), storage::Error> {
        if self.trail.trimming() == Trimming::Brokers {
            return Ok(());
        }
        let oldest = self.trail.oldest(0, 1).await?;
        if oldest.lines.first().is_none_or(|line| line.record.at >= before - TRAIL_INTERVAL) {
            return Ok(());
        }
        while self.trail.trim(before, STEP).await? >= STEP {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Kanaal, Mark, Partition, Registry, SubscriptionId,
        clock::ManualClock,
        registry::Change,
        run::{Run, RunId, RunSelection},
    };
    use storage::{
        journal::{Entry, Page, RunProgress, RunQuery},
        log::{Limit, Record},
        sqlite::{Embedded, Options},
    };
    use uuid::Uuid;

    use super::*;

    fn kanaal(naam: &str, retention: Option<Duration>) -> Change {
        Change::Kanaal(Arc::new(Kanaal {
            retention_seconds: retention.map(|retention| retention.as_secs()),
            ..Kanaal::new(Uuid::nil(), KanaalName::new(naam).unwrap(), Timestamp::default())
        }))
    }

    #[tokio::test]
    async fn each_kanaal_has_its_own_retention() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let storage = Embedded::open(dir.path(), Options::new(clock.clone())).unwrap();
        let registry = SharedRegistry::new(Registry::default());
        registry.apply(&[kanaal("short", Some(Duration::from_hours(24))), kanaal("long", None)]);
        let log: Arc<dyn EventLog> = storage.log;
        let names = ["short", "long"].map(|naam| KanaalName::new(naam).unwrap());
        for naam in &names {
            // More than one step of the task.
            log.append((0..2_500).map(|_| (naam.clone(), Record::default())).collect()).await.unwrap();
        }
        clock.advance(Duration::from_hours(25));
        log.append(vec![(names[0].clone(), Record::default())]).await.unwrap();
        let retention = Retention {
            trail: Arc::clone(&storage.control) as _,
            keep_trail: Duration::from_hours(24 * 365),
            log: Arc::clone(&log),
            journal: storage.journal,
            registry,
            clock,
            default: Duration::from_hours(48),
        };
        retention.pass().await.unwrap();
        let limit = Limit { records: 1, bytes: 1_000 };
        for (naam, oldest) in names.iter().zip([2_500, 0]) {
            let batch = log.read(naam, Partition(0), Mark::BEGINNING, limit).await.unwrap();
            assert_eq!(batch.records[0].position.0, oldest, "{naam}");
        }
    }

    #[tokio::test]
    async fn runs_are_kept_for_thirty_days_whatever_the_retention_of_events() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
        let storage = Embedded::open(dir.path(), Options::new(clock.clone())).unwrap();
        let run = Run {
            id: RunId(Uuid::from_u128(1)),
            subscription: SubscriptionId(Uuid::from_u128(2)),
            what: RunSelection::Records(vec![]),
            asked_by: "c".into(),
            created: clock.now(),
        };
        let journal: Arc<dyn Journal> = storage.journal;
        journal.record(vec![Entry::Run(Box::new(RunProgress::started(&run)))]);
        journal.flush().await.unwrap();
        let retention = Retention {
            trail: Arc::clone(&storage.control) as _,
            keep_trail: Duration::from_hours(24 * 365),
            log: storage.log,
            journal: Arc::clone(&journal),
            registry: SharedRegistry::new(Registry::default()),
            clock: clock.clone(),
            default: Duration::from_hours(1),
        };
        for (days, kept) in [(29, 1), (2, 0)] {
            clock.advance(Duration::from_hours(24 * days));
            retention.pass().await.unwrap();
            let page = Page { offset: 0, limit: 10 };
            assert_eq!(journal.runs(RunQuery::default(), page).await.unwrap().len(), kept, "{days} more days");
        }
    }
}
