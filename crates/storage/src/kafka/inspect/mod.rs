//! What an operator wants to know before nodes run on these brokers: do they answer, do they let us do what a node does,
//! are the topics as they must be; and what to do when not.
//!
//! It changes nothing: rights are probed with requests that the brokers refuse for another reason once they have
//! looked at the rights. It is no monitoring: a node tells how it is doing itself.

mod rights;

use model::Partition;
use rdkafka::{admin::ConfigResource, consumer::Consumer, metadata::MetadataTopic, types::RDKafkaErrorCode};

use self::rights::{Probe, Right, Rights};
use super::{Kafka, admin::Kind, control, journal, progress};
use crate::Error;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// As it must be.
    Good,
    /// It works, and should be better.
    Advice,
    /// A node will not work.
    Bad,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is and, when it is not good, what to do.
    pub text: String,
}

/// A topic that is there.
struct Found {
    name: String,
    kind: Kind,
    partitions: usize,
    /// The fewest replicas of a partition, and the fewest that are in sync.
    replicas: usize,
    in_sync: usize,
}

impl Found {
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

/// Every topic that the gateway makes for itself.
fn own() -> impl Iterator<Item = (&'static str, Kind)> {
    control::TOPICS.into_iter().chain(journal::TOPICS).chain([progress::TOPIC])
}

impl Kafka {
    /// Looks at the brokers, at what they let us do, and at the topics that are there. Takes seconds; when the brokers
    /// do not answer, as long as the deadline of the options.
    ///
    /// Rights on topics are looked at when the topics are there; before that, whether they could be made.
    pub async fn inspect(&self) -> Vec<Finding> {
        let mut findings = Findings::default();
        if let Err(error) = self.look(&mut findings).await {
            findings.add(Severity::Bad, format!("Kafka at {}: {error}", self.options.brokers));
        }
        findings.0
    }

    async fn look(&self, findings: &mut Findings) -> Result<(), Error> {
        self.options.authenticated()?;
        let probe = Probe::new(&self.options)?;
        let deadline = self.options.deadline;
        let topics = self.topics.clone();
        let brokers = self.options.brokers.clone();
        let ask = move || {
            let metadata = probe.reader.fetch_metadata(None, deadline).map_err(|error| probe.heard(&error))?;
            let kind = |topic: &str| {
                let kanaal = topics.kanaal_of(topic).map(|_| Kind::Kanaal);
                kanaal.or_else(|| own().find(|(matter, _)| topics.own(matter) == topic).map(|(_, kind)| kind))
            };
            let found = |topic: &MetadataTopic| Some(Found::new(topic, kind(topic.name())?));
            let found: Vec<Found> = metadata.topics().iter().filter_map(found).collect();
            Ok::<_, Error>((probe, metadata.brokers().len(), found))
        };
        let (probe, nodes, found) = tokio::task::spawn_blocking(ask).await.map_err(super::failure::task)??;
        findings.add(Severity::Good, format!("Kafka at {brokers} answers, with {nodes} brokers"));
        if self.intake_note().await?.is_some_and(|note| !note.complete) {
            let text = "a migration to these topics is not finished: repeat gateway migrate, with the same --from";
            findings.add(Severity::Bad, text.to_owned());
        }
        let mut rights = Rights::default();
        self.creation(nodes, &mut rights, findings).await?;
        for topic in &found {
            match self.admin.settings(&topic.name).await? {
                Ok(settings) => self.settings(topic, &settings, findings),
                Err(code) => rights.note(code, Right::DescribeConfigs, &topic.name, findings),
            }
            if matches!(topic.kind, Kind::Kanaal | Kind::History(_)) {
                let place = (topic.name.clone(), Partition(0));
                let (low, _) = self.admin.edges(&place).await.unwrap_or_default();
                if let Err(error) = self.admin.try_delete_before(&place, low).await {
                    rights.note_error(&error, Right::Delete, &topic.name, findings);
                }
            }
        }
        let names: Vec<String> = found.iter().map(|topic| topic.name.clone()).collect();
        let missing: Vec<String> =
            own().map(|(matter, _)| self.topics.own(matter)).filter(|name| !names.contains(name)).collect();
        let options = std::sync::Arc::clone(&self.options);
        let (mut probed, more) = tokio::task::spawn_blocking(move || probe.run(&options, &names, &missing, rights))
            .await
            .map_err(super::failure::task)??;
        findings.0.extend(more.0);
        if found.is_empty() {
            let text = "no topic is there yet: the first node makes them; look again then, for the rights on them";
            findings.add(Severity::Advice, text.to_owned());
        }
        probed.conclude(&self.options, findings);
        Ok(())
    }

    /// Whether topics could be made.
    async fn creation(&self, nodes: usize, rights: &mut Rights, findings: &mut Findings) -> Result<(), Error> {
        let name = self.topics.own("check");
        let replication = self.options.replication;
        match self.admin.could_create(&name, Kind::Kanaal).await? {
            Ok(()) => {}
            Err(RDKafkaErrorCode::InvalidReplicationFactor) => findings.add(
                Severity::Bad,
                format!(
                    "topics are to have {replication} replicas, and there are {nodes} brokers: start more of them, or set \
                     a lower replication (for a test only)"
                ),
            ),
            Err(code) => rights.note(code, Right::Create, &name, findings),
        }
        Ok(())
    }

    /// Whether a topic is as it must be, and as it should be.
    fn settings(&self, topic: &Found, settings: &ConfigResource, findings: &mut Findings) {
        let (name, brokers) = (&topic.name, &self.options.brokers);
        let wrong = self.admin.wrong(name, topic.kind, settings);
        let fit = wrong.is_none();
        if let Some(wrong) = wrong {
            findings.add(Severity::Bad, wrong);
        }
        if topic.in_sync < usize::from(self.options.min_insync_replicas) {
            let text = format!(
                "topic {name}: a partition has {} replicas in sync and needs {} to be written: see which broker is down",
                topic.in_sync, self.options.min_insync_replicas
            );
            findings.add(Severity::Bad, text);
        } else if fit {
            findings.add(Severity::Good, format!("topic {name}"));
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
        if *name == self.topics.own(progress::TOPIC.0) && topic.partitions != self.options.shards as usize {
            let text = format!(
                "topic {name} has {} partitions, and so many shards there are; the {} of the configuration count only \
                 where it is made",
                topic.partitions, self.options.shards
            );
            findings.add(Severity::Advice, text);
        }
    }
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, severity: Severity, text: String) {
        self.0.push(Finding { severity, text });
    }
}
