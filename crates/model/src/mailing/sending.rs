//! Whether the messages about the events of a kanaal are sent: to everybody, to nobody for the time being, or to a test list (CH-132).
//!
//! A trial is for the events that are accepted while it goes on: of these it decides for good, also after its end, who gets them.
//! Events of before wait until it is over. So neither a pause nor a trial loses anything, and no event of a trial goes to everybody
//! later.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{Timestamp, addressee::Digest};

/// Most addresses on a test list.
pub const MAX_TRIAL_ADDRESSES: usize = 100;

/// To whom messages are sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SendingState {
    /// To everybody.
    #[default]
    Open,
    /// To nobody; everything waits.
    Paused,
    /// To the addresses of the last trial only.
    Trial,
}

impl SendingState {
    /// All.
    pub const ALL: [Self; 3] = [Self::Open, Self::Paused, Self::Trial];

    /// A fixed word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Trial => "trial",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendingChange {
    /// Send to everybody from now on, and what waits.
    Open,
    /// Send nothing.
    Pause,
    /// Send events from now on to these addresses only.
    Trial(BTreeSet<Digest>),
}

/// A time in which the events of a kanaal were for a test list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Its begin; no other of the kanaal has the same.
    pub since: Timestamp,
    /// Its end, at which it is over; `None` while it goes on.
    pub until: Option<Timestamp>,
    /// The digests of the addresses, at most [`MAX_TRIAL_ADDRESSES`].
    pub list: Arc<BTreeSet<Digest>>,
}

impl Trial {
    /// Whether an event that was accepted then is for its list.
    fn covers(&self, accepted: Timestamp) -> bool {
        self.since <= accepted && self.until.is_none_or(|until| accepted < until)
    }
}

/// How a kanaal sends, and its trials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sending {
    /// To whom.
    pub state: SendingState,
    /// Since when; the epoch when it was never changed.
    pub since: Timestamp,
    /// The trials, oldest first. The last one goes on in [`SendingState::Trial`], and no other does.
    pub trials: Vec<Trial>,
}

impl Sending {
    /// Changes it at a moment.
    pub fn change(&mut self, change: SendingChange, now: Timestamp) {
        let after_last = self.trials.last().map_or(now, |last| last.since + Duration::from_micros(1));
        let now = now.max(after_last);
        if let Some(last) = self.trials.last_mut() {
            last.until.get_or_insert(now);
        }
        self.since = now;
        self.state = match change {
            SendingChange::Open => SendingState::Open,
            SendingChange::Pause => SendingState::Paused,
            SendingChange::Trial(list) => {
                self.trials.push(Trial { since: now, until: None, list: Arc::new(list) });
                SendingState::Trial
            }
        };
    }

    /// The addresses that an event is for, which was accepted then; `None` when it is for everybody.
    pub fn list_of(&self, accepted: Timestamp) -> Option<&Arc<BTreeSet<Digest>>> {
        self.trials.iter().rev().find(|trial| trial.covers(accepted)).map(|trial| &trial.list)
    }

    /// Whether the messages about an event wait that was accepted then.
    pub fn holds(&self, accepted: Timestamp) -> bool {
        match self.state {
            SendingState::Open => false,
            SendingState::Paused => true,
            SendingState::Trial => self.list_of(accepted).is_none(),
        }
    }

    /// The number of addresses of the trial that goes on.
    pub fn addresses(&self) -> Option<usize> {
        let last = self.trials.last().filter(|_| self.state == SendingState::Trial)?;
        Some(last.list.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn list(number: u8) -> BTreeSet<Digest> {
        BTreeSet::from([Digest([number; 32])])
    }

    #[test]
    fn a_pause_holds_all_and_a_trial_what_was_there_before_ch_132() {
        let mut sending = Sending::default();
        assert!(!sending.holds(at(5)));
        sending.change(SendingChange::Pause, at(10));
        assert!(sending.holds(at(5)) && sending.holds(at(15)));
        sending.change(SendingChange::Trial(list(1)), at(20));
        // An event of the pause is for everybody, so that it waits; both sides of the begin.
        assert!(sending.holds(at(15)) && sending.holds(at(19)) && !sending.holds(at(20)));
        assert_eq!((sending.list_of(at(19)), sending.addresses()), (None, Some(1)));
        sending.change(SendingChange::Open, at(30));
        assert_eq!((sending.state, sending.since, sending.addresses()), (SendingState::Open, at(30), None));
        assert!([5, 15, 20, 29, 30].into_iter().all(|moment| !sending.holds(at(moment))));
        // What is of the trial stays so; both sides of the end.
        assert_eq!(sending.list_of(at(29)).map(|list| (**list).clone()), Some(list(1)));
        assert_eq!(sending.list_of(at(30)), None);
    }

    #[test]
    fn each_trial_keeps_its_own_list_ch_132() {
        let mut sending = Sending::default();
        sending.change(SendingChange::Trial(list(1)), at(10));
        // Another list at the same moment is another trial.
        sending.change(SendingChange::Trial(list(2)), at(10));
        let second = at(10) + Duration::from_micros(1);
        assert_eq!(sending.list_of(at(10)).map(|list| (**list).clone()), Some(list(1)));
        assert_eq!(sending.list_of(second).map(|list| (**list).clone()), Some(list(2)));
        sending.change(SendingChange::Pause, at(20));
        assert!(sending.holds(at(10)) && sending.holds(second));
        // A clock that goes back does not open a trial that is over.
        sending.change(SendingChange::Trial(list(3)), at(5));
        assert_eq!(sending.list_of(at(6)), None);
        assert!(sending.holds(at(6)) && !sending.holds(second));
    }
}
