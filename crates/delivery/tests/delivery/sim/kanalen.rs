//! Steps in which a subscription selects other kanalen and keeps the rest of its selection. What it must get is known: of a
//! kanaal that it comes to cover everything from the end of that moment on, whatever crashes.

use std::time::Duration;

use model::{
    KanaalName, Mark,
    clock::SeededRandom,
    selection::{NativeSelection, Selection},
};

use super::{
    changes::{End, select},
    made::name,
    sinks::{below, chance},
    world::{Coming, World},
};

/// The time within which a node may die after a change, in microseconds: until the first marks after it are stored.
const UNSTORED: u64 = 400_000;

impl World {
    /// The present ends of all logs.
    pub fn ends(&self) -> Vec<End> {
        let ends = self.logs.iter();
        ends.map(|((kanaal, partition), log)| (kanaal.clone(), *partition, Mark(log.items.len() as u64))).collect()
    }

    /// A subscription selects other kanalen; sometimes it returns to those of before after others published.
    pub fn select_kanalen(&mut self, random: &SeededRandom) {
        let at = below(random, self.subscriptions.len() as u64) as usize;
        let Selection::Native(before) = self.subscriptions[at].selection.clone() else { return };
        let kanalen = match below(random, 4) {
            0 => vec![],
            1 => vec![name(0)],
            2 => vec![name(1)],
            _ => vec![name(0), name(1)],
        };
        self.select_at(at, NativeSelection { kanalen, ..before.clone() });
        if chance(random, 50) {
            self.publish(random);
            self.select_at(at, before);
        }
        if chance(random, 60) {
            let after = self.now + Duration::from_micros(below(random, UNSTORED));
            self.comes_at(after, Coming::Crash);
        }
    }

    fn select_at(&mut self, at: usize, selection: NativeSelection) {
        let ends = self.ends();
        let (id, before) = (self.subscriptions[at].id, self.subscriptions[at].selection.clone());
        self.change_at(at, |subscription, _| select(subscription, selection, &ends));
        let subscription = &self.subscriptions[at];
        let is_left = |naam: &KanaalName| before.covers(naam) && !subscription.selection.covers(naam);
        let left = ends.into_iter().filter(|(naam, ..)| is_left(naam));
        self.left.extend(left.map(|(naam, partition, end)| ((id, (naam, partition)), end)));
        self.moved.insert(id);
        // Without approval, what a subscription to all kanalen does not get has no outcome.
        if self.withholds(at) {
            self.reselected.insert(id);
        }
    }

    /// Whether events of a kanaal that a subscription does not name are withheld from it.
    pub fn withholds(&self, at: usize) -> bool {
        let subscription = &self.subscriptions[at];
        let is_withheld = |naam: &KanaalName| !subscription.is_admitted(naam) && !subscription.selection.names(naam);
        [name(0), name(1)].iter().any(is_withheld)
    }
}
