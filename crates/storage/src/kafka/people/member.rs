//! The member of the consumer group that elects the owner. Records are not read through it: its partition is paused.

use std::sync::{Arc, Weak, atomic::Ordering};

use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};

use super::Shared;
use crate::{
    Error,
    kafka::{client, failure, log_throttle},
};

/// The client context with the rebalance callbacks.
pub(super) struct Membership(Weak<Shared>);

impl ClientContext for Membership {
    fn error(&self, error: KafkaError, reason: &str) {
        log_throttle::warn_throttled(log_throttle::CLIENT_ERROR, &error, reason);
    }
}

impl ConsumerContext for Membership {
    /// Waits for the transaction that this node is committing.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Revoke(list), Some(shared)) = (rebalance, self.0.upgrade()) else { return };
        if list.count() > 0 {
            shared.assigned.store(false, Ordering::Release);
            shared.step_down();
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Assign(list), Some(shared)) = (rebalance, self.0.upgrade()) else { return };
        if list.count() > 0 {
            if let Err(error) = consumer.pause(list) {
                tracing::warn!(%error, "cannot pause the partition of people");
            }
            shared.assigned.store(true, Ordering::Release);
        }
    }
}

/// Joins the group.
pub(super) fn join(shared: &Arc<Shared>) -> Result<Arc<BaseConsumer<Membership>>, Error> {
    let failed = |error: KafkaError| failure::kafka("cannot join the group of people", &error);
    let config = client::member_config(&shared.options, &shared.topic);
    let consumer: Arc<BaseConsumer<Membership>> =
        client::create(&shared.options, &config, Membership(Arc::downgrade(shared))).map_err(failed)?;
    // It is set only here.
    drop(shared.member.set(Arc::downgrade(&consumer)));
    consumer.subscribe(&[&shared.topic]).map_err(failed)?;
    Ok(consumer)
}
