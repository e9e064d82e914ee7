//! Moving, step by step. The note comes first and is completed last; every step may be done again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use storage::{
    Error, EventLog, Journal, Progress,
    journal::DeadLetterQuery,
    kafka::{Intake, Kafka, Note},
    progress::{Entry, Key, Ownership, Shard, Value},
};

use super::{
    MigrateError, Source,
    compare::{Compared, Walk, compare},
    control,
    places::Places,
    source::Extent,
    translate,
};

/// Most records appended at once, and about how many bytes of payload.
const RECORDS: usize = 1_000;
const BYTES: usize = 2 << 20;
/// Most entries of one checkpoint.
const ENTRIES: usize = 5_000;
/// How long all shards may take to become ours: longer than it takes to notice that an earlier attempt was killed.
const SHARDS: Duration = Duration::from_mins(1);

/// Where it goes.
pub struct Target {
    /// The topics.
    pub kafka: Kafka,
}

/// What was found on the topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Empty,
    /// A part of this source.
    Begun,
    /// All of this source; gateways may have gone on with it since.
    Complete,
}

/// What was moved.
pub struct Moved {
    /// The events, by kanaal.
    pub kanalen: Vec<Compared>,
    /// How many dead letters.
    pub letters: u64,
    /// How many marks, unsettled deliveries and paces.
    pub progress: usize,
}

impl Target {
    /// Whether the topics are free for this source.
    ///
    /// # Errors
    /// `Refused` when they hold anything else.
    pub async fn state(&self, source: &Source) -> Result<State, MigrateError> {
        let refused = |error: Error| MigrateError::Refused(format!("het doel kan niet worden bekeken: {error}"));
        match self.kafka.intake_note().await.map_err(refused)? {
            Some(note) if note.source == source.fingerprint => {
                Ok(if note.complete { State::Complete } else { State::Begun })
            }
            Some(Note { complete: true, .. }) => Err(MigrateError::Refused(
                "naar dit doel is al een andere bron verhuisd, of deze bron is daarna veranderd; kies een ander kafka.prefix"
                    .to_owned(),
            )),
            Some(Note { complete: false, .. }) => Err(MigrateError::Refused(
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

/// Moves everything, and tells how far it is.
///
/// # Errors
/// `Interrupted` when it can be repeated; `Differs` when what stands in Kafka is not what stood in the file.
pub async fn apply(source: &Source, target: &Target, said: &dyn Fn(String)) -> Result<Moved, MigrateError> {
    let intake = target.kafka.intake().await?;
    // An earlier attempt can do nothing any more; what it did last is seen only now.
    if target.state(source).await? == State::Complete {
        return Err(MigrateError::Refused("deze bron is al verhuisd".to_owned()));
    }
    let note = |complete| Note { source: source.fingerprint.clone(), complete };
    intake.note(&note(false)).await?;
    for extent in &source.extents {
        copy(source, extent, &intake, said).await?;
    }
    let (kanalen, places) = verify(source, &target.kafka.log().await?, said).await?;
    let changes = translate::changes(&source.registry, &source.progress, &places);
    {
        let control = target.kafka.control().await?;
        control::make(&control, &changes).await?;
        said(format!("Kanalen, applicaties, abonnementen, schema's en opdrachten: {} overgezet", changes.len()));
    }
    let letters = bury(source, &target.kafka.journal().await?, &places).await?;
    said(format!("Dead letters: {letters} overgezet"));
    let port = target.kafka.progress().await?;
    let progress = translate::progress(&source.registry, &source.progress, &places, port.shards());
    store(&port, &progress).await?;
    let entries = progress.values().map(HashMap::len).sum();
    said(format!("Voortgang van leveringen: {entries} gegevens overgezet"));
    intake.note(&note(true)).await?;
    Ok(Moved { kanalen, letters, progress: entries })
}

/// Appends what the topic of a kanaal lacks. After an interruption that is the end of the log, less what landed of the
/// last records that were under way.
async fn copy(
    source: &Source,
    Extent { kanaal, first, end }: &Extent,
    intake: &Intake,
    said: &dyn Fn(String),
) -> Result<(), MigrateError> {
    intake.open(kanaal).await?;
    let mut walk = Walk::new(kanaal, (source.log.as_ref(), *first), intake.log()).await?;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    loop {
        let more = walk.look().await?;
        if let Some((stored, None)) = walk.take() {
            bytes += stored.record.value.as_ref().map_or(0, bytes::Bytes::len);
            batch.push((stored.appended, stored.record));
        }
        if !batch.is_empty() && (!more || batch.len() == RECORDS || bytes > BYTES) {
            intake.append(kanaal, std::mem::take(&mut batch)).await?;
            bytes = 0;
            said(format!("Kanaal {kanaal}: {} van {} events", walk.place() - first.0, end.0 - first.0));
        }
        if !more {
            return Ok(intake.close(kanaal).await?);
        }
    }
}

/// Compares every kanaal; finds out where everything has gone.
async fn verify(
    source: &Source,
    target: &dyn EventLog,
    said: &dyn Fn(String),
) -> Result<(Vec<Compared>, Places), MigrateError> {
    let (mut kanalen, mut places) = (Vec::new(), Places::default());
    for Extent { kanaal, first, end } in &source.extents {
        let wanted = source.wanted.of(kanaal, *first, *end);
        let mut compared = compare(kanaal, (source.log.as_ref(), *first), target, &wanted).await?;
        if !compared.is_equal() {
            let (here, there) = (&compared.source, &compared.target);
            return Err(MigrateError::Differs(format!(
                "kanaal {kanaal} heeft {} events ({}) in de bron en {} ({}) in Kafka",
                here.events, here.digest, there.events, there.digest
            )));
        }
        said(format!("Kanaal {kanaal}: gecontroleerd"));
        places.0.insert(kanaal.clone(), std::mem::take(&mut compared.placed));
        kanalen.push(compared);
    }
    Ok((kanalen, places))
}

/// Keeps the dead letters.
async fn bury(source: &Source, journal: &dyn Journal, places: &Places) -> Result<u64, MigrateError> {
    let mut moved = 0;
    while let Some(letters) = source.letters(moved).await? {
        moved += letters.len() as u64;
        journal.bury(letters.into_iter().map(|letter| translate::letter(letter, places)).collect()).await?;
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

/// Waits until every shard is ours.
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
