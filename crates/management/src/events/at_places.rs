//! Reads the events at places in the log that an actor may see.

use std::collections::{BTreeSet, HashMap};

use event_reader::disclose_row;
use model::{Actor, KanaalName};
use storage::journal::{EventRow, RecordPlace};

use super::{redeliver_many::MAX_EVENTS, row::row_of};
use crate::{Error, Management};

impl Management {
    /// The events at these places that the actor may see, each once, without what is not disclosed to it. Left out is an event
    /// that retention removed.
    ///
    /// # Errors
    /// [`Error::TooBroad`] for more than 10,000 places.
    pub(super) async fn events_at(&self, actor: &Actor, places: &[RecordPlace]) -> Result<Vec<EventRow>, Error> {
        let distinct: BTreeSet<&RecordPlace> = places.iter().collect();
        if distinct.len() > MAX_EVENTS {
            return Err(Error::TooBroad(format!("At most {MAX_EVENTS} events can be delivered at once.")));
        }
        let own = self.visible_subscriptions(actor);
        let mut found = Vec::with_capacity(distinct.len());
        let mut partitions: HashMap<&KanaalName, u32> = HashMap::new();
        for (kanaal, partition, position) in distinct {
            if !partitions.contains_key(kanaal) {
                let is_known = self.registry.read().kanaal(kanaal.as_str()).is_some();
                let number = if is_known { self.log.partitions(kanaal).await? } else { 0 };
                partitions.insert(kanaal, number);
            }
            if partitions.get(kanaal).is_none_or(|number| partition.0 >= *number) {
                continue;
            }
            let event = event_reader::read_one(self.log.as_ref(), kanaal, *partition, *position).await?;
            let Some(event) = event else { continue };
            let row = row_of(&event);
            if let Some(disclosure) = self.disclosure_to(actor, &own, &row).await? {
                found.push(disclose_row(row, &disclosure));
            }
        }
        Ok(found)
    }
}
