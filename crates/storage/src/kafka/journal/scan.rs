//! Dead letters read from their topic, for nodes without an index: every look reads all of it, so it serves what is rare,
//! the redrives that such a node performs.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use uuid::Uuid;

use crate::{
    Error,
    journal::{DeadLetter, DeadLetterQuery, Page},
    kafka::{cursor::Cursors, failure},
    stored,
};

/// The dead letters of a topic that match, newest first.
pub(super) async fn letters(
    cursors: Arc<Cursors>,
    topic: String,
    query: DeadLetterQuery,
) -> Result<Vec<DeadLetter>, Error> {
    let scan = move || {
        let mut found: HashMap<Uuid, DeadLetter> = HashMap::new();
        cursors.fold(&topic, 0, 0, |stored| {
            // What cannot be read is told by the nodes that index it.
            let Ok(id) = Uuid::from_slice(&stored.record.key) else { return Ok(()) };
            let letter = stored.record.value.map(|value| stored::journal::decode_letter(id, value)).transpose();
            match letter {
                Ok(Some(letter)) if matches(&query, &letter) => drop(found.insert(id, letter)),
                Err(error @ Error::NewerVersion { .. }) => return Err(error),
                _ => drop(found.remove(&id)),
            }
            Ok(())
        })?;
        let mut letters: Vec<DeadLetter> = found.into_values().collect();
        letters.sort_by_key(|letter| (Reverse(letter.at), letter.id));
        Ok(letters)
    };
    tokio::task::spawn_blocking(scan).await.map_err(failure::task)?
}

/// A page of them.
pub(super) fn page(letters: Vec<DeadLetter>, page: Page) -> Vec<DeadLetter> {
    let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
    letters.into_iter().skip(skip).take(page.limit as usize).collect()
}

fn matches(query: &DeadLetterQuery, letter: &DeadLetter) -> bool {
    let same = |wanted: bool, holds: bool| !wanted || holds;
    same(!query.ids.is_empty(), query.ids.contains(&letter.id))
        && query.subscription.is_none_or(|id| id == letter.delivery.subscription)
        && query.kanaal.as_ref().is_none_or(|kanaal| *kanaal == letter.delivery.kanaal)
        && query.kind.as_ref().is_none_or(|kind| *kind == letter.event_kind)
        && query.status.is_none_or(|status| Some(status) == letter.last_status)
        && query.from.is_none_or(|from| letter.at >= from)
        && query.until.is_none_or(|until| letter.at < until)
}
