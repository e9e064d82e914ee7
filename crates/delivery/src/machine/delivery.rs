//! One event for one subscription (and run), from its acceptance into the window until it is settled.

use std::sync::Arc;

use model::{
    Position, SubscriptionId, Timestamp,
    clock::Instant,
    outcome::{Attempt, DeliveryKey, Outcome},
    run::RunId,
};
use storage::journal::DeadLetter;

use super::{PartitionReader, RunState, SubscriptionState, order::KeyOrder, partition::PartitionName};
use crate::{arena::Id, decoded_event::DecodedEvent};

/// One event for one subscription (and run).
#[derive(Debug)]
pub struct Delivery {
    pub(super) subscription: Id<SubscriptionState>,
    /// Kept beside `subscription`, because a request under way may outlive the subscription.
    pub(super) subscription_id: SubscriptionId,
    pub(super) reader: Id<PartitionReader>,
    /// Kept beside `reader` for the same reason.
    pub(super) partition: Arc<PartitionName>,
    pub(super) position: Position,
    pub(super) run: Option<(Id<RunState>, RunId)>,
    /// Its number in the window: the order of arrival.
    pub(super) number: u64,
    /// The digest of its key; `None` until a restored delivery is read again.
    pub(super) key: Option<u64>,
    pub(super) order: KeyOrder,
    pub(super) state: DeliveryState,
    /// Retries consumed; pace, outages and refused formats consume none.
    pub(super) retries: u32,
    /// What its failures at its present sink show; `None` while it has not failed there. A failure of the gateway does not
    /// count.
    pub(super) failure: Option<Failure>,
    /// Requests made, whether they consumed a retry or not.
    pub(super) requests: u32,
    /// When the record was appended to the log; `None` until a restored delivery is read again.
    pub(super) appended: Option<Timestamp>,
    /// Whether the stored progress lists it.
    pub(super) listed: bool,
    pub(super) form: Form,
}

/// What the failures of a delivery show: whether they may be caused by the sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failure {
    /// How many successes the sink had at the last failure. When others succeeded since, the next failure is the event's own.
    pub successes: u64,
    /// Whether others succeeded between two failures, or the outage limit gave the event up. That it fails again is no
    /// evidence against the sink.
    pub is_own: bool,
}

/// What an unsettled delivery waits for. A payload exists only where a variant has one; the windows count its bytes
/// (I8).
#[derive(Debug)]
pub(super) enum DeliveryState {
    /// It may be sent. Without a payload it is read again when its turn comes.
    Ready { payload: Option<Arc<DecodedEvent>> },
    /// An earlier delivery with the same key is unsettled (I7). `not_before`: when its own next attempt may start.
    Blocked { payload: Option<Arc<DecodedEvent>>, not_before: Instant },
    /// A request is under way.
    InFlight { payload: Arc<DecodedEvent> },
    /// It waits for its next attempt. Only a run over chosen records keeps the payload: the log may not have it any
    /// more.
    Parked { until: Instant, payload: Option<Arc<DecodedEvent>> },
    /// Its payload is being read again. `not_before`: when its next attempt may start.
    Refetching { not_before: Instant },
    /// Its dead letter is being stored; it is settled when that is durable.
    StoringDeadLetter(Box<UnstoredDeadLetter>),
}

/// A dead letter that is not durable yet, and how its delivery ends once it is.
#[derive(Debug)]
pub(super) struct UnstoredDeadLetter {
    pub payload: Arc<DecodedEvent>,
    pub outcome: Outcome,
    /// The last request; `None` when none was made.
    pub last: Option<Attempt>,
    pub letter: DeadLetter,
}

/// The form of the next request. It only ever moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// The format of the subscription, in a batch if that is its format.
    AsSubscribed,
    /// The format of the subscription, but alone: a batch with it was refused.
    Alone,
    /// One event in the fallback format, because the sink refused the format of the subscription.
    Fallback,
}

impl Delivery {
    pub(super) fn delivery_key(&self) -> DeliveryKey {
        DeliveryKey {
            subscription: self.subscription_id,
            kanaal: self.partition.kanaal.clone(),
            partition: self.partition.number,
            position: self.position,
            run: self.run.map(|(_, id)| id),
        }
    }

    /// Whether a further failure is evidence against the sink.
    pub(super) fn counts_against_sink(&self) -> bool {
        self.failure.is_none_or(|failure| !failure.is_own)
    }

    /// Whether it can be ended now: no request is under way for it and no dead letter is being stored.
    pub(super) fn can_end(&self) -> bool {
        !matches!(self.state, DeliveryState::InFlight { .. } | DeliveryState::StoringDeadLetter(_))
    }
}

impl DeliveryState {
    pub fn payload(&self) -> Option<&Arc<DecodedEvent>> {
        match self {
            Self::Ready { payload } | Self::Blocked { payload, .. } | Self::Parked { payload, .. } => payload.as_ref(),
            Self::InFlight { payload } => Some(payload),
            Self::Refetching { .. } => None,
            Self::StoringDeadLetter(unstored) => Some(&unstored.payload),
        }
    }

    /// Takes the payload out, for the state that follows; the caller sets it.
    pub fn take_payload(&mut self) -> Option<Arc<DecodedEvent>> {
        match std::mem::replace(self, Self::Ready { payload: None }) {
            Self::Ready { payload } | Self::Blocked { payload, .. } | Self::Parked { payload, .. } => payload,
            Self::InFlight { payload } => Some(payload),
            Self::Refetching { .. } => None,
            Self::StoringDeadLetter(unstored) => Some(unstored.payload),
        }
    }

    /// Drops the payload of a state that can do without; returns it.
    pub fn release_payload(&mut self) -> Option<Arc<DecodedEvent>> {
        match self {
            Self::Ready { payload } | Self::Blocked { payload, .. } | Self::Parked { payload, .. } => payload.take(),
            Self::InFlight { .. } | Self::Refetching { .. } | Self::StoringDeadLetter(_) => None,
        }
    }

    /// When its next attempt may start; the start of the timeline when that is now.
    pub fn not_before(&self) -> Instant {
        match self {
            Self::Blocked { not_before, .. } | Self::Refetching { not_before } => *not_before,
            Self::Parked { until, .. } => *until,
            Self::Ready { .. } | Self::InFlight { .. } | Self::StoringDeadLetter(_) => Instant::default(),
        }
    }

    pub fn is_refetching(&self) -> bool {
        matches!(self, Self::Refetching { .. })
    }
}
