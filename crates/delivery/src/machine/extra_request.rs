//! Requests to a sink that are not deliveries: test events and checks of a receiver, which others send. They count in the pace
//! of the sink and wait for its `Retry-After` (I3, I6); an answer that pauses or ends the sink holds for its deliveries too.
//!
//! Nothing here sends them. They take no slot, have no outcome and are never sent again.

use model::{SubscriptionId, Timestamp, clock::Now};

use super::Machine;
use crate::{channel::Class, planted::planted};

/// Whether an extra request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraRequest {
    /// It may start now, and was counted.
    Start,
    /// It may not start before this moment; it was not counted.
    NotBefore(Timestamp),
}

impl Machine {
    /// Counts an extra request to the sink of a subscription, if one may start now. `None` when this shard does not have the
    /// subscription.
    pub fn start_extra_request(&mut self, id: SubscriptionId, now: impl Into<Now>) -> Option<ExtraRequest> {
        self.set_now(now.into());
        let sink_id = self.subscriptions.get(*self.subscription_ids.get(&id)?)?.sink;
        let sink = self.sinks.get_mut(sink_id)?;
        let silent_until = sink.silent_until.filter(|until| *until > self.now);
        if let Some(until) = silent_until.max(sink.pace.wait_until(self.now)) {
            return Some(ExtraRequest::NotBefore(self.wall_of(until)));
        }
        if !planted!(ExtraRequestsAreFree) {
            sink.pace.count_request(self.now);
        }
        Some(ExtraRequest::Start)
    }

    /// Applies the answer to an extra request: `Retry-After` silences the sink, and 410 ends its subscriptions. `None` when
    /// this shard does not have the subscription.
    pub fn extra_request_answered(&mut self, id: SubscriptionId, class: Class, now: impl Into<Now>) -> Option<()> {
        self.set_now(now.into());
        let sink_id = self.subscriptions.get(*self.subscription_ids.get(&id)?)?.sink;
        match class {
            Class::Gone => self.sink_gone(sink_id),
            Class::Paced(wait) => {
                let until = self.now + wait;
                let sink = self.sinks.get_mut(sink_id)?;
                sink.silent_until = sink.silent_until.max(Some(until));
                self.checkpoints.sink_changed(sink_id);
            }
            _ => {}
        }
        Some(())
    }
}
