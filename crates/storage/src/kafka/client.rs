//! Configuration of the librdkafka clients, per kind of client.
//!
//! Properties of the operator are applied first; those that the guarantees of the ports depend on are applied last and
//! cannot be overridden.

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

use super::{
    Options,
    brokers_down::{BrokersDown, NotesBrokersDown},
    token::TokenClient,
};

/// The property of producers for compression.
const COMPRESSION: &str = "compression.type";

/// Most data that a consumer prefetches, in KiB.
const PREFETCH_KIB: u32 = 256;

/// Most compressed bytes of a partition in one fetch response. An idle client holds up to one response, and events
/// compress well. With dozens of clients this, rather than the prefetch limit, determines their memory.
const FETCH_BYTES: u32 = 32 << 10;

/// A consumer with explicitly assigned partitions, outside any consumer group.
pub(super) type AssignedConsumer = Arc<BaseConsumer<ReaderContext>>;

/// The client context of consumers outside a group: logs errors, and notes when all brokers are down.
pub(super) struct ReaderContext(BrokersDown);

impl ReaderContext {
    pub(super) fn new(options: &Options) -> Self {
        Self(BrokersDown::new(options))
    }
}

impl ClientContext for ReaderContext {
    fn error(&self, error: KafkaError, reason: &str) {
        self.0.client_reported(&error, reason);
    }
}

impl NotesBrokersDown for ReaderContext {
    fn brokers_down(&self) -> &BrokersDown {
        &self.0
    }
}

impl ConsumerContext for ReaderContext {}

/// Creates a client and registers it for access tokens for as long as it lives.
pub(super) fn create<C, T>(options: &Options, config: &ClientConfig, context: C) -> KafkaResult<Arc<T>>
where
    C: ClientContext,
    T: FromClientConfigAndContext<C> + TokenClient + 'static,
{
    let client = Arc::new(config.create_with_context::<C, T>(context)?);
    if let Some(token) = &options.token {
        let weak: Weak<T> = Arc::downgrade(&client);
        token.register(weak);
    }
    Ok(client)
}

/// Creates a consumer of [`reader_config`].
pub(super) fn create_reader(options: &Options) -> KafkaResult<AssignedConsumer> {
    create(options, &reader_config(options), ReaderContext::new(options))
}

/// The properties of every client.
pub(super) fn base_config(options: &Options) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("client.id", format!("{}-gateway", options.prefix))
        .set("socket.nagle.disable", "true")
        // Client metrics would take 10 MB of histograms over the dozens of clients of a node, updated on every request,
        // and brokers seldom collect them.
        .set("enable.metrics.push", "false")
        .set("reconnect.backoff.max.ms", "2000")
        // A topic that another client has just created, or whose partitions changed, would otherwise be noticed only
        // after five minutes.
        .set("topic.metadata.refresh.interval.ms", "10000");
    // Clients other than producers warn about this property.
    for (name, value) in options.properties.iter().filter(|(name, _)| name != COMPRESSION) {
        config.set(name, value);
    }
    if options.token.is_some() {
        config.set("sasl.mechanism", "OAUTHBEARER");
    }
    config.set("bootstrap.servers", &options.brokers);
    config
}

/// A producer with `acks=all` and idempotence: every in-sync replica has a record before it is acknowledged, once and
/// in order.
pub(super) fn producer_config(options: &Options) -> ClientConfig {
    let mut config = base_config(options);
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

/// A transactional producer; initialising it fences earlier producers with the same id.
pub(super) fn transactional_config(options: &Options, id: &str) -> ClientConfig {
    let mut config = producer_config(options);
    // Readers of the topic wait this long for a transaction that its owner left open.
    config.set("transactional.id", id).set("transaction.timeout.ms", millis(options.session_timeout));
    // Records of a transaction get half of its time, so that it can still be aborted.
    config.set("message.timeout.ms", millis(options.deadline.min(options.session_timeout / 2)));
    config.set("linger.ms", "0");
    config
}

/// A consumer with explicitly assigned partitions that reads only committed records.
pub(super) fn reader_config(options: &Options) -> ClientConfig {
    let mut config = base_config(options);
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
        // The prefetch limit is small and is used up sooner than the default backoff of 1 s.
        .set("fetch.queue.backoff.ms", "20")
        .set("fetch.message.max.bytes", FETCH_BYTES.to_string())
        .set("receive.message.max.bytes", (64 << 20).to_string())
        .set("queued.max.messages.kbytes", PREFETCH_KIB.to_string());
    config
}

/// A member of a consumer group, used for ownership of partitions.
pub(super) fn member_config(options: &Options, group: &str) -> ClientConfig {
    let mut config = reader_config(options);
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
