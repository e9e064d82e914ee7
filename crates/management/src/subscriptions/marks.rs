//! The start marks of a subscription. They are fixed before it is created, so that every event accepted after the response
//! is delivered, however long consent takes.

use model::{KanaalName, Mark, Partition, Registry, Sink, Subscription, selection::Selection};
use storage::{Error, EventLog, control::SharedRegistry, log::Point};

use super::Start;
use crate::Management;

/// Marks by kanaal and partition. A partition that is not listed is read from its beginning.
pub type Marks = Vec<(KanaalName, Partition, Mark)>;

/// The marks at which a subscription with this selection starts, in every partition of every kanaal it covers now.
pub(super) async fn at(
    log: &dyn EventLog,
    registry: &SharedRegistry,
    selection: &Selection,
    start: Start,
) -> Result<Marks, Error> {
    let point = match start {
        Start::Beginning => return Ok(Vec::new()),
        Start::Now => Point::End,
        Start::At(moment) => Point::Since(moment),
    };
    let kanalen = covered(&registry.read(), selection);
    let partitions = log.partitions_of(kanalen).await?;
    let marks = log.marks(&partitions, point).await?;
    Ok(partitions.into_iter().zip(marks).map(|((kanaal, partition), mark)| (kanaal, partition, mark)).collect())
}

/// `marks`, and the present ends of kanalen that `after` covers and `before` did not, so that naming one more kanaal does
/// not deliver its past.
pub(super) async fn with_new_kanalen(
    log: &dyn EventLog,
    registry: &SharedRegistry,
    mut marks: Marks,
    before: &Selection,
    after: &Selection,
) -> Result<Marks, Error> {
    for (kanaal, partition, mark) in at(log, registry, after, Start::Now).await? {
        if !before.covers(&kanaal) {
            put(&mut marks, kanaal, partition, mark);
        }
    }
    Ok(marks)
}

/// `marks` with the present ends of all that a selection covers: a subscription that had ended returns, and is not sent what
/// it missed.
pub(super) async fn anew(
    log: &dyn EventLog,
    registry: &SharedRegistry,
    mut marks: Marks,
    selection: &Selection,
) -> Result<Marks, Error> {
    for (kanaal, partition, mark) in at(log, registry, selection, Start::Now).await? {
        put(&mut marks, kanaal, partition, mark);
    }
    Ok(marks)
}

/// The kanalen that a selection covers now.
pub(super) fn covered(registry: &Registry, selection: &Selection) -> Vec<KanaalName> {
    registry.kanalen().filter(|kanaal| selection.covers(&kanaal.naam)).map(|kanaal| kanaal.naam.clone()).collect()
}

fn put(marks: &mut Marks, kanaal: KanaalName, partition: Partition, mark: Mark) {
    marks.retain(|(own, number, _)| (own, number) != (&kanaal, &partition));
    marks.push((kanaal, partition, mark));
}

impl Management {
    /// The marks with which a subscription goes on at `sink`. Another shard does not know what was delivered: then they are
    /// the marks that the engine has reached.
    pub(super) async fn marks_for(&self, present: &Subscription, sink: &Sink) -> Result<Marks, Error> {
        let mut marks = present.start.clone();
        if !self.engine.is_same_shard(&present.sink, sink) {
            for (kanaal, partition, mark) in self.engine.marks(present.id).await? {
                put(&mut marks, kanaal, partition, mark);
            }
        }
        Ok(marks)
    }
}
