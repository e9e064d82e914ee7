//! Records on a kanaal topic as other programs read and write them: the CloudEvents SDK for Java reads equal events from records
//! of ours, in binary and structured mode writes records that we read as equal events, and kcat shows what we wrote.
//!
//! Equality is that of names and canonical text of all attributes and of the bytes of the payload. Binary mode has no
//! types, so those are compared where the mode keeps them.

mod sdk;
mod table;

use std::{process::Command, sync::Arc, time::Duration};

use model::{
    KanaalName, Mark, Partition, Random,
    clock::{SystemClock, SystemRandom},
    event::{AcceptedEvent, PublishedAs},
};
use storage::{
    EventLog,
    kafka::{Kafka, Options, broker::Broker},
    log::{Limit, Record},
};
use table::EventFields;

/// A prefix of topics of its own, with one partition for each kanaal.
fn options() -> Options {
    let broker = Broker::shared().expect("a broker");
    let mut options = Options::new(broker.address(), Arc::new(SystemClock::default()), Arc::new(SystemRandom));
    options.prefix = format!("t{}", SystemRandom.uuid().simple());
    (options.partitions, options.replication, options.min_insync_replicas) = (1, 1, 1);
    options.deadline = Duration::from_secs(30);
    options
}

fn kanaal(naam: &str) -> KanaalName {
    KanaalName::new(naam).expect("a name")
}

/// The record of an event as the gateway writes it.
fn record(event: model::Event) -> Record {
    let accepted =
        AcceptedEvent { event, published_as: PublishedAs::CloudEvent, received: None, publisher: Some("x".into()) };
    let parts = translator::record::encode(&accepted);
    Record { key: parts.key, headers: parts.headers, value: parts.value }
}

async fn append(log: &dyn EventLog, naam: &str) -> Vec<Record> {
    let records: Vec<Record> = table::cases().into_iter().map(|case| record(case.event)).collect();
    for record in &records {
        log.append(vec![(kanaal(naam), record.clone())]).await.expect("appended");
    }
    records
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdk_for_java_and_the_gateway_read_each_others_records_ce_kafka_14_ce_kafka_17() {
    let options = options();
    let kafka = Kafka::new(options.clone()).expect("the options are right");
    let log = kafka.log().await.expect("the log opens");
    append(&log, "eigen").await;
    // Creates the topic; its first record is not from the SDK.
    log.append(vec![(kanaal("vreemd"), record(table::cases().remove(0).event))]).await.expect("appended");

    let cases = table::cases();
    let topic = |naam: &str| format!("{}.kanaal.{naam}", options.prefix);
    let written: Vec<String> =
        cases.iter().filter(|case| case.sdk_writes).map(|case| case.line().to_string()).collect();
    let input = written.join("\n");
    let (brokers, count) = (options.brokers.clone(), cases.len().to_string());
    let arguments = [brokers, topic("eigen"), count, topic("vreemd")];
    let output = tokio::task::spawn_blocking(move || sdk::run(&arguments, &input)).await.expect("a task");
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), cases.len(), "{output}");
    println!("{} events read by the SDK, {} records by the SDK to read", lines.len(), 2 * written.len());
    for (case, line) in cases.iter().zip(lines) {
        assert_eq!(EventFields::by_sdk(line), case.expected_from_sdk(), "{}", case.name);
    }

    let limit = Limit { records: 1_000, bytes: 64 << 20 };
    let batch = log.read(&kanaal("vreemd"), Partition(0), Mark(1), limit).await.expect("read");
    let cases: Vec<_> = cases.into_iter().filter(|case| case.sdk_writes).collect();
    assert_eq!(batch.records.len(), 2 * cases.len());
    let (binary, structured) = batch.records.split_at(cases.len());
    for (mode, records) in [("binary", binary), ("structured", structured)] {
        for (case, stored) in cases.iter().zip(records) {
            let read = translator::record::decode(&stored.record.headers, stored.record.value.as_ref());
            let read = read.unwrap_or_else(|error| panic!("{}, {mode}: {error}", case.name));
            assert_eq!(EventFields::of(&read.event), EventFields::of(&case.event), "{}, {mode}", case.name);
            if mode == "structured" {
                assert_eq!(table::types(&read.event), table::types(&case.event), "{}", case.name);
            }
            assert_eq!((read.published_as, read.publisher), (PublishedAs::CloudEvent, None));
            assert_eq!(stored.record.key, format!("key of {}", case.event.id()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kcat_shows_every_header_and_payload_as_we_wrote_it_ce_kafka_05_ce_kafka_07_ce_kafka_09() {
    let options = options();
    let log = Kafka::new(options.clone()).expect("the options are right").log().await.expect("the log opens");
    let records = append(&log, "zaken").await;
    let topic = format!("{}.kanaal.zaken", options.prefix);
    let kcat = move || {
        let mut command = Command::new("kcat");
        command.args(["-C", "-q", "-e", "-o", "beginning", "-f", "%S\\n%s\\n%h\\n%k\\n", "-b", &options.brokers]);
        command.args(["-t", &topic]).output().expect("kcat is there: see .ci/need.sh")
    };
    let output = tokio::task::spawn_blocking(kcat).await.expect("a task");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut expected = Vec::new();
    for record in &records {
        let value = record.value.as_ref();
        let length = value.map_or("-1".to_owned(), |value| value.len().to_string());
        let header = |(name, value): &(bytes::Bytes, bytes::Bytes)| [&name[..], b"=", &value[..]].concat();
        let headers: Vec<Vec<u8>> = record.headers.iter().map(header).collect();
        let value = value.map_or(&b""[..], |value| &value[..]);
        expected.extend([length.as_bytes(), value, &headers.join(&b','), &record.key[..], b""].join(&b'\n'));
    }
    assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&expected));
    assert_eq!(output.stdout, expected);
}
