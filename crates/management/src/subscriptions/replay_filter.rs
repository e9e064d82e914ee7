//! Replays of some events of a period: those with a type, source or subject. The index finds them, and the run is over their
//! records; a replay of a whole period is over ranges of the log.

use std::{collections::BTreeSet, sync::Arc};

use model::{Actor, KanaalName, Subscription, Timestamp, run::RunSelection};
use storage::journal::{EventQuery, EventRow, RecordPlace};

use super::replay::ReplayRequest;
use crate::{
    Error, Management,
    runs::{DeliveryCount, MAX_RECORDS, seconds},
};

/// Which events of its period a replay delivers; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    /// One of these types; empty for any.
    pub types: Vec<String>,
    /// The source.
    pub source: Option<String>,
    /// The subject.
    pub subject: Option<String>,
}

/// The events that a replay with a filter delivers.
pub(super) struct FilteredEvents {
    pub what: RunSelection,
    pub count: DeliveryCount,
}

impl ReplayFilter {
    /// Whether every event passes.
    pub const fn is_empty(&self) -> bool {
        self.types.is_empty() && self.source.is_none() && self.subject.is_none()
    }
}

impl Management {
    /// The events of a replay with a filter, accepted before `until` or now, that the subscription wants. `kanalen` are those that
    /// the request names; empty for all.
    ///
    /// # Errors
    /// [`Error::TooBroad`] for more than 10,000 events that match, or 5,000 that the subscription wants.
    pub(super) async fn filtered_events(
        &self,
        actor: &Actor,
        subscription: &Arc<Subscription>,
        kanalen: Vec<KanaalName>,
        request: &ReplayRequest,
        until: Timestamp,
    ) -> Result<FilteredEvents, Error> {
        let rows = self.rows_of(actor, kanalen, request, until.min(self.clock.now())).await?;
        let mut records: BTreeSet<RecordPlace> = BTreeSet::new();
        let mut count = DeliveryCount { exact: true, ..DeliveryCount::default() };
        for row in &rows {
            let Some(event) = self.read_stored(row).await? else { continue };
            let is_wanted = subscription.is_admitted(&event.kanaal) && event.is_wanted_by(&subscription.selection);
            if is_wanted && records.insert((row.kanaal.clone(), row.partition, row.position)) {
                count.events += 1;
                count.bytes += event.record.bytes() as u64;
                count.oldest = Some(count.oldest.map_or(event.appended, |oldest| oldest.min(event.appended)));
            }
            if records.len() > MAX_RECORDS {
                return Err(Error::TooBroad(format!(
                    "More than {MAX_RECORDS} events match; choose a shorter period, or narrow the filter."
                )));
            }
            tokio::task::yield_now().await;
        }
        count.seconds = seconds(subscription, count.events);
        Ok(FilteredEvents { what: RunSelection::Records(records.into_iter().collect()), count })
    }

    /// The rows of the index that the filter matches.
    async fn rows_of(
        &self,
        actor: &Actor,
        kanalen: Vec<KanaalName>,
        request: &ReplayRequest,
        until: Timestamp,
    ) -> Result<Vec<EventRow>, Error> {
        let filter = &request.filter;
        let kanalen: Vec<Option<KanaalName>> =
            if kanalen.is_empty() { vec![None] } else { kanalen.into_iter().map(Some).collect() };
        let types: BTreeSet<Option<&String>> =
            if filter.types.is_empty() { [None].into() } else { filter.types.iter().map(Some).collect() };
        let mut rows = Vec::new();
        for kanaal in kanalen {
            self.wait_until_indexed(kanaal.as_ref(), until).await?;
            for kind in &types {
                let query = EventQuery {
                    id: None,
                    kanaal: kanaal.clone(),
                    source: filter.source.clone(),
                    subject: filter.subject.clone(),
                    kind: kind.cloned(),
                    from: Some(request.from),
                    until: Some(until),
                    newest: None,
                };
                self.find_all(actor, &query, &mut rows).await?;
            }
        }
        Ok(rows)
    }
}
