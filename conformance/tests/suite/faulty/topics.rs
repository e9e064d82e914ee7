//! Faults on topics: the small target keeps its events on a real broker, and delivers what it reads there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use conformance::broker::{self, Reader};
use conformance::target::Target;
use conformance::target::file::{Kafka, usual_topic};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

use super::records::{self, Fault};
use super::target::{self, Entry, Shared};
use super::{compare, failing};
use crate::broker::Broker;
use crate::topic;

/// Titles of the scenarios that this target supports.
const SCENARIOS: &[&str] = &[
    "A batch of three becomes three records, each of one event",
    "A record holds the payload byte for byte, under its media type",
    "Without datacontenttype a record has no content-type",
    "Without data a record has no value",
    "Data of no length is a value of no length",
    "Every attribute is a header of its own, and nothing else is one of the event",
    "Values of attributes are plain text in a record",
    "A payload that is itself a CloudEvent goes in a structured record, others in a binary one",
    "A structured record has a value, also when the event has no data",
    "The topic of a kanaal is not compacted, so that an event without data takes none away",
    "partitionkey is the key of the record, unchanged",
    "A key that nobody gave adds nothing to the event",
    "Events of one subject stand in one partition, in the order in which they came",
    "A structured record of somebody else is an event; headers that repeat its attributes count for nothing",
    "content-type decides the mode of a record, in whatever case of letters",
    "A record that is no event is passed over, and the ones behind it are delivered",
    "Every ce_ header of a record is an attribute, and no other header is",
];

/// Each fault and exactly the requirements that catch it.
const FAULTS: &[(Fault, &[&str])] = &[
    (Fault::None, &[]),
    (Fault::CompactsTopics, &["CE-KAFKA-10"]),
    (Fault::OneRecordForABatch, &["CE-KAFKA-02"]),
    (Fault::AddsALineBreak, &["CE-KAFKA-01", "CE-KAFKA-03", "CE-KAFKA-04", "CE-KAFKA-09", "CE-KAFKA-12"]),
    (Fault::LabelsEverythingJson, &["CE-KAFKA-02", "CE-KAFKA-03", "CE-KAFKA-04"]),
    (Fault::EncodesHeaders, &["CE-KAFKA-07"]),
    (Fault::RepeatsTheMediaType, &["CE-KAFKA-05", "CE-KAFKA-06"]),
    (Fault::EmptyInsteadOfNone, &["CE-KAFKA-09"]),
    (Fault::NeverStructured, &["CE-KAFKA-01", "CE-KAFKA-11", "CE-KAFKA-12"]),
    (Fault::KeysById, &["CE-KAFKA-18", "CE-KAFKA-19", "CE-KAFKA-21"]),
    (Fault::KeepsTheKey, &["CE-KAFKA-20"]),
    (Fault::MindsTheCaseOfMediaTypes, &["CE-KAFKA-15"]),
    (Fault::BelievesHeadersOfStructured, &["CE-KAFKA-13"]),
    (Fault::TakesOnlyKnownHeaders, &["CE-KAFKA-17", "CE-KAFKA-20"]),
    (Fault::EndsAtWhatIsNoEvent, &["CE-KAFKA-16"]),
];

/// Enough for a slow broker.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_on_topics_is_caught_by_exactly_the_requirements_it_breaks() {
    let broker = Broker::get().await;
    let prefix = Broker::prefix();
    compare(FAULTS, |fault| caught(fault, broker.address.clone(), format!("{prefix}.{fault:?}"))).await;
}

async fn caught(fault: Fault, brokers: String, prefix: String) -> (BTreeSet<String>, String) {
    // Targets share the broker, so each has topics of its own.
    let topic = format!("{prefix}.{}", usual_topic());
    let kafka = Kafka { brokers, topic, properties: BTreeMap::new() };
    let (log, entries) = unbounded_channel();
    let (address, gateway) = target::start(target::Fault::None, Some(log)).await.expect("the target starts");
    tokio::spawn(keep(fault, kafka.clone(), gateway, entries));
    let mut target = Target::new(&address, None).expect("an address");
    target.kafka(kafka);
    failing(target, SCENARIOS, PATIENCE).await
}

/// The log of the target: makes topics, writes records; what it reads goes to the subscribers.
async fn keep(
    fault: Fault,
    kafka: Kafka,
    gateway: Shared,
    mut entries: UnboundedReceiver<(Entry, oneshot::Sender<()>)>,
) {
    while let Some((entry, done)) = entries.recv().await {
        let (kafka, gateway) = (kafka.clone(), Arc::clone(&gateway));
        tokio::spawn(async move {
            match entry {
                Entry::Kanaal(kanaal) => make(fault, &kafka, gateway, kanaal).await,
                Entry::Events(kanaal, events) => write(fault, &kafka, &kanaal, &events).await,
            }
            done.send(()).ok();
        });
    }
}

async fn make(fault: Fault, kafka: &Kafka, gateway: Shared, kanaal: String) {
    let policy = if fault == Fault::CompactsTopics { "compact" } else { "delete" };
    let name = topic_of(kafka, &kanaal);
    topic::make(&kafka.brokers, &name, policy).await;
    let reader = Reader::open(kafka, &name, PATIENCE).await.expect("the topic is there");
    tokio::spawn(deliver(fault, reader, gateway, kanaal));
}

async fn write(fault: Fault, kafka: &Kafka, kanaal: &str, events: &[Value]) {
    for record in records::of_request(fault, events) {
        let produced = broker::produce(kafka, &topic_of(kafka, kanaal), &record, PATIENCE).await;
        produced.expect("the broker takes it");
    }
}

fn topic_of(kafka: &Kafka, kanaal: &str) -> String {
    kafka.topic.replace("{{kanaal}}", kanaal)
}

async fn deliver(fault: Fault, mut reader: Reader, gateway: Shared, kanaal: String) {
    // The broker ends before this does; a topic that cannot be read sooner shows in what is not delivered.
    while let Ok(next) = reader.next(PATIENCE).await {
        match next {
            None => {}
            Some(record) => match records::event(fault, &record) {
                Some(event) => drop(gateway.append(&kanaal, event)),
                None if fault == Fault::EndsAtWhatIsNoEvent => return,
                None => {}
            },
        }
    }
}
