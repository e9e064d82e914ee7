//! Notes that a client has no broker, and finds out whether its owner must replace it.
//!
//! librdkafka 2.12.1 may remove all brokers of a client and never connect again, without a fatal error (decision 0157). It reports
//! that once as `AllBrokersDown`, and reports the same for brokers that are away for a while. So its owner waits for a limit, requests
//! metadata through the client, and replaces it if no broker answers. While brokers are really away, each owner makes at most one
//! client in each limit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use model::{Clock, clock::Instant};
use rdkafka::{
    ClientContext,
    client::Client,
    error::{KafkaError, KafkaResult},
    types::RDKafkaErrorCode,
};

use super::{Options, log_throttle};

/// How long a client may take to answer whether it has a broker.
const ASK_TIMEOUT: Duration = Duration::from_secs(2);

/// The client has a broker, as far as is known.
const UP: i64 = i64::MAX;
/// The client has none and must be replaced.
const LOST: i64 = i64::MIN;

/// When a client lost its last broker, as far as it reported that.
pub(super) struct BrokersDown {
    clock: Arc<dyn Clock>,
    /// How long it may be without brokers.
    limit: Duration,
    /// In microseconds of the monotonic clock, or [`UP`] or [`LOST`].
    since: AtomicI64,
}

impl BrokersDown {
    /// The limit is the deadline, and at least the session time-out: then the brokers have given up what a client owned.
    pub(super) fn new(options: &Options) -> Self {
        let limit = options.deadline.max(options.session_timeout);
        Self { clock: Arc::clone(&options.clock), limit, since: AtomicI64::new(UP) }
    }

    /// Logs an error that the client reports by itself, and notes it if all brokers are down.
    pub(super) fn client_reported(&self, error: &KafkaError, reason: &str) {
        log_throttle::warn_throttled(log_throttle::CLIENT_ERROR, error, reason);
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.note();
        }
    }

    /// Notes that all brokers are down, unless that is known.
    pub(super) fn note(&self) {
        let now = self.clock.instant().as_micros();
        // It fails when it is known.
        let _ = self.since.compare_exchange(UP, now, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Notes that a broker answered.
    pub(super) fn clear(&self) {
        self.since.store(UP, Ordering::Release);
    }

    /// Whether all brokers are down, as far as is known.
    pub(super) fn is_noted(&self) -> bool {
        self.since.load(Ordering::Acquire) != UP
    }

    /// Whether all brokers have been down for longer than the limit, as far as is known.
    pub(super) fn is_overdue(&self) -> bool {
        match self.since.load(Ordering::Acquire) {
            UP => false,
            LOST => true,
            since => self.clock.instant().since(Instant::from_micros(since)) >= self.limit,
        }
    }
}

/// The context of a client that notes when all brokers are down.
pub(super) trait NotesBrokersDown: ClientContext {
    fn brokers_down(&self) -> &BrokersDown;
}

/// Whether a client must be replaced: it has been without brokers for longer than its limit, and still is. Blocks for at most
/// [`ASK_TIMEOUT`], and only if it reported that all brokers are down.
pub(super) fn has_lost_brokers<C: NotesBrokersDown>(client: &Client<C>) -> bool {
    let down = client.context().brokers_down();
    if !down.is_overdue() {
        return false;
    }
    if down.since.load(Ordering::Acquire) != LOST {
        if let Err(error) = ask(client) {
            log_throttle::warn_throttled("a Kafka client has no brokers and is replaced", &error, "");
            down.since.store(LOST, Ordering::Release);
        } else {
            down.clear();
        }
    }
    down.is_overdue()
}

/// Fails unless a broker answers which brokers there are. A broker that names none ends the connection to it.
fn ask<C: ClientContext>(client: &Client<C>) -> KafkaResult<()> {
    let metadata = client.fetch_metadata(None, ASK_TIMEOUT)?;
    if metadata.brokers().is_empty() {
        return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::AllBrokersDown));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::{
        Timestamp,
        clock::{ManualClock, SystemRandom},
    };
    use rdkafka::{
        Offset, TopicPartitionList, consumer::Consumer, mocking::MockCluster, producer::DefaultProducerContext,
    };

    use super::*;
    use crate::kafka::client::{self, AssignedConsumer};

    const POLL: Duration = Duration::from_millis(50);
    const MAX_POLLS: u32 = 1_200;

    struct World {
        brokers: MockCluster<'static, DefaultProducerContext>,
        clock: Arc<ManualClock>,
        limit: Duration,
        consumer: AssignedConsumer,
    }

    impl World {
        /// A consumer whose brokers are down, and which knows it.
        fn without_brokers() -> Self {
            let brokers = MockCluster::new(1).unwrap();
            brokers.create_topic("zaken", 1, 1).unwrap();
            let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1)));
            let options = Options::new(brokers.bootstrap_servers(), clock.clone(), Arc::new(SystemRandom));
            let consumer = client::create_reader(&options).unwrap();
            let mut list = TopicPartitionList::new();
            list.add_partition_offset("zaken", 0, Offset::Beginning).unwrap();
            consumer.assign(&list).unwrap();
            consumer.fetch_metadata(None, Duration::from_mins(1)).unwrap();
            assert!(!has_lost_brokers(consumer.client()));
            brokers.broker_down(1).unwrap();
            let limit = consumer.context().brokers_down().limit;
            let world = Self { brokers, clock, limit, consumer };
            world.poll_until(|world| world.consumer.context().brokers_down().is_noted());
            world
        }

        fn poll_until(&self, reached: impl Fn(&Self) -> bool) {
            for _ in 0..MAX_POLLS {
                if reached(self) {
                    return;
                }
                drop(self.consumer.poll(POLL));
            }
            panic!("not in time");
        }
    }

    #[test]
    fn a_client_without_brokers_is_lost_after_the_limit_and_not_before() {
        let world = World::without_brokers();
        world.clock.advance(world.limit / 2);
        assert!(!has_lost_brokers(world.consumer.client()));
        world.clock.advance(world.limit / 2);
        assert!(has_lost_brokers(world.consumer.client()));
        world.brokers.broker_up(1).unwrap();
        assert!(has_lost_brokers(world.consumer.client()), "its owner may have begun to replace it");
    }

    #[test]
    fn a_client_that_has_a_broker_again_is_kept() {
        let world = World::without_brokers();
        world.brokers.broker_up(1).unwrap();
        world.poll_until(|world| world.consumer.fetch_metadata(None, POLL).is_ok());
        world.clock.advance(world.limit);
        assert!(!has_lost_brokers(world.consumer.client()));
        assert!(!world.consumer.context().brokers_down().is_noted());
    }
}
