//! Probes permissions one by one, and builds the commands that grant the missing ones.
//!
//! A broker checks authorization before anything else. So an operation with effects is requested in a form that the
//! broker must refuse afterwards: a record with an impossible number of acknowledgements, a session or a transaction of
//! impossible length.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientContext, Offset, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::KafkaError,
    metadata::MetadataTopic,
    producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer},
    types::RDKafkaErrorCode,
};

use super::{Findings, Severity};
use crate::{
    Error,
    kafka::{Options, client, failure},
};

/// The interval at which a pending answer is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How long to wait for a group coordinator's refusal when there is no topic to join a group for.
const NO_TOPIC_TIMEOUT: Duration = Duration::from_millis(1_500);

/// An operation on a resource, as in ACLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Permission {
    Create,
    Describe,
    DescribeConfigs,
    Read,
    Write,
    Delete,
    ReadGroup,
    WriteTransaction,
}

impl Permission {
    const ALL_ON_TOPICS: [Self; 6] =
        [Self::Create, Self::Describe, Self::DescribeConfigs, Self::Read, Self::Write, Self::Delete];

    /// The option of `kafka-acls.sh` for the resource, the resource's name in messages, and the operation.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        let topic = |operation| ("--topic", "topics", operation);
        match self {
            Self::Create => topic("Create"),
            Self::Describe => topic("Describe"),
            Self::DescribeConfigs => topic("DescribeConfigs"),
            Self::Read => topic("Read"),
            Self::Write => topic("Write"),
            Self::Delete => topic("Delete"),
            Self::ReadGroup => ("--group", "consumer groups", "Read"),
            Self::WriteTransaction => ("--transactional-id", "transactional ids", "Write"),
        }
    }
}

/// The permissions found missing.
#[derive(Debug, Default)]
pub(super) struct MissingPermissions(BTreeSet<Permission>);

fn is_refused(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        code,
        Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
    )
}

impl MissingPermissions {
    /// Adds a missing permission, or a finding if the operation failed for another reason.
    pub(super) fn add_failure(
        &mut self,
        code: RDKafkaErrorCode,
        permission: Permission,
        name: &str,
        findings: &mut Findings,
    ) {
        if is_refused(code) {
            self.0.insert(permission);
        } else {
            let (_, _, operation) = permission.names();
            findings.add(Severity::Failure, format!("{operation} of {name} fails: {code}"));
        }
    }

    pub(super) fn add_error(
        &mut self,
        error: &KafkaError,
        permission: Permission,
        name: &str,
        findings: &mut Findings,
    ) {
        self.add_failure(code(error), permission, name, findings);
    }

    fn add_unless(
        &mut self,
        expected: RDKafkaErrorCode,
        code: RDKafkaErrorCode,
        permission: Permission,
        name: &str,
        findings: &mut Findings,
    ) {
        if code != expected {
            self.add_failure(code, permission, name, findings);
        }
    }

    /// Adds a finding per missing permission with the command that grants it, or one finding that none is missing.
    pub(super) fn report_missing(&mut self, options: &Options, findings: &mut Findings) {
        let prefix = format!("{}.", options.prefix);
        if self.0.contains(&Permission::Describe) {
            // Without `Describe` the other permissions on topics cannot be probed.
            self.0.extend(Permission::ALL_ON_TOPICS);
        }
        let mut resources: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for permission in &self.0 {
            let (option, what, operation) = permission.names();
            resources.entry((option, what)).or_default().push(operation);
        }
        if resources.is_empty() {
            findings.add(Severity::Pass, format!("rights on what starts with {prefix}"));
        }
        for ((option, what), operations) in resources {
            let given: Vec<String> = operations.iter().map(|operation| format!("--operation {operation}")).collect();
            let text = format!(
                "the right to {} {what} that start with {prefix} is missing; grant it with: kafka-acls.sh \
                 --bootstrap-server {} --add --allow-principal '{}' {} {option} {prefix} --resource-pattern-type prefixed",
                operations.join(", "),
                options.brokers,
                principal(options),
                given.join(" "),
            );
            findings.add(Severity::Failure, text);
        }
    }
}

/// The principal of the commands, as far as the properties determine it.
fn principal(options: &Options) -> String {
    let property =
        |name: &str| options.properties.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    match (property("sasl.username"), property("security.protocol").map(str::to_ascii_lowercase).as_deref()) {
        (Some(user), _) => format!("User:{user}"),
        (None, Some("ssl")) => "User:<subject of the client certificate>".to_owned(),
        (None, Some("sasl_ssl" | "sasl_plaintext")) => "User:<subject of the token>".to_owned(),
        (None, _) => "User:ANONYMOUS".to_owned(),
    }
}

/// The clients that probe.
#[derive(Default)]
pub(super) struct ProbeContext {
    messages: Mutex<Vec<String>>,
    report: Mutex<Option<RDKafkaErrorCode>>,
}

impl ProbeContext {
    fn add_message(&self, text: &str) {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        if messages.len() < 64 {
            messages.push(text.to_owned());
        }
    }

    fn take_report(&self) -> Option<RDKafkaErrorCode> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for ProbeContext {
    fn log(&self, _: RDKafkaLogLevel, _: &str, message: &str) {
        self.add_message(message);
    }

    fn error(&self, _: KafkaError, reason: &str) {
        self.add_message(reason);
    }
}

impl ConsumerContext for ProbeContext {}

impl ProducerContext for ProbeContext {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let code = match result {
            Ok(_) => RDKafkaErrorCode::NoError,
            Err((error, _)) => error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown),
        };
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }
}

/// The clients that look around.
pub(super) struct Probe {
    pub(super) reader: Arc<BaseConsumer<ProbeContext>>,
    deadline: Duration,
}

impl Probe {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let mut config = client::reader_config(options);
        config.set("fetch.wait.max.ms", "10");
        let reader = client::create(options, &config, ProbeContext::default());
        let reader = reader.map_err(|error| failure::kafka("cannot create a consumer", &error))?;
        Ok(Self { reader, deadline: options.deadline })
    }

    /// An `Unavailable` with the error and the most informative message that the client logged.
    pub(super) fn unavailable(&self, error: &KafkaError) -> Error {
        // Each poll serves one pending callback.
        for _ in 0..16 {
            drop(self.reader.poll(POLL_INTERVAL));
        }
        let messages = self.reader.context().messages.lock().unwrap_or_else(PoisonError::into_inner);
        let last = messages.iter().rev().find(|reason| !reason.contains("brokers are down")).or(messages.last());
        failure::unavailable(format!("{error}{}", last.map(|last| format!(": {last}")).unwrap_or_default()))
    }

    /// Tries everything that a node does on existing topics, and requests the metadata of unseen ones. Blocks.
    pub(super) fn run(
        &self,
        options: &Options,
        topics: &[String],
        unseen: &[String],
        mut missing: MissingPermissions,
    ) -> Result<(MissingPermissions, Findings), Error> {
        use RDKafkaErrorCode::{InvalidRequiredAcks, InvalidSessionTimeout, InvalidTransactionTimeout, NoError};
        let mut findings = Findings::default();
        for topic in unseen {
            let metadata =
                self.reader.fetch_metadata(Some(topic), self.deadline).map_err(|error| self.unavailable(&error))?;
            let codes = metadata.topics().iter().filter_map(MetadataTopic::error).map(RDKafkaErrorCode::from);
            for code in codes.filter(|code| is_refused(*code)) {
                missing.add_failure(code, Permission::Describe, topic, &mut findings);
            }
        }
        let writer = refused_producer(options)?;
        for topic in topics {
            missing.add_unless(NoError, self.read(topic)?, Permission::Read, topic, &mut findings);
            missing.add_unless(
                InvalidRequiredAcks,
                self.write(&writer, topic),
                Permission::Write,
                topic,
                &mut findings,
            );
        }
        let name = format!("{}.check", options.prefix);
        let joined = self.join(options, &name, topics.first())?;
        // Without a topic the client does not join; then only the permission to describe the group is known.
        if !(topics.is_empty() && joined == RDKafkaErrorCode::OperationTimedOut) {
            missing.add_unless(InvalidSessionTimeout, joined, Permission::ReadGroup, &name, &mut findings);
        }
        let begun = self.begin(options, &name)?;
        missing.add_unless(InvalidTransactionTimeout, begun, Permission::WriteTransaction, &name, &mut findings);
        Ok((missing, findings))
    }

    /// Reads at the end of a topic; returns the resulting code.
    fn read(&self, topic: &str) -> Result<RDKafkaErrorCode, Error> {
        let failed = |error: &KafkaError| failure::kafka("a topic cannot be read", error);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::End).map_err(|error| failed(&error))?;
        self.reader.assign(&list).map_err(|error| failed(&error))?;
        let code = wait(self.deadline, || match self.reader.poll(POLL_INTERVAL)? {
            Ok(_) | Err(KafkaError::PartitionEOF(_)) => Some(RDKafkaErrorCode::NoError),
            Err(error) if failure::is_transient(&error) => None,
            // The client also contacts the coordinator of its group, which is irrelevant here.
            Err(error) => Some(code(&error)).filter(|code| *code != RDKafkaErrorCode::GroupAuthorizationFailed),
        });
        self.reader.unassign().map_err(|error| failed(&error))?;
        Ok(code)
    }

    /// Sends a record that every broker refuses; returns the resulting code.
    fn write(&self, writer: &ThreadedProducer<ProbeContext>, topic: &str) -> RDKafkaErrorCode {
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(0).key("check").payload("check");
        if let Err((error, _)) = writer.send(record) {
            return code(&error);
        }
        wait(self.deadline, || {
            std::thread::sleep(POLL_INTERVAL);
            writer.context().take_report()
        })
    }

    /// Joins a group with too short a session time-out; returns the resulting code.
    fn join(&self, options: &Options, group: &str, topic: Option<&String>) -> Result<RDKafkaErrorCode, Error> {
        let mut config = client::member_config(options, group);
        config.set("session.timeout.ms", "2").set("heartbeat.interval.ms", "1");
        let failed = |error: &KafkaError| failure::kafka("no group can be joined", error);
        let member: Arc<BaseConsumer<ProbeContext>> =
            client::create(options, &config, ProbeContext::default()).map_err(|error| failed(&error))?;
        member.subscribe(&[topic.map_or(group, String::as_str)]).map_err(|error| failed(&error))?;
        let most = if topic.is_some() { self.deadline } else { self.deadline.min(NO_TOPIC_TIMEOUT) };
        Ok(wait(most, || {
            let code = code(&member.poll(POLL_INTERVAL)?.err()?);
            (code == RDKafkaErrorCode::InvalidSessionTimeout || is_refused(code)).then_some(code)
        }))
    }

    /// Starts a transactional producer with too long a time-out; returns the resulting code.
    fn begin(&self, options: &Options, id: &str) -> Result<RDKafkaErrorCode, Error> {
        let mut config = client::transactional_config(options, id);
        config.set("transaction.timeout.ms", i32::MAX.to_string());
        let producer: Arc<ThreadedProducer<ProbeContext>> =
            client::create(options, &config, ProbeContext::default())
                .map_err(|error| failure::kafka("cannot create a transactional producer", &error))?;
        let begun = producer.init_transactions(self.deadline);
        Ok(begun.err().map_or(RDKafkaErrorCode::NoError, |error| code(&error)))
    }
}

/// Polls until there is an answer, for at most `most`.
fn wait(most: Duration, mut ask: impl FnMut() -> Option<RDKafkaErrorCode>) -> RDKafkaErrorCode {
    let looks = most.as_millis() / POLL_INTERVAL.as_millis();
    (0..=looks).find_map(|_| ask()).unwrap_or(RDKafkaErrorCode::OperationTimedOut)
}

/// The code of an error.
fn code(error: &KafkaError) -> RDKafkaErrorCode {
    let code = match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    };
    code.unwrap_or(RDKafkaErrorCode::Unknown)
}

/// A producer whose records every broker refuses because of the requested number of acknowledgements.
fn refused_producer(options: &Options) -> Result<Arc<ThreadedProducer<ProbeContext>>, Error> {
    let mut config = client::producer_config(options);
    config.set("enable.idempotence", "false").set("acks", "2").set("linger.ms", "0");
    let made = client::create(options, &config, ProbeContext::default());
    made.map_err(|error| failure::kafka("cannot create a producer", &error))
}
