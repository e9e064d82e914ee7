//! A message of the inbox as one person sees it, and the one rule by which lists, counts and streams show it (CH-10).

use std::time::Duration;

use uuid::Uuid;

use super::{State, StateKind};
use crate::{
    KanaalName, Partition, Position, Timestamp,
    addressee::{Digest, EventReference},
};

/// Identity of a message. It shows nothing of how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub Uuid);

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A message that an event becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// The event.
    pub event: EventReference,
    /// Where the event is.
    pub partition: Partition,
    /// Where the event is in the partition.
    pub position: Position,
    /// The keyed digest of the person that it is for; `None` for everybody.
    pub person: Option<Digest>,
    /// From when on it can be seen: `deliverafter` of the event, or its acceptance (CH-8).
    pub due: Timestamp,
    /// `expirytime` of the event (CH-7).
    pub expires: Option<Timestamp>,
}

/// A message with the state that one person gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The event.
    pub event: EventReference,
    /// Where the event is.
    pub partition: Partition,
    /// Where the event is in the partition.
    pub position: Position,
    /// Whether it is for everybody.
    pub is_broadcast: bool,
    /// From when on it can be seen.
    pub since: Timestamp,
    /// From when on it cannot be seen any more.
    pub expires: Option<Timestamp>,
    /// The state that the person gave it.
    pub state: State,
    /// Its number in the order in which messages appeared, which changes of state have as well.
    pub number: u64,
    /// The number of the last change of state by this person; `None` before the first.
    pub changed: Option<u64>,
}

/// How many people did what with a message (CH-11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Its id.
    pub id: MessageId,
    /// Whether it is for everybody.
    pub is_broadcast: bool,
    /// From when on it can be seen.
    pub since: Timestamp,
    /// From when on it cannot be seen any more.
    pub expires: Option<Timestamp>,
    /// Whether it has appeared.
    pub has_appeared: bool,
    /// Those who read it, also when they deleted it afterwards.
    pub read: u64,
    /// Those who deleted it.
    pub deleted: u64,
}

/// Which messages a person wants to see; all given members must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// Of this kanaal.
    pub kanaal: Option<KanaalName>,
    /// In this state; `None` for new and read.
    pub state: Option<StateKind>,
    /// That appeared at this moment or later.
    pub from: Option<Timestamp>,
    /// That appeared before this moment.
    pub until: Option<Timestamp>,
}

impl Message {
    /// Where it is in the stream of this person: the number of its last change.
    pub fn last_number(&self) -> u64 {
        self.changed.unwrap_or(self.number).max(self.number)
    }

    /// Whether the person can see it at `now`: it has not expired (CH-7), and can still be restored when it is deleted.
    pub fn is_visible(&self, now: Timestamp, undo: Duration) -> bool {
        self.expires.is_none_or(|end| now < end) && self.state.is_visible(now, undo)
    }
}

impl MessageFilter {
    /// Whether a message is in the list, the count or the stream of a person: the only rule of these.
    pub fn shows(&self, message: &Message, now: Timestamp, undo: Duration) -> bool {
        let kind = message.state.kind();
        message.is_visible(now, undo)
            && self.state.map_or(kind != StateKind::Deleted, |state| state == kind)
            && self.kanaal.as_ref().is_none_or(|kanaal| *kanaal == message.event.kanaal)
            && self.from.is_none_or(|from| message.since >= from)
            && self.until.is_none_or(|until| message.since < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNDO: Duration = Duration::from_secs(100);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn message(state: State) -> Message {
        let kanaal = KanaalName::new("berichten").unwrap();
        Message {
            id: MessageId(Uuid::from_u128(1)),
            event: EventReference { kanaal, source: "urn:a".into(), id: "1".into() },
            partition: Partition(0),
            position: Position(0),
            is_broadcast: true,
            since: at(10),
            expires: Some(at(50)),
            state,
            number: 4,
            changed: None,
        }
    }

    #[test]
    fn ch_7_ch_9_a_filter_shows_what_it_names_until_the_second_of_the_end() {
        let deleted = State::Deleted { at: at(20), read: None };
        let filter = MessageFilter::default();
        let of_state = |state| MessageFilter { state: Some(state), ..filter.clone() };
        let of_kanaal = |naam| MessageFilter { kanaal: KanaalName::new(naam), ..filter.clone() };
        for (filter, state, now, shown) in [
            (filter.clone(), State::New, 10, true),
            (filter.clone(), State::New, 49, true),
            (filter.clone(), State::New, 50, false),
            (filter.clone(), State::Read { at: at(11) }, 12, true),
            (filter.clone(), deleted, 21, false),
            (of_state(StateKind::Deleted), deleted, 21, true),
            (of_state(StateKind::Deleted), deleted, 50, false),
            (of_state(StateKind::Read), State::New, 12, false),
            (of_state(StateKind::New), State::New, 12, true),
            (of_kanaal("berichten"), State::New, 12, true),
            (of_kanaal("berichte"), State::New, 12, false),
            (MessageFilter { from: Some(at(10)), ..filter.clone() }, State::New, 12, true),
            (MessageFilter { from: Some(at(11)), ..filter.clone() }, State::New, 12, false),
            (MessageFilter { until: Some(at(10)), ..filter.clone() }, State::New, 12, false),
            (MessageFilter { until: Some(at(11)), ..filter.clone() }, State::New, 12, true),
        ] {
            assert_eq!(filter.shows(&message(state), at(now), UNDO), shown, "{filter:?} {state:?} at {now}");
        }
    }
}
