//! What there is of one address: its light subscriptions and the evidence of what was sent to it, for a question of the person
//! (CH-137, CH-141). Each look-up is in the audit trail with its reason before anything is read, and without the address.

use management::Right;
use message::address::EmailAddress;
use model::{
    Actor, KanaalName, Timestamp,
    addressee::{Addressee, AddresseeId, Channel, EndReason, Evidence, Language, Owner, State, StateKind},
    audit::{Action, Object, ObjectKind},
};
use storage::audience::EvidencePage;

use super::Administration;
use crate::Error;

/// Most characters of a reason.
pub const MAX_REASON: usize = 500;

/// Most notifications of which the evidence is shown: the newest.
pub const MAX_EVIDENCE: usize = 400;

/// The rows that are read at once.
const CHUNK: u32 = 1_000;

/// The most rows that are read; the newest come last.
const MOST_READ: u64 = 20_000;

/// What there is of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address, masked.
    pub address: String,
    /// Its subscriptions, in the order in which they were requested.
    pub subscriptions: Vec<Subscription>,
    /// What was sent to it, newest first, at most [`MAX_EVIDENCE`].
    pub evidence: Vec<Evidence>,
    /// Whether that is all.
    pub is_complete: bool,
}

/// A light subscription as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its identity.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// The language of messages.
    pub language: Language,
    /// The client that made it; `None` for a person, and when it was erased.
    pub owner: Option<String>,
    /// Its state.
    pub state: StateKind,
    /// When it was requested.
    pub created: Timestamp,
    /// When it was confirmed or ended; `None` for an unconfirmed one.
    pub changed: Option<Timestamp>,
    /// Hard bounces that count against it (CH-113).
    pub bounces: usize,
    /// Why it ended.
    pub ended: Option<EndReason>,
}

impl Administration {
    /// Looks up an address. `reason` is why, of 1 to [`MAX_REASON`] characters, without the address.
    ///
    /// # Errors
    /// `Unknown` without [`Right::LookUpAddressee`]; `Storage`, also when the look-up cannot be recorded.
    pub async fn look_up(&self, actor: &Actor, address: &EmailAddress, reason: &str) -> Result<Found, Error> {
        if !Right::LookUpAddressee.is_granted_to(actor) {
            return Err(Error::Unknown);
        }
        let object = Object::new(ObjectKind::Addressee, "");
        self.recorder.record_with_reason(actor, Action::AddresseeSearch, object, reason).await?;
        let (audience, digest) = (&self.people.audience, self.people.keys.digest_of(address));
        let mut subscriptions: Vec<_> =
            audience.of_address(digest).await?.into_iter().map(|stored| subscription(stored.addressee)).collect();
        subscriptions.sort_by_key(|one| (one.created, one.id));
        let (mut evidence, mut offset) = (Vec::new(), 0);
        let is_complete = loop {
            let rows = audience.evidence(digest, EvidencePage { offset, limit: CHUNK }).await?;
            let is_last = rows.len() < CHUNK as usize;
            evidence.extend(rows);
            offset += u64::from(CHUNK);
            if is_last || offset >= MOST_READ {
                break is_last;
            }
        };
        evidence.sort_by_key(|one| std::cmp::Reverse(one.accepted));
        let is_complete = is_complete && evidence.len() <= MAX_EVIDENCE;
        evidence.truncate(MAX_EVIDENCE);
        Ok(Found { address: address.masked(), subscriptions, evidence, is_complete })
    }
}

fn subscription(found: Addressee) -> Subscription {
    let state = found.state.kind();
    let (changed, bounces, ended) = match found.state {
        State::Unconfirmed { .. } => (None, 0, None),
        State::Confirmed { confirmation, bounces, .. } => (Some(confirmation.at), bounces.moments().len(), None),
        State::Ended { at, reason } => (Some(at), 0, Some(reason)),
    };
    Subscription {
        id: found.id,
        kanaal: found.kanaal,
        channel: found.channel,
        language: found.language,
        owner: match found.owner {
            Some(Owner::Applicatie(client)) => Some(client),
            Some(Owner::Person { .. }) | None => None,
        },
        state,
        created: found.created,
        changed,
        bounces,
        ended,
    }
}
