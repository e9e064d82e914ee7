//! Whether topics hold what other topics say they held: the logs of kanalen for the stored marks, and `control`.

use std::{collections::HashMap, sync::Arc};

use super::{Findings, Severity};
use crate::{
    Error,
    kafka::{
        Kafka, cluster,
        consumer_pool::ConsumerPool,
        control::evidence,
        failure,
        progress::{self, log_check::StoredEntries},
    },
    progress::Shard,
};

impl Kafka {
    /// Adds what was lost. Reads the stored progress of all shards.
    pub(super) async fn check_contents(&self, findings: &mut Findings) -> Result<(), Error> {
        if let Err(Error::Corrupt { reason, .. }) = cluster::check(self).await {
            findings.add(Severity::Failure, reason);
        }
        if let Err(Error::Corrupt { reason, .. }) = evidence::check(&self.admin, &self.topics, &self.options).await {
            findings.add(Severity::Failure, reason);
        }
        let topic = self.topics.internal(progress::TOPIC.0);
        let Some(shards) = self.admin.find(topic.clone()).await? else { return Ok(()) };
        let kafka = self.clone();
        let compare = move || {
            let pool = ConsumerPool::new(Arc::clone(&kafka.options));
            let mut lost = HashMap::new();
            for shard in (0..shards).map(Shard) {
                let stored = StoredEntries::read(&pool, &topic, shard)?;
                for one in stored.lost_logs(&kafka.topics, &kafka.admin, &HashMap::new())? {
                    lost.insert(one.place.clone(), one);
                }
            }
            Ok::<_, Error>(lost)
        };
        for one in tokio::task::spawn_blocking(compare).await.map_err(failure::join)??.into_values() {
            let (kanaal, partition) = (one.place.0.as_str(), one.place.1.0);
            let topic = self.topics.kanaal(&one.place.0);
            let text = format!(
                "topic {topic} of kanaal {kanaal}, partition {partition}: deliveries had come to offset {}, and its records \
                 were deleted since (with the topic, or at its end): those events are lost; nodes deliver what it holds now, \
                 from offset {}",
                one.mark.0, one.begin.0
            );
            findings.add(Severity::Failure, text);
        }
        Ok(())
    }
}
