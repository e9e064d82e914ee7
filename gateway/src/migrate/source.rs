//! The source of a migration: the durable state in the file of an embedded gateway. The file stays locked while a [`Source`]
//! exists.

use std::{path::Path, sync::Arc, time::Duration};

use model::{
    Clock, KanaalName, Mark, Partition, Registry,
    outcome::DeliveryKey,
    run::{Range, RunSelection},
};
use ring::digest;
use secrets::{Secrets, hex};
use storage::{
    Audience, Error, EventLog, Feeds, Journal,
    audience::Count,
    journal::{DeadLetter, DeadLetterQuery, Page},
    progress::{Key, Shard, Value},
    sqlite::SqliteAudience,
};

use super::{MigrateError, compare::Stream, positions::ReferencedPositions};
use crate::stores;

/// How long opening may wait for the writer of the file; migrating writes nothing to it.
const DEADLINE: Duration = Duration::from_secs(30);

/// Dead letters per read; each holds a complete record.
const DEAD_LETTERS_PER_READ: u32 = 100;

/// The extent of the log of a kanaal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRange {
    /// The kanaal of the log.
    pub kanaal: KanaalName,
    /// The mark of the oldest stored record.
    pub first: Mark,
    /// The mark behind the newest record.
    pub end: Mark,
}

impl LogRange {
    /// The number of events.
    pub fn events(&self) -> u64 {
        self.end.0 - self.first.0
    }
}

/// An opened embedded gateway.
pub struct Source {
    /// The log of its events.
    pub log: Arc<dyn EventLog>,
    /// The journal with its dead letters.
    pub journal: Arc<dyn Journal>,
    /// Kanalen, applicaties, subscriptions, runs and schemas.
    pub registry: Registry,
    /// The progress of its deliveries.
    pub progress: Vec<(Key, Value)>,
    /// The log range of each kanaal.
    pub ranges: Vec<LogRange>,
    /// The number of dead letters.
    pub dead_letters: u64,
    /// The positions that subscriptions, runs, progress and dead letters refer to.
    pub referenced: ReferencedPositions,
    /// The file of people, when there is one.
    pub people: Option<Arc<SqliteAudience>>,
    /// The numbers of people by kanaal, channel and state.
    pub addressees: Vec<Count>,
    /// What was seen of feeds.
    pub feeds: Option<Arc<dyn Feeds>>,
    /// A digest that identifies this source in its present state.
    pub fingerprint: String,
}

impl Source {
    /// Opens and locks the file in `directory`, and reads everything except the events.
    ///
    /// # Errors
    /// `Refused` when there is no such file, when its gateway runs, or when this program cannot read it.
    pub async fn open(directory: &Path, clock: &Arc<dyn Clock>) -> Result<Self, MigrateError> {
        let shown = directory.display();
        if !directory.join("gateway.sqlite").is_file() {
            return Err(MigrateError::Refused(format!(
                "{shown}: daar staat geen gateway.sqlite; geef met --from de map die data heet in de configuratie"
            )));
        }
        let refused = |error: Error| {
            MigrateError::Refused(match error {
                Error::InUse { .. } => {
                    format!(
                        "{shown} is in gebruik: stop eerst de gateway die erop draait, en herhaal dan deze opdracht"
                    )
                }
                error @ Error::NewerVersion { .. } => format!(
                    "{shown} is geschreven door een nieuwere versie van de gateway ({error}): verhuis met die versie"
                ),
                error => format!("{shown} kan niet worden gelezen: {error}"),
            })
        };
        // The file is opened only when it is there.
        let has_people = directory.join("audience.db").is_file();
        let stores =
            stores::open_embedded(directory.to_owned(), String::new(), DEADLINE, clock, None, has_people).await;
        let (stores, people) = stores.map_err(|error| match error {
            crate::start::StartError::Storage(error) => refused(error),
            other => MigrateError::Refused(other.to_string()),
        })?;
        Self::inspect(&stores, people).await.map_err(refused)
    }

    async fn inspect(stores: &stores::Stores, people: Option<Arc<SqliteAudience>>) -> Result<Self, Error> {
        let registry = stores.control.registry().read().clone();
        let progress = stores.progress().await?.stored(Shard(0)).await?;
        let mut source = Self {
            log: Arc::clone(&stores.log),
            journal: Arc::clone(&stores.journal),
            dead_letters: stores.journal.count_dead_letters(DeadLetterQuery::default()).await?,
            referenced: ReferencedPositions::default(),
            ranges: Vec::new(),
            addressees: Vec::new(),
            feeds: stores.feeds.clone(),
            people,
            fingerprint: String::new(),
            registry,
            progress,
        };
        let mut hasher = digest::Context::new(&digest::SHA256);
        for kanaal in source.registry.kanalen() {
            let range = log_range(source.log.as_ref(), &kanaal.naam).await?;
            let newest = Mark(range.end.0.saturating_sub(1).max(range.first.0));
            let mut newest = Stream::new(source.log.as_ref(), &kanaal.naam, Partition(0), newest).await?;
            hasher.update(format!("{range:?} {:?}", newest.head().await?).as_bytes());
            source.ranges.push(range);
        }
        for change in source.registry.to_changes() {
            hasher.update(format!("{change:?}").as_bytes());
        }
        // Progress has no fixed order.
        let mut entries: Vec<String> = source.progress.iter().map(|entry| format!("{entry:?}")).collect();
        entries.sort_unstable();
        for entry in &entries {
            hasher.update(entry.as_bytes());
        }
        source.collect_references();
        let mut referenced = std::mem::take(&mut source.referenced);
        if let Some(people) = &source.people {
            source.addressees = Audience::counts(&**people, None).await.map_err(of_people)?;
            for (kanaal, position) in people.references().await? {
                referenced.add(&kanaal, position);
            }
            hasher.update(people.rows(None).await?.count().await?.1.as_bytes());
        }
        let mut seen = 0;
        while let Some(letters) = source.read_dead_letters(seen).await? {
            seen += letters.len() as u64;
            for letter in letters {
                hasher.update(letter.id.as_bytes());
                referenced.add(&letter.delivery.kanaal, letter.delivery.position.0);
            }
        }
        source.referenced = referenced;
        source.fingerprint = hex(hasher.finish().as_ref());
        Ok(source)
    }

    /// Collects the positions that subscriptions, runs and progress refer to.
    fn collect_references(&mut self) {
        let referenced = &mut self.referenced;
        for subscription in self.registry.subscriptions() {
            for (kanaal, _, mark) in &subscription.start {
                referenced.add(kanaal, mark.0);
            }
        }
        for run in self.registry.runs() {
            match &run.what {
                RunSelection::Replay(ranges) => {
                    for Range { kanaal, from, until, .. } in ranges {
                        referenced.add(kanaal, from.0);
                        referenced.add(kanaal, until.0);
                    }
                }
                RunSelection::Records(records) => {
                    for (kanaal, _, position) in records {
                        referenced.add(kanaal, position.0);
                    }
                }
            }
        }
        for (key, value) in &self.progress {
            match (key, value) {
                (
                    Key::Reader(kanaal, _) | Key::Subscription(_, kanaal, _) | Key::Run(_, kanaal, _),
                    Value::At(mark),
                ) => referenced.add(kanaal, mark.0),
                (Key::Unsettled(DeliveryKey { kanaal, position, .. }), _) => referenced.add(kanaal, position.0),
                _ => {}
            }
        }
    }

    /// A batch of dead letters from this offset on, newest first; `None` behind the last.
    pub async fn read_dead_letters(&self, offset: u64) -> Result<Option<Vec<DeadLetter>>, Error> {
        let letters = self
            .journal
            .dead_letters(DeadLetterQuery::default(), Page { offset, limit: DEAD_LETTERS_PER_READ })
            .await?;
        Ok(Some(letters).filter(|letters| !letters.is_empty()))
    }

    /// Checks that a key opens the secrets of applicaties and subscriptions.
    ///
    /// # Errors
    /// Why the first secret that it does not open cannot be opened.
    pub fn check_key(&self, key: &Secrets) -> Result<(), secrets::Error> {
        let applicaties = self.registry.applicaties().flat_map(|applicatie| &applicatie.secrets);
        let subscriptions = self
            .registry
            .subscriptions()
            .flat_map(|own| own.credential.sealed().into_iter().chain([&own.callback_secret]));
        applicaties.chain(subscriptions).try_for_each(|sealed| key.open(sealed).map(drop))
    }
}

/// Reading has only errors of storage.
fn of_people(error: storage::audience::Error) -> Error {
    match error {
        storage::audience::Error::Storage(error) => error,
        other => Error::Corrupt { kind: "audience file", reason: other.to_string() },
    }
}

async fn log_range(log: &dyn EventLog, kanaal: &KanaalName) -> Result<LogRange, Error> {
    let one = storage::log::Limit { records: 1, bytes: 1 };
    let first = log.read(kanaal, Partition(0), Mark::BEGINNING, one).await?.oldest;
    Ok(LogRange { kanaal: kanaal.clone(), first, end: log.end(kanaal, Partition(0)).await?.max(first) })
}
