//! Retention: forgets events and what happened to them when they are old enough, in small steps.

use std::{sync::Arc, time::Duration};

use model::{Clock, KanaalName, Timestamp};
use storage::{EventLog, Journal, control::SharedRegistry};

/// How often it looks.
const EVERY: Duration = Duration::from_mins(1);

/// Most records or rows of one step.
const STEP: usize = 1_000;

/// The pause between two steps, so that appends go first.
const PAUSE: Duration = Duration::from_millis(20);

/// What retention works on.
pub struct Retention {
    /// Events.
    pub log: Arc<dyn EventLog>,
    /// What happened to them.
    pub journal: Arc<dyn Journal>,
    /// Which kanalen there are.
    pub registry: SharedRegistry,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long a kanaal that says nothing keeps its events.
    pub default: Duration,
}

impl Retention {
    /// Runs for ever.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.pass().await {
                tracing::warn!(%error, "retention will be tried again");
            }
        }
    }

    /// Forgets everything that is old enough now.
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
        for (naam, before) in &kanalen {
            while self.log.trim(naam, *before, STEP).await? >= STEP {
                tokio::time::sleep(PAUSE).await;
            }
        }
        // Dead letters and attempts outlive their events nowhere: the longest retention counts.
        let oldest = kanalen.iter().map(|(_, before)| *before).min().unwrap_or(now).min(now - self.default);
        while self.journal.trim(oldest, STEP).await? >= STEP {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::{Kanaal, Mark, Partition, Registry, clock::ManualClock, registry::Change};
    use storage::{
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
    async fn each_kanaal_forgets_in_its_own_time() {
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
}
