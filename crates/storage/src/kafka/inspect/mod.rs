//! Checks for operators before nodes run on a cluster: do the brokers answer, do they permit what a node does, have the
//! topics the right settings; with the remedy for each finding.
//!
//! It changes nothing: permissions are probed with requests that the brokers refuse for another reason once they have
//! passed authorization. It does not monitor running nodes; those expose metrics.

mod contents;
mod permissions;

use std::time::Duration;

use model::Partition;
use rdkafka::{admin::ConfigResource, consumer::Consumer, metadata::MetadataTopic, types::RDKafkaErrorCode};

use self::permissions::{MissingPermissions, Permission, Probe};
use super::{Kafka, admin::Kind, cluster, control, journal, people, progress};
use crate::Error;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// As required.
    Pass,
    /// It works but should be improved.
    Advice,
    /// A node will not work.
    Failure,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its severity.
    pub severity: Severity,
    /// What was found and, unless it is as required, the remedy; one line, for an operator.
    pub text: String,
}

/// An existing topic of the gateway.
struct ExistingTopic {
    name: String,
    kind: Kind,
    partitions: usize,
    /// The smallest numbers of replicas, and of in-sync replicas, over its partitions.
    replicas: usize,
    in_sync: usize,
}

impl ExistingTopic {
    fn new(topic: &MetadataTopic, kind: Kind) -> Self {
        let fewest = |count: fn(&rdkafka::metadata::MetadataPartition) -> usize| {
            topic.partitions().iter().map(count).min().unwrap_or_default()
        };
        Self {
            name: topic.name().to_owned(),
            kind,
            partitions: topic.partitions().len(),
            replicas: fewest(|partition| partition.replicas().len()),
            in_sync: fewest(|partition| partition.isr().len()),
        }
    }
}

/// The topics that the gateway uses internally.
pub(super) fn internal_topics() -> impl Iterator<Item = (&'static str, Kind)> {
    control::TOPICS.into_iter().chain(journal::TOPICS).chain([progress::TOPIC, cluster::TOPIC])
}

/// The topics that are there only with people or feeds.
fn topics_of_people(erasure: Duration) -> impl Iterator<Item = (&'static str, Kind)> {
    people::TOPICS.into_iter().chain([(people::TOPIC, Kind::Personal(erasure))])
}

impl Kafka {
    /// Checks the brokers, the permissions and the existing topics. Takes seconds, or as long as the deadline of the
    /// options when the brokers do not answer.
    ///
    /// Permissions on topics are checked on existing topics only; before there are any, whether they may be created.
    pub async fn inspect(&self) -> Vec<Finding> {
        let mut findings = Findings::default();
        if let Err(error) = self.run_checks(&mut findings).await {
            findings.add(Severity::Failure, format!("Kafka at {}: {error}", self.options.brokers));
        }
        findings.0
    }

    async fn run_checks(&self, findings: &mut Findings) -> Result<(), Error> {
        self.options.authenticated()?;
        let probe = Probe::new(&self.options)?;
        let deadline = self.options.deadline;
        let topics = self.topics.clone();
        let (brokers, erasure) = (self.options.brokers.clone(), self.options.erasure);
        let ask = move || {
            let metadata = probe.reader.fetch_metadata(None, deadline).map_err(|error| probe.unavailable(&error))?;
            let kind = |topic: &str| {
                let kanaal = topics.kanaal_of(topic).map(|_| Kind::Kanaal);
                kanaal.or_else(|| {
                    let mut own = internal_topics().chain(topics_of_people(erasure));
                    own.find(|(name, _)| topics.internal(name) == topic).map(|(_, kind)| kind)
                })
            };
            let found = |topic: &MetadataTopic| Some(ExistingTopic::new(topic, kind(topic.name())?));
            let found: Vec<ExistingTopic> = metadata.topics().iter().filter_map(found).collect();
            Ok::<_, Error>((probe, metadata.brokers().len(), found))
        };
        let (probe, nodes, found) = tokio::task::spawn_blocking(ask).await.map_err(super::failure::join)??;
        findings.add(Severity::Pass, format!("Kafka at {brokers} answers, with {nodes} brokers"));
        // What keeps it from being read is reported below.
        if self.backfill_marker().await.ok().flatten().is_some_and(|note| !note.complete) {
            let text = "a migration to these topics is not finished: repeat gateway migrate, with the same --from";
            findings.add(Severity::Failure, text.to_owned());
        }
        let mut missing = MissingPermissions::default();
        self.check_creation(nodes, &mut missing, findings).await?;
        for topic in &found {
            match self.admin.settings(&topic.name).await? {
                Ok(settings) => self.check_settings(topic, &settings, findings),
                Err(code) => missing.add_failure(code, Permission::DescribeConfigs, &topic.name, findings),
            }
            if matches!(topic.kind, Kind::Kanaal | Kind::History(_)) {
                let topic_partition = (topic.name.clone(), Partition(0));
                let (low, _) = self.admin.watermarks(&topic_partition).await.unwrap_or_default();
                if let Err(error) = self.admin.try_delete_before(&topic_partition, low).await {
                    missing.add_error(&error, Permission::Delete, &topic.name, findings);
                }
            }
        }
        let names: Vec<String> = found.iter().map(|topic| topic.name.clone()).collect();
        let unseen: Vec<String> = internal_topics()
            .map(|(name, _)| self.topics.internal(name))
            .filter(|name| !names.contains(name))
            .collect();
        let options = std::sync::Arc::clone(&self.options);
        let (mut probed, more) = tokio::task::spawn_blocking(move || probe.run(&options, &names, &unseen, missing))
            .await
            .map_err(super::failure::join)??;
        findings.0.extend(more.0);
        if found.is_empty() {
            let text = "no topic is there yet: the first node makes them; check again then, for the rights on them";
            findings.add(Severity::Advice, text.to_owned());
        }
        probed.report_missing(&self.options, findings);
        // What cannot be read was reported as a missing permission.
        if let Err(error) = self.check_contents(findings).await {
            findings.add(Severity::Advice, format!("what topics hold cannot be compared: {error}"));
        }
        Ok(())
    }

    /// Whether topics can be created.
    async fn check_creation(
        &self,
        nodes: usize,
        missing: &mut MissingPermissions,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let name = self.topics.internal("check");
        let replication = self.options.replication;
        match self.admin.could_create(&name, Kind::Kanaal).await? {
            Ok(()) => {}
            Err(RDKafkaErrorCode::InvalidReplicationFactor) => findings.add(
                Severity::Failure,
                format!(
                    "topics are to have {replication} replicas, and there are {nodes} brokers: start more of them, or set \
                     a lower replication (for a test only)"
                ),
            ),
            Err(code) => missing.add_failure(code, Permission::Create, &name, findings),
        }
        Ok(())
    }

    /// Checks the settings, replicas and partitions of a topic.
    fn check_settings(&self, topic: &ExistingTopic, settings: &ConfigResource, findings: &mut Findings) {
        let (name, brokers) = (&topic.name, &self.options.brokers);
        let wrong = self.admin.violations(name, topic.kind, settings);
        let fit = wrong.is_none();
        if let Some(wrong) = wrong {
            findings.add(Severity::Failure, wrong);
        }
        if topic.in_sync < usize::from(self.options.min_insync_replicas) {
            let text = format!(
                "topic {name}: a partition has {} replicas in sync and needs {} to be written: see which broker is down",
                topic.in_sync, self.options.min_insync_replicas
            );
            findings.add(Severity::Failure, text);
        } else if fit {
            findings.add(Severity::Pass, format!("topic {name}"));
        }
        if topic.replicas < usize::from(self.options.replication) {
            let text = format!(
                "topic {name}: a partition has {} replicas and the configuration says {}: add them with \
                 kafka-reassign-partitions.sh --bootstrap-server {brokers}",
                topic.replicas, self.options.replication
            );
            findings.add(Severity::Advice, text);
        }
        if settings.get("unclean.leader.election.enable").is_some_and(|entry| entry.value.as_deref() == Some("true")) {
            let text = format!(
                "topic {name}: unclean.leader.election.enable is \"true\", so what was acknowledged may be lost with a \
                 broker; set it with: kafka-configs.sh --bootstrap-server {brokers} --alter --topic {name} --add-config \
                 unclean.leader.election.enable=false"
            );
            findings.add(Severity::Advice, text);
        }
        if *name == self.topics.internal(progress::TOPIC.0) && topic.partitions != self.options.shards as usize {
            let text = format!(
                "topic {name} has {} partitions, and so many shards there are; the {} of the configuration count only \
                 where it is made",
                topic.partitions, self.options.shards
            );
            findings.add(Severity::Advice, text);
        }
    }
}

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, severity: Severity, text: String) {
        self.0.push(Finding { severity, text });
    }
}
