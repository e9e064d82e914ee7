//! What the brokers let us do, probed one by one, and the commands that grant what is missing.
//!
//! A broker looks at rights before anything else. So what would change something is asked for in a way that it must
//! refuse then: a record with an impossible number of acknowledgements, a session or a transaction of impossible length.

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

/// How often it is looked whether an answer is there.
const LOOK: Duration = Duration::from_millis(20);
/// How long a coordinator has to refuse us where there is no topic to join its group for.
const NO_TOPIC: Duration = Duration::from_millis(1_500);

/// An operation on a resource, as ACLs have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    Create,
    Describe,
    DescribeConfigs,
    Read,
    Write,
    Delete,
    ReadGroup,
    WriteTransaction,
}

impl Right {
    const ALL_ON_TOPICS: [Self; 6] =
        [Self::Create, Self::Describe, Self::DescribeConfigs, Self::Read, Self::Write, Self::Delete];

    /// The option of `kafka-acls.sh` for the resource, what it is, and the operation.
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

/// What is missing.
#[derive(Debug, Default)]
pub(super) struct Rights(BTreeSet<Right>);

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

impl Rights {
    /// Notes why the brokers did not do what a right allows.
    pub(super) fn note(&mut self, code: RDKafkaErrorCode, right: Right, name: &str, findings: &mut Findings) {
        if is_refused(code) {
            self.0.insert(right);
        } else {
            let (_, _, operation) = right.names();
            findings.add(Severity::Bad, format!("{operation} of {name} fails: {code}"));
        }
    }

    pub(super) fn note_error(&mut self, error: &KafkaError, right: Right, name: &str, findings: &mut Findings) {
        self.note(code(error), right, name, findings);
    }

    fn note_unless(
        &mut self,
        hoped: RDKafkaErrorCode,
        code: RDKafkaErrorCode,
        right: Right,
        name: &str,
        findings: &mut Findings,
    ) {
        if code != hoped {
            self.note(code, right, name, findings);
        }
    }

    /// Says what is missing and how to grant it, or that nothing is.
    pub(super) fn conclude(&mut self, options: &Options, findings: &mut Findings) {
        let prefix = format!("{}.", options.prefix);
        if self.0.contains(&Right::Describe) {
            // What cannot be seen cannot be looked at further.
            self.0.extend(Right::ALL_ON_TOPICS);
        }
        let mut resources: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for right in &self.0 {
            let (option, what, operation) = right.names();
            resources.entry((option, what)).or_default().push(operation);
        }
        if resources.is_empty() {
            findings.add(Severity::Good, format!("rights on what starts with {prefix}"));
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
            findings.add(Severity::Bad, text);
        }
    }
}

/// Who the brokers take us for, as far as the properties tell.
fn principal(options: &Options) -> String {
    let given =
        |name: &str| options.properties.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    match (given("sasl.username"), given("security.protocol").map(str::to_ascii_lowercase).as_deref()) {
        (Some(user), _) => format!("User:{user}"),
        (None, Some("ssl")) => "User:<subject of the client certificate>".to_owned(),
        (None, Some("sasl_ssl" | "sasl_plaintext")) => "User:<subject of the token>".to_owned(),
        (None, _) => "User:ANONYMOUS".to_owned(),
    }
}

/// Listens for what goes wrong without an answer: connections, log-ins; and for reports on records.
#[derive(Default)]
pub(super) struct Ears {
    said: Mutex<Vec<String>>,
    report: Mutex<Option<RDKafkaErrorCode>>,
}

impl Ears {
    fn hear(&self, text: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < 64 {
            said.push(text.to_owned());
        }
    }

    fn report(&self) -> Option<RDKafkaErrorCode> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for Ears {
    fn log(&self, _: RDKafkaLogLevel, _: &str, message: &str) {
        self.hear(message);
    }

    fn error(&self, _: KafkaError, reason: &str) {
        self.hear(reason);
    }
}

impl ConsumerContext for Ears {}

impl ProducerContext for Ears {
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
    pub(super) reader: Arc<BaseConsumer<Ears>>,
    deadline: Duration,
}

impl Probe {
    pub(super) fn new(options: &Options) -> Result<Self, Error> {
        let mut config = client::reader(options);
        config.set("fetch.wait.max.ms", "10");
        let reader = client::create(options, &config, Ears::default());
        let reader = reader.map_err(|error| failure::kafka("no client", &error))?;
        Ok(Self { reader, deadline: options.deadline })
    }

    /// Why the brokers do not answer: the error, and what was heard meanwhile.
    pub(super) fn heard(&self, error: &KafkaError) -> Error {
        // Serves what waits to be told, one thing at a time.
        for _ in 0..16 {
            drop(self.reader.poll(LOOK));
        }
        let said = self.reader.context().said.lock().unwrap_or_else(PoisonError::into_inner);
        let last = said.iter().rev().find(|reason| !reason.contains("brokers are down")).or(said.last());
        failure::away(format!("{error}{}", last.map(|last| format!(": {last}")).unwrap_or_default()))
    }

    /// Tries everything that a node does on these topics, and asks for those that are not seen. Blocks.
    pub(super) fn run(
        &self,
        options: &Options,
        topics: &[String],
        unseen: &[String],
        mut rights: Rights,
    ) -> Result<(Rights, Findings), Error> {
        use RDKafkaErrorCode::{InvalidRequiredAcks, InvalidSessionTimeout, InvalidTransactionTimeout, NoError};
        let mut findings = Findings::default();
        for topic in unseen {
            let metadata =
                self.reader.fetch_metadata(Some(topic), self.deadline).map_err(|error| self.heard(&error))?;
            let codes = metadata.topics().iter().filter_map(MetadataTopic::error).map(RDKafkaErrorCode::from);
            for code in codes.filter(|code| is_refused(*code)) {
                rights.note(code, Right::Describe, topic, &mut findings);
            }
        }
        let writer = writer(options)?;
        for topic in topics {
            rights.note_unless(NoError, self.read(topic)?, Right::Read, topic, &mut findings);
            rights.note_unless(InvalidRequiredAcks, self.write(&writer, topic), Right::Write, topic, &mut findings);
        }
        let name = format!("{}.check", options.prefix);
        let joined = self.join(options, &name, topics.first())?;
        // Without a topic the client does not join, and all that is seen is whether it may look at the group.
        if !(topics.is_empty() && joined == RDKafkaErrorCode::OperationTimedOut) {
            rights.note_unless(InvalidSessionTimeout, joined, Right::ReadGroup, &name, &mut findings);
        }
        let begun = self.begin(options, &name)?;
        rights.note_unless(InvalidTransactionTimeout, begun, Right::WriteTransaction, &name, &mut findings);
        Ok((rights, findings))
    }

    /// Reads at the end of a topic; what comes of it.
    fn read(&self, topic: &str) -> Result<RDKafkaErrorCode, Error> {
        let failed = |error: &KafkaError| failure::kafka("a topic cannot be read", error);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::End).map_err(|error| failed(&error))?;
        self.reader.assign(&list).map_err(|error| failed(&error))?;
        let code = wait(self.deadline, || match self.reader.poll(LOOK)? {
            Ok(_) | Err(KafkaError::PartitionEOF(_)) => Some(RDKafkaErrorCode::NoError),
            Err(error) if failure::is_passing(&error) => None,
            // The client greets the coordinator of its group too, which has no part in this.
            Err(error) => Some(code(&error)).filter(|code| *code != RDKafkaErrorCode::GroupAuthorizationFailed),
        });
        self.reader.unassign().map_err(|error| failed(&error))?;
        Ok(code)
    }

    /// Offers a record that no broker takes; what comes of it.
    fn write(&self, writer: &ThreadedProducer<Ears>, topic: &str) -> RDKafkaErrorCode {
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(0).key("check").payload("check");
        if let Err((error, _)) = writer.send(record) {
            return code(&error);
        }
        wait(self.deadline, || {
            std::thread::sleep(LOOK);
            writer.context().report()
        })
    }

    /// Asks to join a group for too short a session; what comes of it.
    fn join(&self, options: &Options, group: &str, topic: Option<&String>) -> Result<RDKafkaErrorCode, Error> {
        let mut config = client::member(options, group);
        config.set("session.timeout.ms", "2").set("heartbeat.interval.ms", "1");
        let failed = |error: &KafkaError| failure::kafka("no group can be joined", error);
        let member: Arc<BaseConsumer<Ears>> =
            client::create(options, &config, Ears::default()).map_err(|error| failed(&error))?;
        member.subscribe(&[topic.map_or(group, String::as_str)]).map_err(|error| failed(&error))?;
        let most = if topic.is_some() { self.deadline } else { self.deadline.min(NO_TOPIC) };
        Ok(wait(most, || {
            let code = code(&member.poll(LOOK)?.err()?);
            (code == RDKafkaErrorCode::InvalidSessionTimeout || is_refused(code)).then_some(code)
        }))
    }

    /// Asks for transactions that last too long; what comes of it.
    fn begin(&self, options: &Options, id: &str) -> Result<RDKafkaErrorCode, Error> {
        let mut config = client::transactional(options, id);
        config.set("transaction.timeout.ms", i32::MAX.to_string());
        let producer: Arc<ThreadedProducer<Ears>> = client::create(options, &config, Ears::default())
            .map_err(|error| failure::kafka("no producer of transactions", &error))?;
        let begun = producer.init_transactions(self.deadline);
        Ok(begun.err().map_or(RDKafkaErrorCode::NoError, |error| code(&error)))
    }
}

/// Asks until there is an answer, for so long at most.
fn wait(most: Duration, mut ask: impl FnMut() -> Option<RDKafkaErrorCode>) -> RDKafkaErrorCode {
    let looks = most.as_millis() / LOOK.as_millis();
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

/// A producer whose records no broker takes, for the number of acknowledgements that it asks for.
fn writer(options: &Options) -> Result<Arc<ThreadedProducer<Ears>>, Error> {
    let mut config = client::producer(options);
    config.set("enable.idempotence", "false").set("acks", "2").set("linger.ms", "0");
    let made = client::create(options, &config, Ears::default());
    made.map_err(|error| failure::kafka("no producer", &error))
}
