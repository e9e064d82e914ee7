//! What is to be moved: everything that lasts in the file of an embedded gateway, which is locked while this lives.

use std::{path::Path, sync::Arc};

use model::{
    Clock, KanaalName, Mark, Partition, Registry,
    outcome::DeliveryKey,
    run::{Range, RunSelection},
};
use ring::digest;
use storage::{
    Error, EventLog, Journal,
    journal::{DeadLetter, DeadLetterQuery, Page},
    progress::{Key, Shard, Value},
};

use super::{MigrateError, compare::Stream, places::Wanted};
use crate::{
    secrets::{self, Secrets, hex},
    stores,
};

/// Dead letters read at once; each holds a whole record.
const LETTERS: u32 = 100;

/// A log, from its first record to behind its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// Of which kanaal.
    pub kanaal: KanaalName,
    /// The oldest record that is still there.
    pub first: Mark,
    /// Behind the newest.
    pub end: Mark,
}

impl Extent {
    /// How many events.
    pub fn events(&self) -> u64 {
        self.end.0 - self.first.0
    }
}

/// The embedded gateway that is moved.
pub struct Source {
    /// Its events.
    pub log: Arc<dyn EventLog>,
    /// Its dead letters.
    pub journal: Arc<dyn Journal>,
    /// Kanalen, applicaties, subscriptions, runs and schemas.
    pub registry: Registry,
    /// How far deliveries are.
    pub progress: Vec<(Key, Value)>,
    /// The log of each kanaal.
    pub extents: Vec<Extent>,
    /// How many dead letters there are.
    pub letters: u64,
    /// The places that any of this refers to.
    pub wanted: Wanted,
    /// Tells this source, as it stands, from any other.
    pub fingerprint: String,
}

impl Source {
    /// Opens and locks it, and looks at everything but the events themselves.
    ///
    /// # Errors
    /// `Refused` when there is none, when its gateway runs, or when this program cannot read it.
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
        let stores = stores::open_embedded(directory.to_owned(), clock).await;
        let stores = stores.map_err(|error| match error {
            crate::app::StartError::Storage(error) => refused(error),
            other => MigrateError::Refused(other.to_string()),
        })?;
        Self::look(&stores).await.map_err(refused)
    }

    async fn look(stores: &stores::Stores) -> Result<Self, Error> {
        let registry = stores.control.registry().read().clone();
        let progress = stores.progress().await?.stored(Shard(0)).await?;
        let mut source = Self {
            log: Arc::clone(&stores.log),
            journal: Arc::clone(&stores.journal),
            letters: stores.journal.count_dead_letters(DeadLetterQuery::default()).await?,
            wanted: Wanted::default(),
            extents: Vec::new(),
            fingerprint: String::new(),
            registry,
            progress,
        };
        let mut sum = digest::Context::new(&digest::SHA256);
        for kanaal in source.registry.kanalen() {
            let extent = extent(source.log.as_ref(), &kanaal.naam).await?;
            let newest = Mark(extent.end.0.saturating_sub(1).max(extent.first.0));
            let mut newest = Stream::new(source.log.as_ref(), &kanaal.naam, Partition(0), newest).await?;
            sum.update(format!("{extent:?} {:?}", newest.head().await?).as_bytes());
            source.extents.push(extent);
        }
        for change in source.registry.to_changes() {
            sum.update(format!("{change:?}").as_bytes());
        }
        // Each side has its own order.
        let mut entries: Vec<String> = source.progress.iter().map(|entry| format!("{entry:?}")).collect();
        entries.sort_unstable();
        for entry in &entries {
            sum.update(entry.as_bytes());
        }
        source.want();
        let mut wanted = std::mem::take(&mut source.wanted);
        let mut seen = 0;
        while let Some(letters) = source.letters(seen).await? {
            seen += letters.len() as u64;
            for letter in letters {
                sum.update(letter.id.as_bytes());
                wanted.add(&letter.delivery.kanaal, letter.delivery.position.0);
            }
        }
        source.wanted = wanted;
        source.fingerprint = hex(sum.finish().as_ref());
        Ok(source)
    }

    /// The places that subscriptions, runs and progress refer to.
    fn want(&mut self) {
        let wanted = &mut self.wanted;
        for subscription in self.registry.subscriptions() {
            for (kanaal, _, mark) in &subscription.start {
                wanted.add(kanaal, mark.0);
            }
        }
        for run in self.registry.runs() {
            match &run.what {
                RunSelection::Replay(ranges) => {
                    for Range { kanaal, from, until, .. } in ranges {
                        wanted.add(kanaal, from.0);
                        wanted.add(kanaal, until.0);
                    }
                }
                RunSelection::Records(records) => {
                    for (kanaal, _, position) in records {
                        wanted.add(kanaal, position.0);
                    }
                }
            }
        }
        for (key, value) in &self.progress {
            match (key, value) {
                (
                    Key::Reader(kanaal, _) | Key::Subscription(_, kanaal, _) | Key::Run(_, kanaal, _),
                    Value::At(mark),
                ) => wanted.add(kanaal, mark.0),
                (Key::Unsettled(DeliveryKey { kanaal, position, .. }), _) => wanted.add(kanaal, position.0),
                _ => {}
            }
        }
    }

    /// Some of the dead letters, from the one with this number on, newest first; `None` behind the last.
    pub async fn letters(&self, offset: u64) -> Result<Option<Vec<DeadLetter>>, Error> {
        let letters = self.journal.dead_letters(DeadLetterQuery::default(), Page { offset, limit: LETTERS }).await?;
        Ok(Some(letters).filter(|letters| !letters.is_empty()))
    }

    /// Whether a key opens the secrets of applicaties and subscriptions.
    ///
    /// # Errors
    /// The first secret that it does not open.
    pub fn check_key(&self, key: &Secrets) -> Result<(), secrets::Error> {
        let applicaties = self.registry.applicaties().flat_map(|applicatie| &applicatie.secrets);
        let subscriptions = self
            .registry
            .subscriptions()
            .flat_map(|own| own.credential.sealed().into_iter().chain([&own.callback_secret]));
        applicaties.chain(subscriptions).try_for_each(|sealed| key.open(sealed).map(drop))
    }
}

async fn extent(log: &dyn EventLog, kanaal: &KanaalName) -> Result<Extent, Error> {
    let one = storage::log::Limit { records: 1, bytes: 1 };
    let first = log.read(kanaal, Partition(0), Mark::BEGINNING, one).await?.oldest;
    Ok(Extent { kanaal: kanaal.clone(), first, end: log.end(kanaal, Partition(0)).await?.max(first) })
}
