//! What deliveries that continue wait for, from the present state of the delivery engine. Only the node that delivers to a
//! sink has that state; the others know that another node has it.

use std::collections::{HashMap, HashSet};

pub use delivery::{NextAttempt, WaitingFor};
use model::{SubscriptionId, outcome::DeliveryKey};
use storage::journal::DeliveryRow;

use crate::Management;

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuation {
    /// Nothing: it has ended, or was not read for its subscription yet.
    None,
    /// Another attempt.
    Attempt(NextAttempt),
    /// Another node delivers to the sink; it has the state of the delivery.
    OtherNode,
}

impl Management {
    /// These rows, each with what becomes of the delivery.
    pub(crate) async fn with_continuations(&self, rows: Vec<DeliveryRow>) -> Vec<(DeliveryRow, Continuation)> {
        let mut open: HashMap<SubscriptionId, HashSet<DeliveryKey>> = HashMap::new();
        for row in rows.iter().filter(|row| row.outcome.is_none()) {
            open.entry(row.delivery.subscription).or_default().insert(row.delivery.clone());
        }
        let continuations = self.continuations(open).await;
        let with = |row: DeliveryRow| {
            let continuation = continuations.get(&row.delivery).copied().unwrap_or(Continuation::None);
            (row, continuation)
        };
        rows.into_iter().map(with).collect()
    }

    /// What becomes of these deliveries, by subscription; those that have ended or were not read yet are left out.
    pub(crate) async fn continuations(
        &self,
        deliveries: HashMap<SubscriptionId, HashSet<DeliveryKey>>,
    ) -> HashMap<DeliveryKey, Continuation> {
        let mut found = HashMap::new();
        for (id, keys) in deliveries {
            match self.engine.waiting(id, keys.clone()).await {
                Some(waiting) => {
                    found.extend(waiting.into_iter().map(|(key, next)| (key, Continuation::Attempt(next))));
                }
                None => found.extend(keys.into_iter().map(|key| (key, Continuation::OtherNode))),
            }
        }
        found
    }
}
