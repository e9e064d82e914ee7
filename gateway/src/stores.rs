//! The ports of storage, opened on the embedded file or on Apache Kafka. The only place that opens the adapters.

use std::{path::PathBuf, sync::Arc, time::Duration};

use egress::Egress;
use model::{Clock, Random};
use storage::{Audience, AuditLog, Control, EventLog, Feeds, Journal, Mailings, Progress, journal::Observer, sqlite};

#[cfg(feature = "kafka")]
use crate::{broker_tokens::Renewal, start, webhooks};
use crate::{
    config::{self, Config, Role},
    people_owner::PeopleOwner,
    start::StartError,
};

/// The ports of storage. [`Stores::progress`] is opened separately: opening it may assign shards immediately, so the caller
/// must be ready to deliver.
pub struct Stores {
    /// Events, by kanaal.
    pub log: Arc<dyn EventLog>,
    /// Changes of kanalen, subscriptions, applicaties and runs.
    pub control: Arc<dyn Control>,
    /// The audit trail.
    pub audit: Arc<dyn AuditLog>,
    /// Attempts, outcomes and dead letters.
    pub journal: Arc<dyn Journal>,
    /// Addressees, when people are configured.
    pub audience: Option<Arc<dyn Audience>>,
    /// The progress of mailings, when people are configured.
    pub mailings: Option<Arc<dyn Mailings>>,
    /// Messages of the inbox, when people are configured.
    pub inbox: Option<Arc<dyn storage::Inbox>>,
    /// What was seen of feeds; on Kafka `None` without any.
    pub feeds: Option<Arc<dyn Feeds>>,
    /// Which node works for people.
    pub people_owner: PeopleOwner,
    progress: DeferredProgress,
}

/// The port for progress, which on Kafka joins the consumer group only when it is opened.
enum DeferredProgress {
    Open(Arc<dyn Progress>),
    #[cfg(feature = "kafka")]
    Kafka {
        kafka: storage::kafka::Kafka,
        /// Whether this node takes shards.
        takes_shards: bool,
    },
}

impl Stores {
    /// Opens the port for the progress of deliveries.
    ///
    /// # Errors
    /// Kafka cannot be reached.
    pub async fn progress(&self) -> Result<Arc<dyn Progress>, storage::Error> {
        Ok(match &self.progress {
            DeferredProgress::Open(progress) => Arc::clone(progress),
            #[cfg(feature = "kafka")]
            DeferredProgress::Kafka { kafka, takes_shards: true } => Arc::new(kafka.progress().await?),
            #[cfg(feature = "kafka")]
            DeferredProgress::Kafka { kafka, takes_shards: false } => Arc::new(kafka.progress_of_others().await?),
        })
    }
}

/// Opens the storage that the configuration selects. `observer` sees what becomes searchable in the journal.
pub async fn open(
    config: &Config,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    observer: Option<Arc<dyn Observer>>,
) -> Result<Stores, StartError> {
    if let Some(own) = &config.kafka {
        return kafka(config, own, egress, clock, random, observer).await;
    }
    let deadline = Duration::from_secs(config.limits.store_seconds);
    let people = config.people.is_some();
    let stores = open_embedded(config.data.clone(), config.audit.node(), deadline, clock, observer, people).await;
    stores.map(|(stores, _)| stores)
}

/// Opens the embedded file in a directory, or creates it. `node` is the name of this node in the audit trail; a change fails when
/// it has waited for `deadline`. The file of addressees is opened, or created, for `people` only; it is returned as well.
pub async fn open_embedded(
    data: PathBuf,
    node: String,
    deadline: Duration,
    clock: &Arc<dyn Clock>,
    observer: Option<Arc<dyn Observer>>,
    people: bool,
) -> Result<(Stores, Option<Arc<sqlite::SqliteAudience>>), StartError> {
    let options = sqlite::Options { node, observer, deadline, ..sqlite::Options::new(Arc::clone(clock)) };
    make_directory(&data)?;
    let open = move || {
        let opened = sqlite::Embedded::open(&data, options.clone())?;
        let audience = if people { Some(opened.open_audience(&options)?) } else { None };
        Ok::<_, storage::Error>((opened, audience))
    };
    let opened = tokio::task::spawn_blocking(open).await;
    let (opened, audience) = opened.map_err(|_| StartError::Interrupted)??;
    let stores = Stores {
        log: opened.log,
        audit: Arc::clone(&opened.control) as _,
        control: opened.control,
        journal: opened.journal,
        feeds: Some(opened.feeds),
        mailings: audience.clone().map(|audience| audience as _),
        inbox: audience.clone().map(|audience| audience as _),
        audience: audience.clone().map(|audience| audience as _),
        people_owner: PeopleOwner::default(),
        progress: DeferredProgress::Open(opened.progress),
    };
    Ok((stores, audience))
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
    observer: Option<Arc<dyn Observer>>,
) -> Result<Stores, StartError> {
    // Events accepted on the embedded file would never be delivered.
    let file = config.data.join("gateway.sqlite");
    if file.exists() {
        return Err(StartError::BothStores { file });
    }
    let index = config.has(Role::Beheer).then(|| index(config, own));
    if let Some(index) = &index {
        make_directory(index)?;
    }
    let mut options = kafka_options(config, own, index, clock, random)?;
    options.observer = observer;
    options.token = broker_token(config, own, egress, clock).await;
    let kafka = storage::kafka::Kafka::new(options)?;
    // Deliveries would start without the progress that is still to be migrated.
    if kafka.backfill_marker().await?.is_some_and(|note| !note.complete) {
        return Err(StartError::Unfinished);
    }
    let (log, control) = (Arc::new(kafka.log().await?), Arc::new(kafka.control().await?));
    // The node that works for people also polls feeds.
    let is_used = config.people.is_some() || !config.feed.is_empty();
    let people = if is_used && (config.has(Role::Deliver) || config.has(Role::Beheer)) {
        Some(Arc::new(kafka.people(&people_copy(config), config.has(Role::Deliver)).await?))
    } else {
        None
    };
    let of_people = people.as_ref().filter(|_| config.people.is_some());
    Ok(Stores {
        log,
        audit: Arc::clone(&control) as _,
        control,
        journal: Arc::new(kafka.journal().await?),
        audience: of_people.map(|people| people.ports() as _),
        mailings: of_people.map(|people| people.mailings() as _),
        inbox: of_people.map(|people| people.ports() as _),
        feeds: people.as_ref().map(|people| people.feeds() as _),
        people_owner: people.map(PeopleOwner::among_nodes).unwrap_or_default(),
        progress: DeferredProgress::Kafka { kafka, takes_shards: config.has(Role::Deliver) },
    })
}

#[cfg(not(feature = "kafka"))]
async fn kafka(
    _: &Config,
    _: &config::Kafka,
    _: &Arc<Egress>,
    _: &Arc<dyn Clock>,
    _: &Arc<dyn Random>,
    _: Option<Arc<dyn Observer>>,
) -> Result<Stores, StartError> {
    Err(StartError::Config("[kafka] is set, and this program was built without it".to_owned()))
}

/// The options of the Kafka adapter.
#[cfg(feature = "kafka")]
fn kafka_options(
    config: &Config,
    own: &config::Kafka,
    index: Option<PathBuf>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::Options, StartError> {
    let mut options = storage::kafka::Options::new(own.brokers.as_str(), Arc::clone(clock), Arc::clone(random));
    options.prefix.clone_from(&own.prefix);
    options.properties = own.all_properties().map_err(|error| StartError::Config(error.to_string()))?;
    (options.partitions, options.shards) = (own.partitions, own.shards);
    (options.replication, options.min_insync_replicas) = (own.replication, own.min_insync_replicas);
    options.deadline = Duration::from_secs(own.timeout_seconds);
    options.session_timeout = Duration::from_millis(own.session_timeout_ms);
    options.handover = Duration::from_secs(own.handover_seconds);
    options.index = index;
    (options.node, options.audit_retention) = (config.audit.node(), config.audit.retention());
    (options.new_control, options.new_cluster) = (own.new_control, own.new_cluster);
    // The attributes of an event are headers of the record and count for its size.
    options.record_bytes = options.record_bytes.max(config.limits.body_bytes + config.limits.header_bytes);
    Ok(options)
}

/// The access token for the brokers, if `[kafka.oauth]` is configured; it is renewed as long as it is used.
#[cfg(feature = "kafka")]
async fn broker_token(
    config: &Config,
    own: &config::Kafka,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Option<Arc<storage::kafka::SharedToken>> {
    let limits = webhooks::token_limits(&config.egress);
    let renewal = own.oauth.as_ref().map(|oauth| Renewal::new(oauth, Arc::clone(egress), limits, Arc::clone(clock)))?;
    Some(renewal.start().await)
}

/// The Kafka target of a migration; the deadline of its operations is at least `min_deadline`.
#[cfg(feature = "kafka")]
pub async fn target(
    config: &Config,
    own: &config::Kafka,
    min_deadline: Duration,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::Kafka, StartError> {
    let mut options = kafka_options(config, own, None, clock, random)?;
    options.deadline = options.deadline.max(min_deadline);
    options.token = broker_token(config, own, egress, clock).await;
    Ok(storage::kafka::Kafka::new(options)?)
}

/// The audit trail alone, to read it.
#[cfg(feature = "kafka")]
pub async fn audit(
    config: &Config,
    own: &config::Kafka,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::KafkaAudit, StartError> {
    let mut options = kafka_options(config, own, None, clock, random)?;
    options.token = broker_token(config, own, &Arc::new(start::egress(config)?), clock).await;
    Ok(storage::kafka::Kafka::new(options)?.audit().await?)
}

/// Inspects the brokers with the settings of this node.
#[cfg(feature = "kafka")]
pub async fn inspect(
    config: &Config,
    own: &config::Kafka,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Vec<storage::kafka::inspect::Finding>, StartError> {
    Ok(to_examine(config, own, clock, random).await?.inspect().await)
}

/// The topics, to examine them with the settings of this node.
#[cfg(feature = "kafka")]
pub async fn to_examine(
    config: &Config,
    own: &config::Kafka,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<storage::kafka::Kafka, StartError> {
    let index = config.has(Role::Beheer).then(|| index(config, own));
    let mut options = kafka_options(config, own, index, clock, random)?;
    options.token = broker_token(config, own, &Arc::new(start::egress(config)?), clock).await;
    Ok(storage::kafka::Kafka::new(options)?)
}

/// Examines what the topics hold, with the settings of this node.
#[cfg(feature = "kafka")]
pub async fn verify_topics(
    config: &Config,
    own: &config::Kafka,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Vec<storage::kafka::inspect::Finding>, StartError> {
    let decode: storage::kafka::DecodeEvent = |record| {
        let decoded = translator::record::decode(&record.headers, record.value.as_ref());
        decoded.map(drop).map_err(|reason| reason.to_string())
    };
    Ok(to_examine(config, own, clock, random).await?.verify(decode).await?)
}

/// Where a node keeps its copy of people.
#[cfg(feature = "kafka")]
pub fn people_copy(config: &Config) -> PathBuf {
    config.data.join("people")
}

/// Where a node keeps its index of the journal.
pub fn index(config: &Config, own: &config::Kafka) -> PathBuf {
    own.index.clone().unwrap_or_else(|| config.data.join("index"))
}
