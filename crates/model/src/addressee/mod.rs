//! Addressees: people who get notifications of a kanaal by e-mail, SMS or in their inbox, each a light subscription.
//!
//! A [`Sink`](crate::Sink) is an address of an application, with a machine of its own in the delivery engine; an addressee is a
//! row among a million others, and a person. The decisions on one ([`decide`], [`subscribe`], [`bounce`], [`leave`]) are pure: they
//! take the moment as a parameter, and the digests of codes and addresses as bytes. Not here: how codes are made, what a
//! message contains, and who may give a command.
//!
//! Ids such as CH-45 are rows of the requirements for channels to people.

mod attributes;
pub mod bounce;
mod change_address;
mod change_attributes;
mod change_frequency;
mod check;
mod command;
mod confirm;
mod data_link;
mod decision;
mod end;
mod evidence;
mod filter;
mod frequency;
pub mod leave;
mod state;
pub mod subscribe;
#[cfg(test)]
mod tests;

use uuid::Uuid;

pub use self::{
    attributes::{Attributes, MAX_ATTRIBUTES},
    bounce::HardBounces,
    check::{Check, CodeRequests, MAX_CODE_REQUESTS, MAX_TRIES, UsedLink},
    command::{Command, NewAddress, Proof},
    confirm::replaced,
    decision::{Accepted, Decision, Message, Rejection, decide},
    evidence::{EventReference, Evidence, Outcome},
    filter::{ADDRESSEE_FILTER, FilterText, MAX_FILTER},
    frequency::Frequency,
    state::{ActId, AddressChange, Basis, Confirmation, EndReason, LeftBy, State, StateKind},
};
use crate::{KanaalName, Timestamp, sealed::Sealed};

/// Identity of an addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddresseeId(pub Uuid);

impl std::fmt::Display for AddresseeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A digest of 32 bytes: of an address with a key, or of a code or a link. It does not show what it was made of, but its
/// `Debug` form shows only the first four bytes, so that logs cannot be searched for a known one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Whether two digests are equal, in a time that does not depend on where they differ (CH-49).
    pub fn matches(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |difference, (own, other)| difference | (own ^ other)) == 0
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let start = u32::from_be_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]);
        write!(f, "Digest({start:08x}…)")
    }
}

/// How a person is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// The inbox in the gateway; it has no address.
    Inbox,
}

impl Channel {
    /// All, in the order above.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Inbox];

    /// The word for it in texts and APIs.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Inbox => "inbox",
        }
    }
}

/// The language of messages and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Dutch.
    #[default]
    Dutch,
    /// English.
    English,
}

impl Language {
    /// The word for it in APIs (ISO 639-1).
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }
}

/// The number of a distinct filter of subscribers. `storage` assigns it to a text and never uses it for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u32);

/// Who owns an addressee beside whoever reads the mail at its address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A citizen, by issuer and `sub` of an identity provider (CH-124).
    Person {
        /// The issuer, as the provider names itself.
        issuer: String,
        /// The provider's identifier of the person.
        subject: String,
    },
    /// The client of the gateway that made it, by `client_id`.
    Applicatie(String),
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person { issuer, .. } => write!(f, "Person({issuer})"),
            Self::Applicatie(client_id) => write!(f, "Applicatie({client_id})"),
        }
    }
}

/// A light subscription of a person to one kanaal by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Its identity.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// The keyed digest of the address; of an inbox, of its owner. It stays when the address is erased.
    pub digest: Digest,
    /// The address, sealed; `None` for an inbox, and when it was erased.
    pub address: Option<Sealed>,
    /// Counts the addresses that were confirmed or requested first, from 1 (CH-51).
    pub generation: u32,
    /// What the filters of senders look at.
    pub attributes: Attributes,
    /// Which events are wanted; `None` for all.
    pub filter: Option<FilterId>,
    /// The language of messages.
    pub language: Language,
    /// How often mails come; of other channels always at once.
    pub frequency: Frequency,
    /// Who owns it, if anybody logged in or a client made it.
    pub owner: Option<Owner>,
    /// When it was requested.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// The requests for codes in the last hour (CH-46).
    pub code_requests: CodeRequests,
    /// Whether it may get anything.
    pub state: State,
}

impl Addressee {
    /// The address and its generation when messages may be sent to it now: only a confirmed addressee that has not expired (I9,
    /// CH-41, CH-64). An inbox has none.
    pub fn sendable(&self, now: Timestamp) -> Option<(Option<&Sealed>, u32)> {
        let is_sendable =
            matches!(self.state, State::Confirmed { .. }) && self.expires.is_none_or(|moment| moment > now);
        is_sendable.then_some((self.address.as_ref(), self.generation))
    }

    /// The same for a message that has to be sent (CH-21): to a confirmed addressee, and to one that was confirmed and left. The others
    /// that ended get nothing: one that was never confirmed, complained, was undeliverable, expired, was replaced or erased.
    pub fn obliged(&self, now: Timestamp) -> Option<(Option<&Sealed>, u32)> {
        let has_left = self.left().is_some() && self.expires.is_none_or(|moment| moment > now);
        if has_left {
            self.address.as_ref().map(|address| (Some(address), self.generation))
        } else {
            self.sendable(now)
        }
    }

    /// When the person left, and what was confirmed before; `None` when it has not ended, or in another way.
    pub fn left(&self) -> Option<(Timestamp, &Confirmation)> {
        match &self.state {
            State::Ended { at, reason: EndReason::Unsubscribed { was, .. } } => Some((*at, was)),
            State::Unconfirmed { .. } | State::Confirmed { .. } | State::Ended { .. } => None,
        }
    }

    /// Whether its events are collected for one mail (CH-101).
    pub fn is_collected(&self) -> bool {
        self.channel == Channel::Email && self.frequency != Frequency::AtOnce
    }
}
