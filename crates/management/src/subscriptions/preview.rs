//! Tests a selection on the newest events of the kanalen that it covers: which it selects, and the criterion that each other
//! event fails.
//!
//! It reads logs only. An actor that may not see a kanaal without approval gets nothing of it, and of a kanaal that
//! discloses a part of its events, the selection is applied to that part.

use std::sync::Arc;

use event_reader::{StoredEvent, disclosure_for};
use model::{
    Actor, Kanaal, KanaalName, Mark, Partition, Subscription, Timestamp,
    selection::{Criterion, NativeSelection, Selection},
};
use storage::log::{Limit, Stored};

use super::{kenmerken::check_kenmerken, marks::covered};
use crate::{Error, Management};

/// Most events of one kanaal.
pub const MAX_LAST: usize = 200;
/// Events of one kanaal when the request does not say how many.
const DEFAULT_LAST: usize = 100;
/// Most events of one preview.
const MAX_EVENTS: usize = 5_000;
/// Most bytes of records that one preview reads.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Bounds of one read.
const CHUNK: Limit = Limit { records: 50, bytes: 4 * 1024 * 1024 };
/// Most events that are returned of those that match, and of those that do not.
const MAX_SHOWN: usize = 20;

/// A selection to test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRequest {
    /// The selection.
    pub selection: NativeSelection,
    /// How many of the newest events of each kanaal are examined, 1 to 200; `None` for 100, or fewer with many kanalen.
    pub last: Option<usize>,
}

/// What a selection does with the newest events.
#[derive(Debug, Default)]
pub struct Preview {
    /// Each kanaal that the selection covers, by name.
    pub kanalen: Vec<KanaalPreview>,
    /// The newest events that it selects, at most 20.
    pub matches: Vec<PreviewedEvent>,
    /// The newest events that it does not select, at most 20.
    pub misses: Vec<PreviewedEvent>,
}

/// What a selection does with the newest events of one kanaal.
#[derive(Debug)]
pub struct KanaalPreview {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// Whether the actor may not see its events: their owner approves subscriptions.
    pub withheld: bool,
    /// How many events were examined.
    pub examined: usize,
    /// How many of them are selected.
    pub matched: usize,
    /// For each criterion that events fail first, how many; most first.
    pub missed: Vec<(Criterion, usize)>,
}

/// An examined event, without what is not disclosed to the actor.
#[derive(Debug)]
pub struct PreviewedEvent {
    /// Its kanaal.
    pub kanaal: KanaalName,
    /// Its `id`.
    pub id: String,
    /// Its `source`.
    pub source: String,
    /// Its `type`.
    pub kind: String,
    /// Its `subject`.
    pub subject: Option<String>,
    /// When it was appended to the log.
    pub accepted: Timestamp,
    /// The first criterion that it fails; `None` when it is selected.
    pub failing: Option<Criterion>,
}

/// What an actor may see of a kanaal.
enum View {
    Everything,
    /// What these subscriptions get.
    Of(Vec<Arc<Subscription>>),
    Nothing,
}

impl Management {
    /// Tests a selection on the newest events of each kanaal that it covers.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `selection.config.kanalen` or `selection.config.kenmerken.<key>`; [`Error::TooBroad`] when
    /// that would be more than 5,000 events; [`Error::Storage`].
    pub async fn preview_selection(&self, actor: &Actor, request: PreviewRequest) -> Result<Preview, Error> {
        let kanalen = self.previewed_kanalen(&request.selection)?;
        let most = MAX_EVENTS / kanalen.len().max(1);
        let last = request.last.unwrap_or(DEFAULT_LAST.min(most)).min(MAX_LAST);
        if last == 0 || last > most {
            return Err(Error::TooBroad(format!(
                "The selection covers {} kanalen, and at most {MAX_EVENTS} events are examined: name fewer kanalen, or ask \
                 for fewer events of each.",
                kanalen.len()
            )));
        }
        let own = self.own_subscriptions(actor);
        let selection = Arc::new(request.selection);
        let (mut preview, mut bytes) = (Preview::default(), MAX_BYTES);
        for kanaal in kanalen {
            let examined = match view(actor, &own, &kanaal) {
                View::Nothing => None,
                view => Some(self.examine(&kanaal.naam, &selection, Arc::new(view), last, &mut bytes).await?),
            };
            preview.add(kanaal.naam.clone(), examined);
        }
        preview.finish();
        Ok(preview)
    }

    /// The registered kanalen that the selection covers, by name.
    pub(super) fn previewed_kanalen(&self, selection: &NativeSelection) -> Result<Vec<Arc<Kanaal>>, Error> {
        let registry = self.registry.read();
        if let Some(unknown) = selection.kanalen.iter().find(|naam| registry.kanaal(naam.as_str()).is_none()) {
            return Err(Error::invalid("selection.config.kanalen", format!("there is no kanaal {unknown}")));
        }
        check_kenmerken(&registry, selection).map_err(|mut faults| {
            for fault in &mut faults {
                fault.member.insert_str(0, "selection.");
            }
            Error::Invalid(faults)
        })?;
        let mut names = covered(&registry, &Selection::Native(selection.clone()));
        names.sort();
        names.dedup();
        Ok(names.iter().filter_map(|naam| registry.kanaal(naam.as_str()).cloned()).collect())
    }

    /// The newest `last` events of a kanaal that the actor may see, newest first. Reads backwards until `bytes` are used up.
    async fn examine(
        &self,
        kanaal: &KanaalName,
        selection: &Arc<NativeSelection>,
        view: Arc<View>,
        last: usize,
        bytes: &mut usize,
    ) -> Result<Vec<PreviewedEvent>, Error> {
        let mut found = Vec::new();
        for partition in (0..self.log.partitions(kanaal).await?).map(Partition) {
            let mut end = self.log.end(kanaal, partition).await?;
            let mut left = last;
            while end > Mark::BEGINNING && left > 0 && *bytes > 0 {
                let start = Mark(end.0.saturating_sub(left.min(CHUNK.records) as u64));
                let (records, oldest) = self.between(kanaal, partition, start, end).await?;
                *bytes = bytes.saturating_sub(records.iter().map(size).sum());
                left -= records.len().min(left);
                let (kanaal, selection, view) = (kanaal.clone(), Arc::clone(selection), Arc::clone(&view));
                // Many filters take a while.
                let examined = tokio::task::spawn_blocking(move || {
                    let decoded = records
                        .into_iter()
                        .filter_map(|stored| StoredEvent::decode(kanaal.clone(), partition, stored).ok());
                    decoded.filter_map(|event| previewed(event, &selection, &view)).collect::<Vec<_>>()
                });
                found.extend(examined.await.map_err(|_| Error::Interrupted)?);
                if oldest >= start {
                    break;
                }
                end = start;
            }
        }
        found.sort_by_key(|event| std::cmp::Reverse(event.accepted));
        found.truncate(last);
        Ok(found)
    }

    /// The records from `start` to `end`, and the oldest mark that can still be read.
    pub(crate) async fn between(
        &self,
        kanaal: &KanaalName,
        partition: Partition,
        start: Mark,
        end: Mark,
    ) -> Result<(Vec<Stored>, Mark), Error> {
        let (mut records, mut next, mut oldest) = (Vec::new(), start, Mark::BEGINNING);
        while next < end {
            let limit = Limit { records: (end.0 - next.0) as usize, ..CHUNK };
            let batch = self.log.read(kanaal, partition, next, limit).await?;
            oldest = batch.oldest;
            records.extend(batch.records.into_iter().filter(|stored| stored.position.mark() < end));
            if batch.next <= next {
                break;
            }
            next = batch.next;
        }
        Ok((records, oldest))
    }
}

/// What the actor, whose subscriptions are `own`, may see of a kanaal. Without approval any client may subscribe to all of it,
/// except to the kanaal of the gateway's own events.
fn view(actor: &Actor, own: &[Arc<Subscription>], kanaal: &Kanaal) -> View {
    let is_owner = kanaal.owner.as_deref().is_some_and(|owner| actor.may_manage(owner));
    let is_open = !kanaal.approval && !kanaal.naam.is_own();
    if is_open || is_owner || actor.is_beheer() {
        return View::Everything;
    }
    let gets = |own: &&Arc<Subscription>| own.selection.covers(&kanaal.naam) && own.is_admitted(&kanaal.naam);
    let covering: Vec<_> = own.iter().filter(gets).cloned().collect();
    if covering.is_empty() { View::Nothing } else { View::Of(covering) }
}

/// The event as it is seen, with the criterion that it fails; `None` when it is not seen.
fn previewed(event: StoredEvent, selection: &NativeSelection, view: &View) -> Option<PreviewedEvent> {
    let event = match view {
        View::Nothing => return None,
        View::Everything => event,
        View::Of(own) => event.disclose(&disclosure_for(&event, own.iter().map(AsRef::as_ref))?),
    };
    let failing = selection.failing(&event.facts(!selection.kenmerken.0.is_empty()));
    let attributes = &event.accepted.event;
    Some(PreviewedEvent {
        id: attributes.id().to_owned(),
        source: attributes.source().to_owned(),
        kind: attributes.kind().to_owned(),
        subject: attributes.subject().map(str::to_owned),
        accepted: event.appended,
        failing,
        kanaal: event.kanaal,
    })
}

fn size(stored: &Stored) -> usize {
    let headers: usize = stored.record.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    stored.record.value.as_deref().map_or(0, <[u8]>::len) + stored.record.key.len() + headers
}

impl Preview {
    /// Adds the examined events of a kanaal, newest first; `None` when they are withheld.
    fn add(&mut self, kanaal: KanaalName, events: Option<Vec<PreviewedEvent>>) {
        let withheld = events.is_none();
        let events = events.unwrap_or_default();
        let mut missed: Vec<(Criterion, usize)> = Vec::new();
        for failing in events.iter().filter_map(|event| event.failing) {
            match missed.iter_mut().find(|(own, _)| *own == failing) {
                Some((_, count)) => *count += 1,
                None => missed.push((failing, 1)),
            }
        }
        missed.sort_by(|(_, one), (_, other)| other.cmp(one));
        let matched = events.iter().filter(|event| event.failing.is_none()).count();
        self.kanalen.push(KanaalPreview { kanaal, withheld, examined: events.len(), matched, missed });
        let (misses, matches): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.failing.is_some());
        self.matches.extend(matches.into_iter().take(MAX_SHOWN));
        self.misses.extend(misses.into_iter().take(MAX_SHOWN));
    }

    /// Keeps the newest events of all kanalen.
    fn finish(&mut self) {
        for events in [&mut self.matches, &mut self.misses] {
            events.sort_by_key(|event| std::cmp::Reverse(event.accepted));
            events.truncate(MAX_SHOWN);
        }
    }
}
