//! Light subscriptions of people, due messages, evidence, mailings, the inbox, and what was seen of feeds: rows of the file become
//! rows of the topic. Addresses stay sealed; the key file is only used to check that the nodes will be able to open them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{KanaalName, Mark, Partition, Position};
use people::Keys;
use secrets::Secrets;
use storage::{
    Audience, Feeds,
    audience::Walk,
    kafka::{FilledPeople, Kafka},
    sqlite::Places,
};

use super::{MigrateError, Source, positions::PositionMap};
use crate::{config::Config, stores};

/// How long becoming the owner of people may take: longer than the brokers take to notice that an earlier attempt was killed.
const OWNED: Duration = Duration::from_mins(2);
/// Addressees of each kanaal and channel whose addresses are opened to check the key.
const CHECKED: u32 = 10;

/// What was migrated of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleSummary {
    /// The number of rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Their digest, the same on both sides.
    pub digest: String,
    /// The number of feeds whose state was migrated.
    pub feeds: u64,
}

impl PeopleSummary {
    /// The number of rows of a table.
    pub fn of(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or_default()
    }
}

impl Places for PositionMap {
    fn marks(&self, kanaal: &KanaalName, mark: Mark) -> Vec<(Partition, Mark)> {
        Self::marks(self, kanaal, mark).collect()
    }

    fn record(&self, kanaal: &KanaalName, position: Position) -> (Partition, Position) {
        Self::record(self, kanaal, position)
    }

    fn is_on_log(&self, kanaal: &KanaalName, position: Position) -> bool {
        Self::is_on_log(self, kanaal, position)
    }
}

/// Checks that the nodes will have people, with the key of the source.
///
/// # Errors
/// `Refused`, with what to change in the configuration.
pub async fn check(source: &Source, config: &Config) -> Result<(), MigrateError> {
    let Some(people) = source.people.as_ref().filter(|_| !source.addressees.is_empty()) else { return Ok(()) };
    let Some(own) = &config.people else {
        return Err(MigrateError::Refused(
            "de bron heeft abonnementen van mensen: neem [people] over in de configuratie van het doel".to_owned(),
        ));
    };
    let file = own.key_file(config);
    let refused = |reason: &dyn std::fmt::Display| {
        MigrateError::Refused(format!(
            "people.key_file ({}) is niet de sleutel waarmee de adressen in de bron zijn verzegeld ({reason}): gebruik hetzelfde \
             bestand (people.key in die map, of people.key_file uit de configuratie van die gateway)",
            file.display()
        ))
    };
    let keys = Keys::new(Arc::new(Secrets::read_file(&file).map_err(|error| refused(&error))?));
    let keys = keys.map_err(|error| refused(&error))?;
    for count in &source.addressees {
        let walk = Walk {
            kanaal: count.kanaal.clone(),
            channel: count.channel,
            after: None,
            state: Some(count.state),
            filters: None,
            limit: CHECKED,
        };
        let chunk = people.walk(walk).await.map_err(|error| MigrateError::Refused(error.to_string()))?;
        for sealed in chunk.addressees.iter().filter_map(|stored| stored.addressee.address.as_ref()) {
            keys.open(sealed).map_err(|error| refused(&error))?;
        }
    }
    Ok(())
}

/// Migrates what the source has of people and feeds. The copy of the node that this configuration is of is filled as well.
///
/// # Errors
/// `Interrupted` when repeating the command resumes it; `Differs` when the topic and the file differ afterwards.
pub async fn apply(
    source: &Source,
    kafka: &Kafka,
    config: &Config,
    positions: PositionMap,
) -> Result<PeopleSummary, MigrateError> {
    let mut states = Vec::new();
    if let Some(feeds) = &source.feeds {
        for feed in &config.feed {
            states.extend(feeds.state(&feed.name).await?.map(|state| (feed.name.clone(), state)));
        }
    }
    if source.people.is_none() && states.is_empty() {
        return Ok(PeopleSummary::default());
    }
    let target = kafka.people(&stores::people_copy(config), true).await?;
    let owned = tokio::time::timeout(OWNED, target.owned()).await;
    owned.map_err(|_| {
        MigrateError::Interrupted("een andere node werkt voor mensen: er draait al een gateway op; stop die".to_owned())
    })??;
    let mut summary = PeopleSummary::default();
    if let Some(people) = &source.people {
        let filled = target.fill(people, Arc::new(positions)).await?;
        if !filled.is_equal() {
            return Err(differs(&filled));
        }
        (summary.rows, summary.digest) = (filled.source, filled.source_digest);
    }
    summary.feeds = states.len() as u64;
    for (name, state) in states {
        target.feeds().store(&name, state).await?;
    }
    // Leaving the group takes a moment, which must not hold up this thread.
    drop(tokio::task::spawn_blocking(move || drop(target)).await);
    Ok(summary)
}

fn differs(filled: &FilledPeople) -> MigrateError {
    let sum = |rows: &BTreeMap<String, u64>| rows.values().sum::<u64>();
    MigrateError::Differs(format!(
        "de bron heeft {} regels over mensen ({}) en Kafka {} ({})",
        sum(&filled.source),
        filled.source_digest,
        sum(&filled.target),
        filled.target_digest
    ))
}
