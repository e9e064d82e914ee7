//! Which subscriptions of people ended because messages do not reach them, by kanaal. It reads moments only: no address, no person.

use std::collections::BTreeMap;

use model::{
    KanaalName, Timestamp,
    addressee::{EndReason, State, StateKind},
};
use storage::{
    Audience, Error,
    audience::{self, Walk},
};

/// Rows that are read at once.
const STEP: u32 = 1_000;
/// Most rows that are read for one look.
const MAX_READ: usize = 200_000;
/// Most moments of a kanaal; the newest stay.
const MAX_MOMENTS: usize = 10_000;

/// The moments of ends by hard bounces and complaints of each kanaal, in order.
pub(crate) async fn ends(audience: &dyn Audience) -> Result<BTreeMap<KanaalName, Vec<Timestamp>>, Error> {
    let mut found: BTreeMap<KanaalName, Vec<Timestamp>> = BTreeMap::new();
    let mut read = 0;
    let counts = audience.counts(None).await.map_err(storage_error)?;
    for count in counts.into_iter().filter(|count| count.state == StateKind::Ended) {
        let (kanaal, channel) = (count.kanaal, count.channel);
        let mut after = None;
        loop {
            let state = Some(StateKind::Ended);
            let walk = Walk { kanaal: kanaal.clone(), channel, after, state, filters: None, limit: STEP };
            let chunk = audience.walk(walk).await.map_err(storage_error)?;
            read += chunk.addressees.len();
            let moments = chunk.addressees.iter().filter_map(|stored| match &stored.addressee.state {
                State::Ended { at, reason: EndReason::Undeliverable | EndReason::Complaint } => Some(*at),
                _ => None,
            });
            found.entry(kanaal.clone()).or_default().extend(moments);
            after = chunk.next;
            if read >= MAX_READ {
                tracing::warn!("there are too many people that ended: not all are announced as undeliverable");
                return Ok(ordered(found));
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(ordered(found))
}

fn ordered(mut found: BTreeMap<KanaalName, Vec<Timestamp>>) -> BTreeMap<KanaalName, Vec<Timestamp>> {
    for moments in found.values_mut() {
        moments.sort();
        moments.drain(..moments.len().saturating_sub(MAX_MOMENTS));
    }
    found.retain(|_, moments| !moments.is_empty());
    found
}

/// Reading changes nothing, so that it fails by storage alone.
fn storage_error(error: audience::Error) -> Error {
    match error {
        audience::Error::Storage(error) => error,
        other => Error::Corrupt { kind: "addressee", reason: other.to_string() },
    }
}
