//! What the accounts of deliveries are made from: everything that is stored, read once, also while gateways run. The adapters
//! read it for a [`Bookkeeper`]; who wanted an event and what its outcome means is not known here.

use std::collections::HashMap;

use model::{KanaalName, Partition, Registry};

use crate::{
    journal::RecordOutcome,
    log::Stored,
    progress::{Key, Value},
};

/// Keeps the accounts.
pub trait Bookkeeper: Send {
    /// Called first: the registry, and the stored progress of each shard. It is not newer than the outcomes that follow, so
    /// that what it shows as settled has an outcome.
    fn start(&mut self, registry: Registry, progress: Vec<HashMap<Key, Value>>);

    /// A record, with its deliveries over all subscriptions and runs. Records that were appended after the start are left out.
    fn record(&mut self, kanaal: &KanaalName, partition: Partition, stored: Stored, deliveries: &[RecordOutcome]);

    /// Something cannot be read, so that the accounts are incomplete; the text names the place.
    fn unread(&mut self, place: String);
}
