//! Performs the migration, step by step. The marker is written first and completed last; every step can be repeated.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use storage::{
    Error, EventLog, Journal, Progress,
    journal::DeadLetterQuery,
    kafka::{BackfillMarker, BackfillWriter, Kafka},
    progress::{Entry, Key, Ownership, Shard, Value},
};

use super::{
    MigrateError, Source,
    compare::{KanaalComparison, RecordMatcher, compare},
    people::{self, PeopleSummary},
    positions::PositionMap,
    registry,
    source::LogRange,
    translate,
};
use crate::config::Config;

/// Bounds of one append: records, and bytes of payload (approximately).
const RECORDS: usize = 1_000;
const BYTES: usize = 2 << 20;
/// Most entries of one checkpoint.
const ENTRIES: usize = 5_000;
/// How long acquiring all shards may take: longer than the brokers take to notice that an earlier attempt was killed.
const SHARDS: Duration = Duration::from_mins(1);

/// The Kafka cluster that is migrated to.
pub struct Target {
    /// Its client, with the prefix of the topics.
    pub kafka: Kafka,
}

/// The state of the topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The topics hold no data.
    Empty,
    /// A migration of this source was started and not completed.
    Begun,
    /// This source was migrated; gateways may have written more since.
    Complete,
}

/// What was migrated.
pub struct MigrationSummary {
    /// The comparison of each kanaal.
    pub kanalen: Vec<KanaalComparison>,
    /// The number of dead letters.
    pub dead_letters: u64,
    /// The number of progress entries: marks, unsettled deliveries and states of sinks.
    pub progress: usize,
    /// What was migrated of people.
    pub people: PeopleSummary,
}

impl Target {
    /// Whether the topics are free for this source.
    ///
    /// # Errors
    /// `Refused` when they hold anything else.
    pub async fn state(&self, source: &Source) -> Result<State, MigrateError> {
        let refused = |error: Error| MigrateError::Refused(format!("het doel kan niet worden bekeken: {error}"));
        match self.kafka.backfill_marker().await.map_err(refused)? {
            Some(note) if note.source == source.fingerprint => {
                Ok(if note.complete { State::Complete } else { State::Begun })
            }
            Some(BackfillMarker { complete: true, .. }) => Err(MigrateError::Refused(
                "naar dit doel is al een andere bron verhuisd, of deze bron is daarna veranderd; kies een ander kafka.prefix"
                    .to_owned(),
            )),
            Some(BackfillMarker { complete: false, .. }) => Err(MigrateError::Refused(
                "op dit doel is een verhuizing begonnen van een andere bron, of deze bron is sindsdien veranderd: verwijder de \
                 topics van dit doel en begin opnieuw, of kies een ander kafka.prefix"
                    .to_owned(),
            )),
            None => match self.kafka.in_use().await.map_err(refused)? {
                Some(topic) => Err(MigrateError::Refused(format!(
                    "het doel is al in gebruik: topic {topic} bevat gegevens; kies een ander kafka.prefix"
                ))),
                None => Ok(State::Empty),
            },
        }
    }
}

/// Migrates everything; `report` gets one line per step, in Dutch.
///
/// # Errors
/// `Interrupted` when repeating the command resumes it; `Differs` when Kafka and the file differ after copying.
pub async fn apply(
    source: &Source,
    target: &Target,
    config: &Config,
    report: &dyn Fn(String),
) -> Result<MigrationSummary, MigrateError> {
    let backfill = target.kafka.backfill().await?;
    // Opening the backfill fenced earlier attempts, so the state read here is final.
    if target.state(source).await? == State::Complete {
        return Err(MigrateError::Refused("deze bron is al verhuisd".to_owned()));
    }
    let marker = |complete| BackfillMarker { source: source.fingerprint.clone(), complete };
    backfill.write_marker(&marker(false)).await?;
    for range in &source.ranges {
        copy(source, range, &backfill, report).await?;
    }
    let (kanalen, positions) = verify(source, &target.kafka.log().await?, report).await?;
    let changes = translate::changes(&source.registry, &source.progress, &positions);
    {
        let control = target.kafka.control().await?;
        registry::apply(&control, &changes).await?;
        report(format!("Kanalen, applicaties, abonnementen, schema's en opdrachten: {} overgezet", changes.len()));
    }
    let dead_letters = copy_dead_letters(source, &target.kafka.journal().await?, &positions).await?;
    report(format!("Dead letters: {dead_letters} overgezet"));
    let port = target.kafka.progress().await?;
    let progress = translate::progress(&source.registry, &source.progress, &positions, port.shards());
    store(&port, &progress).await?;
    let entries = progress.values().map(HashMap::len).sum();
    report(format!("Voortgang van leveringen: {entries} gegevens overgezet"));
    let people = Box::pin(people::apply(source, &target.kafka, config, positions)).await?;
    if source.people.is_some() {
        report(format!("Mensen: {} abonnementen overgezet", people.of("addressee")));
    }
    backfill.write_marker(&marker(true)).await?;
    Ok(MigrationSummary { kanalen, dead_letters, progress: entries, people })
}

/// Appends the records that the topic of a kanaal lacks. After an interruption those are the end of the log, except
/// records of the last batch that were stored.
async fn copy(
    source: &Source,
    LogRange { kanaal, first, end }: &LogRange,
    backfill: &BackfillWriter,
    report: &dyn Fn(String),
) -> Result<(), MigrateError> {
    backfill.open(kanaal).await?;
    let mut matcher = RecordMatcher::new(kanaal, (source.log.as_ref(), *first), backfill.log()).await?;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    loop {
        let more = matcher.read_next().await?;
        if let Some((stored, None)) = matcher.take() {
            bytes += stored.record.value.as_ref().map_or(0, bytes::Bytes::len);
            batch.push((stored.appended, stored.record));
        }
        if !batch.is_empty() && (!more || batch.len() == RECORDS || bytes > BYTES) {
            backfill.append(kanaal, std::mem::take(&mut batch)).await?;
            bytes = 0;
            report(format!("Kanaal {kanaal}: {} van {} events", matcher.position() - first.0, end.0 - first.0));
        }
        if !more {
            return Ok(backfill.close(kanaal).await?);
        }
    }
}

/// Compares every kanaal and collects the positions of the copies.
async fn verify(
    source: &Source,
    target: &dyn EventLog,
    report: &dyn Fn(String),
) -> Result<(Vec<KanaalComparison>, PositionMap), MigrateError> {
    let (mut kanalen, mut positions) = (Vec::new(), PositionMap::default());
    for LogRange { kanaal, first, end } in &source.ranges {
        let referenced = source.referenced.of(kanaal, *first, *end);
        let mut compared = compare(kanaal, (source.log.as_ref(), *first), target, &referenced).await?;
        if !compared.is_equal() {
            let (here, there) = (&compared.source, &compared.target);
            return Err(MigrateError::Differs(format!(
                "kanaal {kanaal} heeft {} events ({}) in de bron en {} ({}) in Kafka",
                here.events, here.digest, there.events, there.digest
            )));
        }
        report(format!("Kanaal {kanaal}: gecontroleerd"));
        positions.0.insert(kanaal.clone(), std::mem::take(&mut compared.positions));
        kanalen.push(compared);
    }
    Ok((kanalen, positions))
}

/// Stores the dead letters, and checks their number.
async fn copy_dead_letters(
    source: &Source,
    journal: &dyn Journal,
    positions: &PositionMap,
) -> Result<u64, MigrateError> {
    let mut moved = 0;
    while let Some(letters) = source.read_dead_letters(moved).await? {
        moved += letters.len() as u64;
        journal
            .store_dead_letters(letters.into_iter().map(|letter| translate::dead_letter(letter, positions)).collect())
            .await?;
    }
    let there = journal.count_dead_letters(DeadLetterQuery::default()).await?;
    if there == moved { Ok(moved) } else { Err(differs("dead letters", moved, there)) }
}

fn differs(what: &str, here: impl std::fmt::Display, there: impl std::fmt::Display) -> MigrateError {
    MigrateError::Differs(format!("{here} {what} in de bron en {there} in Kafka"))
}

/// Stores progress in all shards.
async fn store(port: &dyn Progress, progress: &BTreeMap<Shard, HashMap<Key, Value>>) -> Result<(), MigrateError> {
    let owned = tokio::time::timeout(SHARDS, own(port)).await;
    owned.map_err(|_| {
        MigrateError::Interrupted(
            "niet alle delen van het doel komen vrij: er draait al een gateway op; stop die".to_owned(),
        )
    })??;
    for (shard, entries) in progress {
        let all: Vec<Entry> = entries.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
        for some in all.chunks(ENTRIES) {
            port.checkpoint(*shard, some.to_vec()).await?;
        }
    }
    for shard in (0..port.shards()).map(Shard) {
        let stored: HashMap<Key, Value> = port.stored(shard).await?.into_iter().collect();
        let wanted = progress.get(&shard).map_or(0, HashMap::len);
        if stored.len() != wanted || progress.get(&shard).is_some_and(|wanted| *wanted != stored) {
            return Err(differs(&format!("gegevens over voortgang (deel {})", shard.0), wanted, stored.len()));
        }
        port.release(shard).await?;
    }
    Ok(())
}

/// Waits until this process owns every shard.
async fn own(port: &dyn Progress) -> Result<(), Error> {
    let mut owned = HashSet::new();
    while owned.len() < port.shards() as usize {
        match port.ownership().await? {
            Ownership::Gained(shard, _) => owned.insert(shard),
            Ownership::Losing(shard, _) => {
                port.release(shard).await?;
                owned.remove(&shard)
            }
            Ownership::Lost(shard) => owned.remove(&shard),
        };
    }
    Ok(())
}
