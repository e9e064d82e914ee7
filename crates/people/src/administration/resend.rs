//! Sending the event of a mailing again to those to whom it did not get through (CH-94): counted first, and then to exactly those.
//! Each is looked at again before it is sent to, so who has left meanwhile gets nothing (I9), unless it must be
//! sent (CH-21).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    KanaalName,
    mailing::{Counts, End, Failure, MailingId, Skip},
};
use storage::{
    audience::FailedWalk,
    mailings::{EndedMailing, ResendStart},
};

use super::{Administration, Mailing, MailingState};
use crate::Error;

/// The wish to send a mailing again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResendRequest {
    /// The mailing, or a resend of it.
    pub id: MailingId,
    /// To those who failed so; not empty. Who is in doubt may get the message twice.
    pub failures: BTreeSet<Failure>,
    /// How many they were when they were counted; `None` when nobody counted.
    pub counted: Option<u64>,
}

/// Those to whom an event may be sent again: still subscribed, with the address that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResendCount {
    /// The mailing.
    pub mailing: Mailing,
    /// How many, by their last failure; without zeros.
    pub addressees: BTreeMap<Failure, u64>,
}

impl ResendCount {
    /// How many failed in one of these ways.
    pub fn of(&self, failures: &BTreeSet<Failure>) -> u64 {
        failures.iter().filter_map(|failure| self.addressees.get(failure)).sum()
    }
}

/// What was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resent {
    /// The mailing that sends the event again.
    pub mailing: Mailing,
    /// To how many at most.
    pub addressees: u64,
}

/// Why a mailing is not sent again. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendRefusal {
    /// There is no such mailing, or no trace of it any more.
    Unknown,
    /// The mailing, or a resend of it, goes on.
    Open,
    /// The event has expired (CH-100).
    Expired,
    /// The event is not on the log any more.
    EventRemoved,
    /// Nothing is sent by this channel here.
    NotHere,
    /// There is nobody who failed so and is still subscribed.
    Nobody,
    /// There are others than were counted.
    CountChanged,
    /// Everybody who got the event had it in one mail with others (CH-101): that mail is no mailing, and is not sent again.
    Collected,
}

impl Administration {
    /// Counts those to whom a mailing may be sent again, by all ways to fail.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn count_resend(&self, id: MailingId) -> Result<Result<ResendCount, ResendRefusal>, Error> {
        let mailing = match self.resendable(id).await? {
            Ok(mailing) => mailing,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if is_collected(&mailing.counts) {
            return Ok(Err(ResendRefusal::Collected));
        }
        let addressees = self.failed(&mailing).await?;
        let EndedMailing { id, start, counts, ended } = mailing;
        let mailing = Mailing { id, start, state: MailingState::Ended(ended), counts };
        Ok(Ok(ResendCount { mailing, addressees }))
    }

    /// Sends a mailing again. Of two requests at the same time one does it; the other finds it open.
    ///
    /// # Errors
    /// `Storage`; what was asked may be stored nevertheless.
    pub async fn resend(&self, wanted: ResendRequest) -> Result<Result<Resent, ResendRefusal>, Error> {
        let count = match self.count_resend(wanted.id).await? {
            Ok(count) => count,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let addressees = count.of(&wanted.failures);
        if wanted.counted.is_some_and(|counted| counted != addressees) {
            return Ok(Err(ResendRefusal::CountChanged));
        }
        if addressees == 0 {
            return Ok(Err(ResendRefusal::Nobody));
        }
        let started = match self.mailings.resend(wanted.id, wanted.failures).await? {
            ResendStart::Started(started) => started,
            ResendStart::Open => return Ok(Err(ResendRefusal::Open)),
            ResendStart::Unknown => return Ok(Err(ResendRefusal::Unknown)),
        };
        if let Some(running) = &self.running {
            running.resend_stored();
        }
        let (id, start) = (started.id, started.start);
        let mailing = Mailing { id, start, state: MailingState::Walking, counts: Counts::default() };
        Ok(Ok(Resent { mailing, addressees }))
    }

    /// The mailing, if it has ended and its event can still be sent.
    async fn resendable(&self, id: MailingId) -> Result<Result<EndedMailing, ResendRefusal>, Error> {
        let Some(mailing) = self.mailings.ended_one(id).await? else {
            let is_open = self.mailings.progress(id).await?.is_some();
            return Ok(Err(if is_open { ResendRefusal::Open } else { ResendRefusal::Unknown }));
        };
        let Some(running) = self.running.as_ref().filter(|running| running.sends(mailing.start.channel)) else {
            return Ok(Err(ResendRefusal::NotHere));
        };
        if mailing.start.expires.is_some_and(|at| at <= self.people.clock.now()) {
            return Ok(Err(ResendRefusal::Expired));
        }
        if running.event(&mailing.start).await?.is_none() {
            return Ok(Err(ResendRefusal::EventRemoved));
        }
        Ok(Ok(mailing))
    }

    /// Whether the messages of a kanaal go to those who left as well (CH-21).
    pub(super) fn is_obligatory(&self, kanaal: &KanaalName) -> bool {
        self.letters.as_ref().is_some_and(|letters| letters.class(kanaal).is_obligatory())
    }

    async fn failed(&self, mailing: &EndedMailing) -> Result<BTreeMap<Failure, u64>, Error> {
        let mut walk = FailedWalk {
            event: mailing.start.event.clone(),
            channel: mailing.start.channel,
            failures: Failure::ALL.into(),
            before: None,
            with_left: self.is_obligatory(&mailing.start.event.kanaal),
            after: None,
            limit: 1,
        };
        let mut addressees = BTreeMap::new();
        loop {
            let part = self.people.audience.failed_counts(walk.clone()).await?;
            for (failure, count) in part.addressees {
                *addressees.entry(failure).or_default() += count;
            }
            let Some(next) = part.next else { return Ok(addressees) };
            walk.after = Some(next);
        }
    }
}

/// Whether a mailing sent nothing by itself, because its event was collected for everybody who gets it.
fn is_collected(counts: &Counts) -> bool {
    counts.of(End::Skipped(Skip::Collected)) > 0 && counts.sent() + counts.failed() == 0
}
