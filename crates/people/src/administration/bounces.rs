//! Addresses that mail or text messages do not reach (CH-118): light subscriptions that ended by hard bounces or a complaint, and
//! those whose hard bounces are counted. Addresses are masked. Mail that came back is not kept, so there is none to show.

use model::{
    KanaalName, Timestamp,
    addressee::{Addressee, AddresseeId, Channel, Digest, EndReason, Outcome, State, StateKind},
};
use storage::audience::{Chunk, EvidencePage, Walk};

use super::Administration;
use crate::{Error, cursor::Cursor};

/// Rows that are read at once.
const STEP: u32 = 1_000;
/// Rows after which a page ends, whatever was found.
const MAX_READ: usize = 20_000;
/// Rows of evidence of an address in which failures are counted.
const MAX_EVIDENCE: u32 = 100;

/// Which are wanted.
#[derive(Debug, Clone)]
pub struct BouncesWanted {
    /// Only those of this kanaal.
    pub kanaal: Option<KanaalName>,
    /// The channel.
    pub channel: Channel,
    /// Those that have ended, or those that still count.
    pub have_ended: bool,
    /// Where the page begins: the `next` of the page before.
    pub cursor: Option<String>,
    /// The wanted number, 1 to 500. A page has more when an address has several subscriptions to a kanaal, and may have fewer, or
    /// none, although there are more.
    pub size: usize,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BouncesPage {
    /// By kanaal, and in each in an order that stays.
    pub rows: Vec<Bounced>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// A light subscription with hard bounces or a complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounced {
    /// Its identity.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The address, masked; `None` when it was erased.
    pub address: Option<String>,
    /// Why it is in the list.
    pub reason: BounceReason,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The moments of failures for good, oldest first: those that count, or of one that ended those that its evidence has.
    pub bounces: Vec<Timestamp>,
}

/// Why a light subscription is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceReason {
    /// Hard bounces ended it.
    Undeliverable,
    /// A complaint ended it.
    Complaint,
    /// It has hard bounces that count.
    Counting,
}

impl BounceReason {
    /// The word for it in APIs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Undeliverable => "undeliverable",
            Self::Complaint => "complaint",
            Self::Counting => "counting",
        }
    }

    fn of(addressee: &Addressee) -> Option<Self> {
        match &addressee.state {
            State::Ended { reason: EndReason::Undeliverable, .. } => Some(Self::Undeliverable),
            State::Ended { reason: EndReason::Complaint, .. } => Some(Self::Complaint),
            State::Confirmed { bounces, .. } if !bounces.moments().is_empty() => Some(Self::Counting),
            State::Unconfirmed { .. } | State::Confirmed { .. } | State::Ended { .. } => None,
        }
    }
}

impl Administration {
    /// Lists them in pages, by a walk with a bound: those that ended are kept for a month; those that count are searched among all
    /// that are confirmed.
    ///
    /// # Errors
    /// `Unknown` for a cursor that was not made here; `Storage`, `Keys`.
    pub async fn bounces(&self, wanted: &BouncesWanted) -> Result<BouncesPage, Error> {
        let keys = self.people.keys();
        let cursor = match &wanted.cursor {
            Some(text) => Some(Cursor::read(text, keys).ok_or(Error::Unknown)?),
            None => None,
        };
        let ended_at = |rows, kanaal: &KanaalName, after| -> Result<BouncesPage, Error> {
            let cursor = Cursor { kanaal: kanaal.clone(), after };
            Ok(BouncesPage { rows, next: Some(cursor.write(keys)?) })
        };
        let (mut rows, mut read) = (Vec::new(), 0);
        for kanaal in self.bounced_kanalen(wanted, cursor.as_ref()).await? {
            let mut after = cursor.as_ref().filter(|cursor| cursor.kanaal == kanaal).map(|cursor| cursor.after);
            loop {
                let state = if wanted.have_ended { StateKind::Ended } else { StateKind::Confirmed };
                let walk = Walk {
                    kanaal: kanaal.clone(),
                    channel: wanted.channel,
                    after,
                    state: Some(state),
                    filters: None,
                    limit: STEP,
                };
                let Chunk { addressees, next, .. } = self.people.audience.walk(walk).await?;
                // A chunk with fewer rows than it was asked for has ended at a bound of its own.
                read += if addressees.len() < STEP as usize { MAX_READ } else { addressees.len() };
                let mut last: Option<Digest> = None;
                for stored in addressees {
                    let digest = stored.addressee.digest;
                    if rows.len() >= wanted.size && last != Some(digest) {
                        return ended_at(rows, &kanaal, last.or(after).unwrap_or(Digest([0; 32])));
                    }
                    last = Some(digest);
                    if let Some(reason) = BounceReason::of(&stored.addressee) {
                        rows.push(self.bounced(stored.addressee, reason).await?);
                    }
                }
                match next {
                    Some(next) if read >= MAX_READ => return ended_at(rows, &kanaal, next),
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(BouncesPage { rows, next: None })
    }

    /// The kanalen with light subscriptions by the channel, by name, from that of the cursor on.
    async fn bounced_kanalen(&self, wanted: &BouncesWanted, cursor: Option<&Cursor>) -> Result<Vec<KanaalName>, Error> {
        let counts = self.people.audience.counts(wanted.kanaal.as_ref()).await?;
        let of_channel = counts.into_iter().filter(|count| count.channel == wanted.channel);
        let mut kanalen: Vec<KanaalName> = of_channel.map(|count| count.kanaal).collect();
        kanalen.sort();
        kanalen.dedup();
        kanalen.retain(|kanaal| cursor.is_none_or(|cursor| *kanaal >= cursor.kanaal));
        Ok(kanalen)
    }

    async fn bounced(&self, own: Addressee, reason: BounceReason) -> Result<Bounced, Error> {
        let address = match &own.address {
            Some(sealed) => Some(self.people.keys().open(sealed)?.masked()),
            None => None,
        };
        let (ended, bounces) = match &own.state {
            State::Confirmed { bounces, .. } => (None, bounces.moments().to_vec()),
            State::Ended { at, .. } => (Some(*at), self.failures(&own).await?),
            State::Unconfirmed { .. } => (None, Vec::new()),
        };
        Ok(Bounced { id: own.id, kanaal: own.kanaal, address, reason, ended, bounces })
    }

    /// The failures for good that the evidence of an addressee has.
    async fn failures(&self, own: &Addressee) -> Result<Vec<Timestamp>, Error> {
        let page = EvidencePage { offset: 0, limit: MAX_EVIDENCE };
        let evidence = self.people.audience.evidence(own.digest, page).await?;
        let of_own = evidence.into_iter().filter(|one| one.addressee == Some(own.id));
        let failed = of_own.filter_map(|one| match one.outcome {
            Some((Outcome::PermanentFailure, at)) => Some(at),
            _ => None,
        });
        let mut moments: Vec<Timestamp> = failed.collect();
        moments.sort();
        Ok(moments)
    }
}
