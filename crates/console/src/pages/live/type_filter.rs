//! Leaves out of the live view what is not about a chosen type of events. A delivery has no type of its own: it is shown with the
//! event at the same place, which may come later in the stream.

use std::collections::{HashMap, HashSet, VecDeque};

use management::stream::{StreamEntry, ViewerPosition};

use super::row::place_of;

/// Most events of the type whose deliveries are shown, and most places of which deliveries are held.
const MOST_PLACES: usize = 1_000;

/// Most deliveries that are held until their event comes.
const MOST_HELD: usize = 1_000;

type Place = (String, u32, u64);

/// The chosen type, and what is known of the last events.
pub struct TypeFilter {
    /// The type; empty for every type.
    kind: String,
    /// The places of the last events of the type, and in their order.
    wanted: (HashSet<Place>, VecDeque<Place>),
    /// Deliveries that came before their event, by place.
    held: HashMap<Place, Vec<(ViewerPosition, StreamEntry)>>,
    /// The places of the held deliveries, one for each, the oldest first.
    held_order: VecDeque<Place>,
}

impl TypeFilter {
    /// A filter for a type; empty for every type.
    pub fn new(kind: String) -> Self {
        Self { kind, wanted: (HashSet::new(), VecDeque::new()), held: HashMap::new(), held_order: VecDeque::new() }
    }

    /// What is shown now because of an entry, in the order of the stream: nothing, the entry, or deliveries that came before
    /// their event and that event.
    pub fn offer(&mut self, position: ViewerPosition, what: StreamEntry) -> Vec<(ViewerPosition, StreamEntry)> {
        if self.kind.is_empty() {
            return vec![(position, what)];
        }
        let place = place_of(&what);
        match &what {
            StreamEntry::Settled { .. } if self.wanted.0.contains(&place) => vec![(position, what)],
            StreamEntry::Settled { .. } => {
                self.hold(place, (position, what));
                vec![]
            }
            StreamEntry::Event(event) => {
                let mut shown = self.held.remove(&place).unwrap_or_default();
                if !shown.is_empty() {
                    self.held_order.retain(|own| *own != place);
                }
                if event.kind != self.kind {
                    return vec![];
                }
                self.want(place);
                shown.push((position, what));
                shown
            }
        }
    }

    fn hold(&mut self, place: Place, entry: (ViewerPosition, StreamEntry)) {
        if self.held_order.len() >= MOST_HELD
            && let Some(oldest) = self.held_order.pop_front()
            && let Some(held) = self.held.get_mut(&oldest)
        {
            held.remove(0);
            if held.is_empty() {
                self.held.remove(&oldest);
            }
        }
        self.held_order.push_back(place.clone());
        self.held.entry(place).or_default().push(entry);
    }

    fn want(&mut self, place: Place) {
        let (places, order) = &mut self.wanted;
        if places.insert(place.clone()) {
            order.push_back(place);
        }
        if order.len() > MOST_PLACES
            && let Some(oldest) = order.pop_front()
        {
            places.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use management::journal::EventRow;
    use model::{
        KanaalName, Partition, Position, SubscriptionId, Timestamp,
        outcome::{DeliveryKey, Outcome},
    };
    use uuid::Uuid;

    use super::*;

    fn event(kind: &str, position: u64) -> StreamEntry {
        StreamEntry::Event(EventRow {
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            id: position.to_string(),
            source: "/s".to_owned(),
            kind: kind.to_owned(),
            subject: None,
            appended: Timestamp::default(),
        })
    }

    fn delivery(position: u64) -> StreamEntry {
        let delivery = DeliveryKey {
            subscription: SubscriptionId(Uuid::nil()),
            kanaal: KanaalName::new("zaken").unwrap(),
            partition: Partition(0),
            position: Position(position),
            run: None,
        };
        StreamEntry::Settled {
            delivery,
            outcome: Outcome::Delivered,
            attempts: 1,
            code: Some(204),
            at: Timestamp::default(),
        }
    }

    /// The numbers of what is shown for each entry, which are numbered from 1.
    fn shown(filter: &mut TypeFilter, entries: impl IntoIterator<Item = StreamEntry>) -> Vec<Vec<u64>> {
        let position = |number| ViewerPosition { epoch: "e".to_owned(), number };
        let numbered = (1..).zip(entries);
        let offered = numbered.map(|(number, what)| filter.offer(position(number), what));
        offered.map(|shown| shown.into_iter().map(|(position, _)| position.number).collect()).collect()
    }

    #[test]
    fn a_type_leaves_out_other_events_and_their_deliveries() {
        let mut all = TypeFilter::new(String::new());
        assert_eq!(shown(&mut all, [event("a", 1), delivery(2)]), [[1], [2]]);
        let mut filter = TypeFilter::new("a".to_owned());
        let entries = [event("a", 1), event("b", 2), delivery(1), delivery(2), delivery(3)];
        assert_eq!(shown(&mut filter, entries), [vec![1], vec![], vec![3], vec![], vec![]]);
    }

    #[test]
    fn a_delivery_that_comes_before_its_event_is_shown_with_it() {
        let mut filter = TypeFilter::new("a".to_owned());
        let entries = [delivery(1), delivery(2), delivery(1), event("b", 2), event("a", 1), event("a", 2)];
        assert_eq!(shown(&mut filter, entries), [vec![], vec![], vec![], vec![], vec![1, 3, 5], vec![6]]);
        assert!(filter.held.is_empty() && filter.held_order.is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let mut filter = TypeFilter::new("a".to_owned());
        let number = 2 * MOST_PLACES.max(MOST_HELD) as u64;
        shown(&mut filter, (0..number).map(|position| event("a", position)));
        assert_eq!((filter.wanted.0.len(), filter.wanted.1.len()), (MOST_PLACES, MOST_PLACES));
        let others = number..2 * number;
        shown(&mut filter, others.clone().map(delivery));
        shown(&mut filter, others.map(|_| delivery(4 * number)));
        let held: usize = filter.held.values().map(Vec::len).sum();
        assert_eq!((held, filter.held_order.len(), filter.held.len()), (MOST_HELD, MOST_HELD, 1));
    }
}
