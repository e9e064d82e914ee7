//! The member of the consumer group that elects the owner. Records are not read through it: its partition is paused.

use std::sync::{Arc, PoisonError, Weak, atomic::Ordering};

use rdkafka::{
    ClientContext,
    consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance},
    error::KafkaError,
};

use super::Shared;
use crate::{
    Error,
    kafka::{
        brokers_down::{BrokersDown, NotesBrokersDown},
        client, failure,
    },
};

/// The client context with the rebalance callbacks.
pub(super) struct Membership {
    shared: Weak<Shared>,
    brokers_down: BrokersDown,
}

impl ClientContext for Membership {
    fn error(&self, error: KafkaError, reason: &str) {
        self.brokers_down.client_reported(&error, reason);
    }
}

impl NotesBrokersDown for Membership {
    fn brokers_down(&self) -> &BrokersDown {
        &self.brokers_down
    }
}

impl ConsumerContext for Membership {
    /// Waits for the transaction that this node is committing.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Revoke(list), Some(shared)) = (rebalance, self.shared.upgrade()) else { return };
        if list.count() > 0 {
            shared.assigned.store(false, Ordering::Release);
            shared.step_down();
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Rebalance::Assign(list), Some(shared)) = (rebalance, self.shared.upgrade()) else { return };
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
    let brokers_down = BrokersDown::new(&shared.options);
    let context = Membership { shared: Arc::downgrade(shared), brokers_down };
    let consumer: Arc<BaseConsumer<Membership>> = client::create(&shared.options, &config, context).map_err(failed)?;
    consumer.subscribe(&[&shared.topic]).map_err(failed)?;
    *shared.member.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&consumer);
    Ok(consumer)
}
