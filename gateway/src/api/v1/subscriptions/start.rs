//! Where a new subscription starts reading. The marks are fixed before it is made, so nothing that is accepted after
//! the 201 is missed, however long consent takes.

use model::{KanaalName, Mark, Partition, Subscription, selection::Selection};
use storage::{EventLog, control::SharedRegistry, log::Point};

pub use super::input::Start;
use crate::app::App;

/// The marks at which a subscription with this selection starts, in every partition of every kanaal it covers now. A
/// partition that is not listed starts at its beginning.
pub async fn at(
    log: &dyn EventLog,
    registry: &SharedRegistry,
    selection: &Selection,
    start: Start,
) -> Result<Vec<(KanaalName, Partition, Mark)>, storage::Error> {
    let point = match start {
        Start::Beginning => return Ok(Vec::new()),
        Start::Now => Point::End,
        Start::At(moment) => Point::Since(moment),
    };
    let partitions = log.partitions_of(covered(registry, selection)).await?;
    let marks = log.marks(&partitions, point).await?;
    Ok(partitions.into_iter().zip(marks).map(|((kanaal, partition), mark)| (kanaal, partition, mark)).collect())
}

/// The marks of a changed subscription: those it had, and the present ends of kanalen that it covers now and did not before,
/// so that naming one more kanaal does not bring its past. A sink of another shard is served by who knows nothing of what
/// was delivered: then the marks are where its deliveries are.
pub async fn changed(
    app: &App,
    before: &Subscription,
    after: &Subscription,
) -> Result<Vec<(KanaalName, Partition, Mark)>, storage::Error> {
    let mut marks = before.start.clone();
    if !app.engine.is_same_shard(&before.sink, &after.sink) {
        for (kanaal, partition, mark) in app.engine.marks(before.id).await? {
            put(&mut marks, kanaal, partition, mark);
        }
    }
    widened(app.log.as_ref(), &app.registry, marks, &before.selection, &after.selection).await
}

/// Marks, and the present ends of kanalen that `after` covers and `before` did not.
pub async fn widened(
    log: &dyn EventLog,
    registry: &SharedRegistry,
    mut marks: Vec<(KanaalName, Partition, Mark)>,
    before: &Selection,
    after: &Selection,
) -> Result<Vec<(KanaalName, Partition, Mark)>, storage::Error> {
    for (kanaal, partition, mark) in at(log, registry, after, Start::Now).await? {
        if !before.covers(&kanaal) {
            put(&mut marks, kanaal, partition, mark);
        }
    }
    Ok(marks)
}

fn put(marks: &mut Vec<(KanaalName, Partition, Mark)>, kanaal: KanaalName, partition: Partition, mark: Mark) {
    marks.retain(|(own, number, _)| (own, number) != (&kanaal, &partition));
    marks.push((kanaal, partition, mark));
}

/// The kanalen a selection covers now.
pub fn covered(registry: &SharedRegistry, selection: &Selection) -> Vec<KanaalName> {
    let registry = registry.read();
    registry.kanalen().map(|kanaal| kanaal.naam.clone()).filter(|naam| selection.covers(naam)).collect()
}
