//! Who may send next: a pure queue. Due messages come before mailings; of mailings, one mail of each kanaal in turn. At most
//! `slots` turns are in use at a time, and turns begin no faster than the rate. It waits for nothing and sends nothing.

use std::collections::{BTreeMap, VecDeque};

use delivery::Pace;
use model::{KanaalName, clock::Instant, consent::Rate};

/// Who wants to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Priority {
    /// A message of the outbox.
    Due,
    /// A mail of a mailing of this kanaal.
    Mailing(KanaalName),
}

/// What the queue gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// This one may send now.
    Turn(T),
    /// Somebody waits, and may send at this moment.
    At(Instant),
    /// Nobody waits, or all turns are in use.
    Nobody,
}

/// Those who wait, and the turns in use.
#[derive(Debug)]
pub(super) struct Turns<T> {
    slots: usize,
    used: usize,
    pace: Pace,
    due: VecDeque<T>,
    mailings: BTreeMap<KanaalName, VecDeque<T>>,
    /// The kanaal that had the last turn of a mailing.
    last: Option<KanaalName>,
}

impl<T> Turns<T> {
    pub fn new(slots: usize, rate: Rate) -> Self {
        let mut pace = Pace::UNLIMITED;
        pace.set_rate(rate);
        Self { slots, used: 0, pace, due: VecDeque::new(), mailings: BTreeMap::new(), last: None }
    }

    pub fn add(&mut self, priority: Priority, waiter: T) {
        match priority {
            Priority::Due => self.due.push_back(waiter),
            Priority::Mailing(kanaal) => self.mailings.entry(kanaal).or_default().push_back(waiter),
        }
    }

    /// The next one that may send. Its turn counts as used until [`Turns::end`].
    pub fn next(&mut self, now: Instant) -> Next<T> {
        if self.used >= self.slots || (self.due.is_empty() && self.mailings.is_empty()) {
            return Next::Nobody;
        }
        if let Some(at) = self.pace.wait_until(now) {
            return Next::At(at);
        }
        let Some(waiter) = self.due.pop_front().or_else(|| self.next_of_mailings()) else { return Next::Nobody };
        self.used += 1;
        self.pace.count_request(now);
        Next::Turn(waiter)
    }

    /// A turn ended.
    pub fn end(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    fn next_of_mailings(&mut self) -> Option<T> {
        let after = self.last.clone().and_then(|last| {
            let behind = (std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded);
            self.mailings.range(behind).next().map(|(kanaal, _)| kanaal.clone())
        });
        let kanaal = after.or_else(|| self.mailings.keys().next().cloned())?;
        let queue = self.mailings.get_mut(&kanaal)?;
        let waiter = queue.pop_front();
        if queue.is_empty() {
            self.mailings.remove(&kanaal);
        }
        self.last = Some(kanaal);
        waiter
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn mailing(kanaal: &str) -> Priority {
        Priority::Mailing(KanaalName::new(kanaal).unwrap())
    }

    #[test]
    fn due_messages_come_first_and_kanalen_take_turns_ch_27() {
        let mut turns = Turns::new(100, Rate::Unlimited);
        for number in 0..4 {
            turns.add(mailing("afval"), format!("afval {number}"));
        }
        turns.add(mailing("besluiten"), "besluiten 0".to_owned());
        turns.add(mailing("wegen"), "wegen 0".to_owned());
        turns.add(Priority::Due, "code".to_owned());
        let mut order = Vec::new();
        while let Next::Turn(waiter) = turns.next(Instant::default()) {
            order.push(waiter);
        }
        assert_eq!(order, ["code", "afval 0", "besluiten 0", "wegen 0", "afval 1", "afval 2", "afval 3"]);
        assert_eq!(turns.next(Instant::default()), Next::Nobody);
    }

    #[test]
    fn turns_are_bounded_in_number_and_by_the_rate_ch_27_ch_38() {
        let now = Instant::from_micros(1_000_000_000);
        let mut turns = Turns::new(2, Rate::PerMinute(NonZeroU32::new(60).unwrap()));
        for number in 0..4 {
            turns.add(mailing("afval"), number);
        }
        assert_eq!(turns.next(now), Next::Turn(0));
        let Next::At(at) = turns.next(now) else { panic!("the rate is one a second") };
        assert!(at > now);
        turns.add(Priority::Due, 9);
        assert_eq!(turns.next(at), Next::Turn(9), "a code goes before those that have waited longer");
        let later = at + std::time::Duration::from_mins(1);
        assert_eq!(turns.next(later), Next::Nobody, "both are in use");
        turns.end();
        assert_eq!(turns.next(later), Next::Turn(1));
    }
}
