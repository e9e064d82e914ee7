//! The ports of storage, opened on the embedded file or on Apache Kafka. The only place that opens the adapters.

use std::{path::PathBuf, sync::Arc};

use egress::Egress;
use model::{Clock, Random};
use storage::{Control, EventLog, Journal, Progress, sqlite};

#[cfg(feature = "kafka")]
use crate::{
    app,
    credentials::{self, brokers::Renewal},
};
use crate::{
    app::StartError,
    config::{self, Config, Role},
};

/// The ports. Progress comes apart: whoever opens it may be given shards at once, and must be ready to deliver.
pub struct Stores {
    /// Events.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties and runs.
    pub control: Arc<dyn Control>,
    /// What happened.
    pub journal: Arc<dyn Journal>,
    progress: Later,
}

enum Later {
    Open(Arc<dyn Progress>),
    #[cfg(feature = "kafka")]
    Kafka {
        kafka: storage::kafka::Kafka,
        /// Whether this node takes shards.
        takes_part: bool,
    },
}

impl Stores {
    /// How far deliveries have come.
    pub async fn progress(&self) -> Result<Arc<dyn Progress>, storage::Error> {
        Ok(match &self.progress {
            Later::Open(progress) => Arc::clone(progress),
            #[cfg(feature = "kafka")]
            Later::Kafka { kafka, takes_part: true } => Arc::new(kafka.progress().await?),
            #[cfg(feature = "kafka")]
            Later::Kafka { kafka, takes_part: false } => Arc::new(kafka.progress_of_others().await?),
        })
    }
}

/// Opens what the configuration names.
pub async fn open(
    config: &Config,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Stores, StartError> {
    match &config.kafka {
        Some(own) => kafka(config, own, egress, clock, random).await,
        None => open_embedded(config.data.clone(), clock).await,
    }
}

/// Opens the embedded file in a directory, or makes it.
pub async fn open_embedded(data: PathBuf, clock: &Arc<dyn Clock>) -> Result<Stores, StartError> {
    let options = sqlite::Options::new(Arc::clone(clock));
    make_directory(&data)?;
    let opened = tokio::task::spawn_blocking(move || sqlite::Embedded::open(&data, options)).await;
    let opened = opened.map_err(|_| StartError::Interrupted)??;
    Ok(Stores {
        log: opened.log,
        control: opened.control,
        journal: opened.journal,
        progress: Later::Open(opened.progress),
    })
}

fn make_directory(path: &std::path::Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path).map_err(|source| StartError::Directory { path: path.to_owned(), source })
}

#[cfg(feature = "kafka")]
async fn kafka(
    config: &Config,
    own: &config::Kafka,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Stores, StartError> {
    // Events that were accepted there would be waited for in vain.
    let file = config.data.join("gateway.sqlite");
    if file.exists() {
        return Err(StartError::BothStores { file });
    }
    let index = config.has(Role::Beheer).then(|| index(config, own));
    if let Some(index) = &index {
        make_directory(index)?;
    }
    let mut options = kafka_options(config, own, index, clock, random)?;
    options.tokens = tokens(config, own, egress, clock).await;
    let kafka = storage::kafka::Kafka::new(options)?;
    // Deliveries would begin before it is known how far they are.
    if kafka.intake_note().await?.is_some_and(|note| !note.complete) {
        return Err(StartError::Unfinished);
    }
    Ok(Stores {
        log: Arc::new(kafka.log().await?),
        control: Arc::new(kafka.control().await?),
        journal: Arc::new(kafka.journal().await?),
        progress: Later::Kafka { kafka, takes_part: config.has(Role::Deliver) },
    })
}

#[cfg(not(feature = "kafka"))]
async fn kafka(
    _: &Config,
    _: &config::Kafka,
    _: &Arc<Egress>,
    _: &Arc<dyn Clock>,
    _: &Arc<dyn Random>,
) -> Result<Stores, StartError> {
    Err(StartError::Config("[kafka] is set, and this program was built without it".to_owned()))
}

/// What the adapter goes by.
#[cfg(feature = "kafka")]
fn kafka_options(
    config: &Config,
    own: &config::Kafka,
    index: Option<PathBuf>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::Options, StartError> {
    use std::time::Duration;

    let mut options = storage::kafka::Options::new(own.brokers.as_str(), Arc::clone(clock), Arc::clone(random));
    options.prefix.clone_from(&own.prefix);
    options.properties = own.all_properties().map_err(|error| StartError::Config(error.to_string()))?;
    (options.partitions, options.shards) = (own.partitions, own.shards);
    (options.replication, options.min_insync_replicas) = (own.replication, own.min_insync_replicas);
    options.deadline = Duration::from_secs(own.timeout_seconds);
    options.session_timeout = Duration::from_millis(own.session_timeout_ms);
    options.handover = Duration::from_secs(own.handover_seconds);
    options.index = index;
    // A payload has room for the attributes beside it, which stand in headers.
    options.record_bytes = options.record_bytes.max(config.limits.body_bytes + config.limits.header_bytes);
    Ok(options)
}

/// The access token for the brokers, when the configuration says where it comes from; it is renewed as long as it is used.
#[cfg(feature = "kafka")]
async fn tokens(
    config: &Config,
    own: &config::Kafka,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Option<Arc<storage::kafka::Tokens>> {
    let limits = credentials::limits(&config.egress);
    let renewal = own.oauth.as_ref().map(|oauth| Renewal::new(oauth, Arc::clone(egress), limits, Arc::clone(clock)))?;
    Some(renewal.start().await)
}

/// The topics that are to be filled, by clients that wait at least so long for the brokers.
#[cfg(feature = "kafka")]
pub async fn target(
    config: &Config,
    own: &config::Kafka,
    patience: std::time::Duration,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::Kafka, StartError> {
    let mut options = kafka_options(config, own, None, clock, random)?;
    options.deadline = options.deadline.max(patience);
    options.tokens = tokens(config, own, egress, clock).await;
    Ok(storage::kafka::Kafka::new(options)?)
}

/// Looks at the brokers as this node would use them.
#[cfg(feature = "kafka")]
pub async fn inspect(
    config: &Config,
    own: &config::Kafka,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Vec<storage::kafka::inspect::Finding>, StartError> {
    let mut options = kafka_options(config, own, None, clock, random)?;
    options.tokens = tokens(config, own, &Arc::new(app::egress(config)?), clock).await;
    Ok(storage::kafka::Kafka::new(options)?.inspect().await)
}

/// Where a node keeps its index of the journal.
pub fn index(config: &Config, own: &config::Kafka) -> PathBuf {
    own.index.clone().unwrap_or_else(|| config.data.join("index"))
}
