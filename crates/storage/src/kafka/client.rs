//! Clients of librdkafka: which properties each kind of client has.
//!
//! Properties that the operator passes through come first; those that the promises of the ports rest on come last
//! and cannot be changed.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use rdkafka::{
    ClientConfig, ClientContext,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, ConsumerContext},
    error::{KafkaError, KafkaResult},
};

use super::{Options, notes, tokens::Bearer};

/// How a producer compresses.
const COMPRESSION: &str = "compression.type";

/// Most bytes that a reading client fetches ahead, in KiB.
const AHEAD_KIB: u32 = 256;

/// Most bytes of a partition in one answer, before they are decompressed. A client that rests holds up to one answer, and
/// events compress well: with tens of clients this, and not what is fetched ahead, is what their memory comes down to.
const FETCH_BYTES: u32 = 32 << 10;

/// A reader of partitions that it is told to read.
pub(super) type Reader = Arc<BaseConsumer<Plain>>;

/// The context of clients that need none but for their errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl ClientContext for Plain {
    fn error(&self, error: KafkaError, reason: &str) {
        notes::tell(notes::CLIENT, &error, reason);
    }
}

impl ConsumerContext for Plain {}

/// Makes a client that shows who it is, as long as it lives.
pub(super) fn create<C, T>(options: &Options, config: &ClientConfig, context: C) -> KafkaResult<Arc<T>>
where
    C: ClientContext,
    T: FromClientConfigAndContext<C> + Bearer + 'static,
{
    let client = Arc::new(config.create_with_context::<C, T>(context)?);
    if let Some(tokens) = &options.tokens {
        let weak: Weak<T> = Arc::downgrade(&client);
        tokens.admit(weak);
    }
    Ok(client)
}

/// What every client has.
pub(super) fn any(options: &Options) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("client.id", format!("{}-gateway", options.prefix))
        .set("socket.nagle.disable", "true")
        // Ten megabytes of histograms in the dozens of clients of a node, filled at every request, for brokers that seldom ask.
        .set("enable.metrics.push", "false")
        .set("reconnect.backoff.max.ms", "2000");
    // A client warns of properties of producers that it is none of.
    for (name, value) in options.properties.iter().filter(|(name, _)| name != COMPRESSION) {
        config.set(name, value);
    }
    if options.tokens.is_some() {
        config.set("sasl.mechanism", "OAUTHBEARER");
    }
    config.set("bootstrap.servers", &options.brokers);
    config
}

/// A producer whose records are on every replica in sync before they count, once and in order.
pub(super) fn producer(options: &Options) -> ClientConfig {
    let mut config = any(options);
    for (name, value) in [("linger.ms", "0"), (COMPRESSION, "lz4")] {
        let given = options.properties.iter().find(|(given, _)| given == name);
        config.set(name, given.map_or(value, |(_, value)| value));
    }
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("partitioner", "murmur2_random")
        .set("message.timeout.ms", millis(options.deadline))
        .set("message.max.bytes", options.request_bytes().to_string())
        .set("queue.buffering.max.kbytes", "65536");
    config
}

/// A producer of transactions that fences earlier ones with the same id.
pub(super) fn transactional(options: &Options, id: &str) -> ClientConfig {
    let mut config = producer(options);
    // A transaction that its owner left open holds readers up for this long.
    config.set("transactional.id", id).set("transaction.timeout.ms", millis(options.session_timeout));
    // Records of a transaction are given half the time, so that it can still be aborted within it.
    config.set("message.timeout.ms", millis(options.deadline.min(options.session_timeout / 2)));
    config.set("linger.ms", "0");
    config
}

/// A reader of partitions that it is told to read; it sees only committed records.
pub(super) fn reader(options: &Options) -> ClientConfig {
    let mut config = any(options);
    config
        .set("group.id", format!("{}.readers", options.prefix))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false")
        .set("fetch.wait.max.ms", "100")
        .set("fetch.error.backoff.ms", "50")
        // What is read ahead is little, and gone sooner than the second that the client rests by default once it has it.
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.message.max.bytes", FETCH_BYTES.to_string())
        .set("receive.message.max.bytes", (64 << 20).to_string())
        .set("queued.max.messages.kbytes", AHEAD_KIB.to_string());
    config
}

/// A member of a consumer group, for ownership.
pub(super) fn member(options: &Options, group: &str) -> ClientConfig {
    let mut config = reader(options);
    config
        .set("group.id", group)
        .set("session.timeout.ms", millis(options.session_timeout))
        .set("heartbeat.interval.ms", millis(options.session_timeout / 4))
        .set("partition.assignment.strategy", "cooperative-sticky");
    config
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
