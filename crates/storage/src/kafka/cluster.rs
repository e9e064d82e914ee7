//! Which cluster an installation runs on: recorded in a topic of its own, and beside the index of each node that keeps one.
//!
//! A copy of the topics on another cluster has other offsets and other consumer groups, and another installation may have
//! topics of the same names. A node that works on them by mistake would pass over events or send them twice, so it does not
//! start. It is not about the brokers of one cluster: they may come and go.

use std::{io::Write, path::Path, sync::Arc};

use super::{
    Kafka,
    admin::{Admin, Kind},
    consumer_pool::ConsumerPool,
    failure,
    idempotent_producer::IdempotentProducer,
    reporting_producer::ProducerRecord,
};
use crate::{
    Error,
    encoding::installation::{self, Installation},
};

/// The topic, without prefix.
pub(super) const TOPIC: (&str, Kind) = ("installation", Kind::State);
/// The key of the one record.
const KEY: &[u8] = b"cluster";
/// The file beside the index of a node.
const FILE: &str = "cluster";

/// What is recorded about the cluster.
struct Found {
    /// The id of the cluster that the brokers belong to; `None` when they report none.
    present: Option<String>,
    /// The id in the topic.
    recorded: Option<String>,
}

impl Found {
    async fn read(kafka: &Kafka) -> Result<Self, Error> {
        let topic = kafka.topics.internal(TOPIC.0);
        let exists = kafka.admin.find(topic.clone()).await?.is_some();
        let (admin, pool) = (Arc::clone(&kafka.admin), ConsumerPool::new(Arc::clone(&kafka.options)));
        let read = move || {
            let mut recorded = None;
            if exists {
                pool.read_to_end(&topic, 0, 0, |stored| {
                    let body = stored.record.value.unwrap_or_default();
                    recorded = Some(installation::from_body(&String::from_utf8_lossy(&body))?.cluster);
                    Ok(())
                })?;
            }
            Ok::<_, Error>(Self { present: admin.cluster_id_blocking(), recorded })
        };
        tokio::task::spawn_blocking(read).await.map_err(failure::join)?
    }

    /// Fails if the topics are of another cluster, unless that is on purpose.
    fn check_topics(&self, kafka: &Kafka) -> Result<(), Error> {
        let (Some(present), Some(recorded)) = (&self.present, &self.recorded) else { return Ok(()) };
        if present == recorded || kafka.options.new_cluster {
            return Ok(());
        }
        let prefix = &kafka.options.prefix;
        Err(corrupt(format!(
            "the topics {prefix}.* were made on cluster {recorded}, and these brokers are cluster {present}: events would be \
             passed over or sent twice. Set kafka.brokers to brokers of {recorded}, or go on with the copy on purpose: \
             gateway serve --new-cluster"
        )))
    }

    /// Fails if the index of this node is of another cluster.
    fn check_index(&self, index: Option<&Path>) -> Result<(), Error> {
        let (Some(present), Some(index)) = (&self.present, index) else { return Ok(()) };
        let Ok(text) = std::fs::read_to_string(index.join(FILE)) else { return Ok(()) };
        let recorded = text.trim();
        if recorded == present {
            return Ok(());
        }
        let index = index.display();
        Err(corrupt(format!(
            "this node worked on cluster {recorded} before, and these brokers are cluster {present}. Set kafka.brokers to \
             brokers of {recorded}; or remove {index}, which is built again, if the change is on purpose"
        )))
    }
}

fn corrupt(reason: String) -> Error {
    Error::Corrupt { kind: "cluster", reason }
}

/// Fails if the topics, or the index of this node, are of another cluster. Changes nothing.
///
/// # Errors
/// `Corrupt` with both ids and the remedy, `Unavailable` when the brokers are away.
pub(super) async fn check(kafka: &Kafka) -> Result<(), Error> {
    let found = Found::read(kafka).await?;
    found.check_topics(kafka)?;
    found.check_index(kafka.options.index.as_deref())
}

/// As [`check`]; then records the cluster where it is not recorded yet.
///
/// # Errors
/// As [`check`], and `Unavailable` when it cannot be recorded.
pub(super) async fn claim(kafka: &Kafka) -> Result<(), Error> {
    let found = Found::read(kafka).await?;
    found.check_topics(kafka)?;
    found.check_index(kafka.options.index.as_deref())?;
    let Some(present) = found.present else {
        tracing::warn!("the brokers report no id of their cluster: another cluster will not be noticed");
        return Ok(());
    };
    if let Some(index) = &kafka.options.index {
        write_file(index, &present).map_err(|error| failure::unavailable(format!("{}: {error}", index.display())))?;
    }
    if found.recorded.as_ref() == Some(&present) {
        return Ok(());
    }
    if let Some(recorded) = found.recorded {
        tracing::warn!(recorded, present, "the installation goes on with a copy of its topics on another cluster");
    }
    let topic = kafka.topics.internal(TOPIC.0);
    kafka.admin.ensure(&topic, TOPIC.1, 1).await?;
    let value = Some(installation::to_body(&Installation { cluster: present })?.into());
    let record = ProducerRecord { partition: Some(0), key: KEY.into(), value, ..ProducerRecord::default() };
    IdempotentProducer::new(Arc::clone(&kafka.options))?.append(vec![(topic.into(), record)]).await.map(drop)
}

fn write_file(index: &Path, id: &str) -> std::io::Result<()> {
    let path = index.join(FILE);
    if path.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(index)?;
    let mut file = std::fs::File::create(path)?;
    file.write_all(id.as_bytes())?;
    file.sync_all()
}

impl Admin {
    /// The id of the cluster; `None` when the brokers report none within the deadline. Blocks.
    fn cluster_id_blocking(&self) -> Option<String> {
        use rdkafka::consumer::Consumer;
        self.lookup.current().client().fetch_cluster_id(self.options.deadline).filter(|id| !id.is_empty())
    }
}
