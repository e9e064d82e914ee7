//! The failures of many subscriptions in the last 24 hours, for lists that show or sort them.

use std::{collections::HashMap, sync::PoisonError};

use model::{Actor, SubscriptionId};

use super::{
    read::first_of_day,
    ring::{Series, minute_of},
};
use crate::Management;

/// The deliveries of a subscription that ended in success or as a dead letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// Those that ended as a dead letter.
    pub failed: u64,
    /// All of them.
    pub ended: u64,
}

impl Management {
    /// The failures of those of these subscriptions that the actor may see and that had a delivery in the same 24 hours as
    /// [`Self::read_statistics`] covers by hour. Goes over the figures in memory once.
    pub fn read_failures(
        &self,
        actor: &Actor,
        subscriptions: impl IntoIterator<Item = SubscriptionId>,
    ) -> HashMap<SubscriptionId, Failures> {
        let visible = subscriptions.into_iter().filter(|id| self.may_see_deliveries_of(actor, *id));
        let mut found: HashMap<SubscriptionId, Failures> = visible.map(|id| (id, Failures::default())).collect();
        let minutes = {
            let ring = self.statistics.ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring.snapshot(first_of_day(minute_of(self.clock.now())))
        };
        for (_, rows) in minutes {
            for (series, counts) in &*rows {
                let Series::Subscription(id) = series else { continue };
                if let Some(sum) = found.get_mut(id) {
                    sum.failed += u64::from(counts.failed);
                    sum.ended += u64::from(counts.failed) + u64::from(counts.delivered);
                }
            }
        }
        found.retain(|_, sum| sum.ended > 0);
        found
    }
}
