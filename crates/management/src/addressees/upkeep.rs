//! Expiry and retention of people (CH-136): ends light subscriptions whose time is over, and removes what is kept no longer. It
//! erases nobody who asks for it: that is `Audience::erase`.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use model::{
    Clock, KanaalName, Timestamp,
    addressee::{Command, decide},
};
use storage::{
    Audience,
    audience::{self, Purge},
    control::SharedRegistry,
};

/// The pause between two passes.
const INTERVAL: Duration = Duration::from_mins(10);
/// Most rows of one step.
const STEP: u32 = 1_000;
/// The pause between two steps, so that what people do goes first.
const PAUSE: Duration = Duration::from_millis(20);

/// How long what is kept, by class.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Addressees that were not confirmed, since the last code; by default 7 days.
    pub unconfirmed: Duration,
    /// Addressees that ended; by default 30 days, and at least as long as leaving can be undone.
    pub ended: Duration,
    /// Evidence, since its event was accepted; by default a year.
    pub evidence: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Duration::from_hours(24 * days);
        Self { unconfirmed: days(7), ended: days(30), evidence: days(365) }
    }
}

/// Ends and removes what is over.
pub struct Upkeep {
    /// The addressees.
    pub audience: Arc<dyn Audience>,
    /// The present kanalen.
    pub registry: SharedRegistry,
    /// The time, replaced in tests.
    pub clock: Arc<dyn Clock>,
    /// How long what is kept.
    pub retention: Retention,
}

impl Upkeep {
    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.pass().await {
                tracing::warn!(%error, "expiry and retention of people are retried in the next pass");
            }
        }
    }

    /// Ends and removes everything that is over at the present time.
    ///
    /// # Errors
    /// Storage fails; what was done stays.
    pub async fn pass(&self) -> Result<(), audience::Error> {
        let now = self.clock.now();
        // A row that cannot be read does not keep others from being removed.
        let expired = self.expire_all(now).await;
        self.purge(Purge::Unconfirmed { before: now - self.retention.unconfirmed }).await?;
        self.purge(Purge::Ended { before: now - self.retention.ended }).await?;
        let before = now - self.retention.evidence;
        for kanaal in self.kanalen().await? {
            self.purge(Purge::Evidence { kanaal, before }).await?;
        }
        expired
    }

    async fn expire_all(&self, now: Timestamp) -> Result<(), audience::Error> {
        while self.expire(now).await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Ends a step of addressees whose own end has come. True when there may be more that can be ended.
    async fn expire(&self, now: Timestamp) -> Result<bool, audience::Error> {
        let due = self.audience.expired(now, STEP).await?;
        let (found, mut ended) = (due.len(), 0);
        for stored in due {
            let command = Command::Expire { unconfirmed: self.retention.unconfirmed };
            let Ok(accepted) = decide(&stored.addressee, command, now) else { continue };
            let Some(change) = accepted.change else { continue };
            match self.audience.put(vec![stored.change(*change)]).await {
                Ok(()) => ended += 1,
                // Somebody else changed it first: the next pass looks again.
                Err(audience::Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found == STEP as usize && ended > 0)
    }

    async fn purge(&self, purge: Purge) -> Result<(), audience::Error> {
        // A purge empties the write-ahead log at its end, which is work also when there is nothing to remove.
        if self.audience.purgeable(purge.clone()).await? == 0 {
            return Ok(());
        }
        while self.audience.purge(purge.clone(), STEP as usize).await? >= STEP as usize {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// The kanalen that there are, and those that had addressees.
    async fn kanalen(&self) -> Result<BTreeSet<KanaalName>, audience::Error> {
        let counts = self.audience.counts(None).await?.into_iter().map(|count| count.kanaal);
        let registry = self.registry.read();
        Ok(counts.chain(registry.kanalen().map(|kanaal| kanaal.naam.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Registry,
        addressee::{
            Addressee, AddresseeId, Attributes, Basis, Channel, Check, CodeRequests, Digest, EndReason, EventReference,
            Evidence, Language, State,
        },
        clock::ManualClock,
        sealed::Sealed,
    };
    use storage::{
        audience::{EvidencePage, Put},
        sqlite::{Embedded, Options},
    };
    use uuid::Uuid;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn addressee(number: u128, expires: Option<Timestamp>, state: State, at: Timestamp) -> Addressee {
        Addressee {
            id: AddresseeId(Uuid::from_u128(number)),
            kanaal: KanaalName::new("weg").unwrap(),
            channel: Channel::Email,
            digest: Digest([number as u8; 32]),
            address: Some(Sealed { key_id: "k".into(), ciphertext: vec![number as u8; 40] }),
            generation: 1,
            attributes: Attributes::default(),
            filter: None,
            language: Language::Dutch,
            frequency: model::addressee::Frequency::AtOnce,
            owner: None,
            created: at,
            expires,
            code_requests: CodeRequests::default(),
            state,
        }
    }

    #[tokio::test]
    async fn what_is_over_is_ended_and_removed_by_class_ch_136() {
        let directory = tempfile::tempdir().unwrap();
        let start = Timestamp::from_seconds(1_800_000_000);
        let clock = Arc::new(ManualClock::new(start));
        let options = Options::new(clock.clone());
        let store = Embedded::open(directory.path(), options.clone()).unwrap();
        let audience: Arc<dyn Audience> = store.open_audience(&options).unwrap();
        let confirmed = || State::confirmed(start, Basis::Import);
        let check = Check::new(Digest([1; 32]), Digest([2; 32]), start);
        let puts = [
            addressee(1, None, confirmed(), start),
            addressee(2, Some(start + DAY), confirmed(), start),
            addressee(3, None, State::Unconfirmed { since: start, check }, start),
            addressee(4, None, State::Ended { at: start, reason: EndReason::Complaint }, start),
        ];
        audience.put(puts.into_iter().map(Put::new).collect()).await.unwrap();
        let event = EventReference { kanaal: KanaalName::new("weg").unwrap(), source: "s".into(), id: "1".into() };
        let addressee = Some(AddresseeId(Uuid::from_u128(1)));
        let (digest, accepted) = (Digest([1; 32]), start);
        let evidence = Evidence { event, digest, addressee, accepted, tried: None, outcome: None, read: None };
        audience.record(vec![evidence]).await.unwrap();
        let upkeep = Upkeep {
            audience: Arc::clone(&audience),
            registry: SharedRegistry::new(Registry::default()),
            clock: clock.clone(),
            retention: Retention::default(),
        };
        let page = EvidencePage { offset: 0, limit: 10 };
        // Days since the start, those that are there then, and how many are confirmed.
        for (day, there, confirmed, pieces) in [
            (0, &[1, 2, 3, 4][..], 2, 1),
            (2, &[1, 2, 3, 4], 1, 1),
            (8, &[1, 2, 4], 1, 1),
            (31, &[1, 2], 1, 1),
            (33, &[1], 1, 1),
            (366, &[1], 1, 0),
        ] {
            clock.set(start + DAY * day);
            upkeep.pass().await.unwrap();
            let mut found = Vec::new();
            for number in 1..=4_u128 {
                if let Some(stored) = audience.get(AddresseeId(Uuid::from_u128(number))).await.unwrap() {
                    found.push((number, matches!(stored.addressee.state, State::Confirmed { .. })));
                }
            }
            let numbers: Vec<u128> = found.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, there, "day {day}");
            assert_eq!(found.iter().filter(|(_, is_confirmed)| *is_confirmed).count(), confirmed, "day {day}");
            assert_eq!(audience.evidence(Digest([1; 32]), page).await.unwrap().len(), pieces, "day {day}");
        }
    }
}
