//! The messages that the task of a shard receives on its channel: results of its own IO, questions of the API, and the
//! order to stop.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{KanaalName, Mark, Partition, SubscriptionId, outcome::DeliveryKey};
use storage::Error;
use tokio::sync::oneshot;

use super::watch::Tails;
use crate::{
    channel::Class,
    machine::{ExtraRequest, Input, NextAttempt, SinkOutage, SubscriptionStatus},
};

/// A message to the task of a shard.
pub(crate) enum Message {
    /// An input for its machine.
    Input(Input),
    /// The partitions of a new kanaal are known and can be watched.
    Kanaal(KanaalName, Tails),
    /// Return the status of a subscription; `None` when this shard does not have it.
    Status(SubscriptionId, oneshot::Sender<Option<SubscriptionStatus>>),
    /// Return the restart marks of a subscription; `None` when this shard does not have it.
    Marks(SubscriptionId, oneshot::Sender<Option<Vec<(KanaalName, Partition, Mark)>>>),
    /// Count an extra request to the sink of a subscription, if one may start now; `None` when this shard does not have it.
    StartExtraRequest(SubscriptionId, oneshot::Sender<Option<ExtraRequest>>),
    /// Apply the answer to an extra request; `None` when this shard does not have the subscription.
    ExtraRequestAnswered(SubscriptionId, Class, oneshot::Sender<Option<()>>),
    /// Return what deliveries of a subscription wait for; `None` when this shard does not have it.
    Waiting(SubscriptionId, HashSet<DeliveryKey>, oneshot::Sender<Option<HashMap<DeliveryKey, NextAttempt>>>),
    /// Return at most this many subscriptions that are furthest behind, with their lag.
    WorstLags(usize, oneshot::Sender<Option<Vec<(SubscriptionId, u64)>>>),
    /// Return the outages of sinks, by the subscriptions that they concern.
    Outages(oneshot::Sender<Option<Vec<(SubscriptionId, SinkOutage)>>>),
    /// Lets requests under way end within this time, stores a checkpoint and stops.
    Stop(DrainTime),
    /// Storage refused this shard for good: it was fenced, or holds a record of a newer version.
    Failed(Error),
}

/// How long stopping may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DrainTime {
    /// Time for requests under way to finish.
    pub requests: Duration,
    /// Time for storing progress, after that.
    pub storing: Duration,
}
