//! The states of an addressee. Only a confirmed one gets messages (I9), except that one who left gets what must be sent (CH-21). Which
//! state follows is decided elsewhere.

use uuid::Uuid;

use super::{AddresseeId, Check, Digest, HardBounces, UsedLink};
use crate::{Timestamp, sealed::Sealed};

/// One act of leaving: all addressees that it ended carry it, and its undo restores exactly those (CH-62).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId(pub Uuid);

/// Whether an addressee may get anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The address is not confirmed; only the confirmation is sent to it (CH-41).
    Unconfirmed {
        /// When the newest code was requested.
        since: Timestamp,
        /// The newest code and link.
        check: Check,
    },
    /// Messages may be sent.
    Confirmed {
        /// Since when, and why.
        confirmation: Confirmation,
        /// An address that shall take the place of this one and is not confirmed yet (CH-51).
        change: Option<Box<AddressChange>>,
        /// Hard bounces that count against it.
        bounces: HardBounces,
    },
    /// It ended. Only an undo leads out of here.
    Ended {
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

/// When and on what basis an addressee was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// When.
    pub at: Timestamp,
    /// The basis.
    pub by: Basis,
}

/// The basis of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The code was entered.
    Code,
    /// The button behind the link was pressed.
    Link(UsedLink),
    /// A client with the right to do so made it confirmed, and named the agreement (CH-42).
    Client {
        /// The agreement and where it is filed.
        agreement: String,
    },
    /// A source verified the address (CH-54).
    Source {
        /// The source, as configured.
        name: String,
        /// When it verified the address; `None` where that was not stored.
        verified: Option<Timestamp>,
    },
    /// It came confirmed from another system (CH-130).
    Import,
    /// It is an inbox: there is no address to confirm.
    Inbox,
}

impl Basis {
    /// The word for it in exports.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Link(_) => "link",
            Self::Client { .. } => "client",
            Self::Source { .. } => "source",
            Self::Import => "import",
            Self::Inbox => "inbox",
        }
    }
}

/// An address that is to replace the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressChange {
    /// The keyed digest of the new address.
    pub digest: Digest,
    /// The new address, sealed.
    pub address: Sealed,
    /// The newest code and link for it.
    pub check: Check,
}

/// Why an addressee ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndReason {
    /// The person left (CH-56 to CH-60).
    Unsubscribed {
        /// The act.
        act: ActId,
        /// The way.
        by: LeftBy,
        /// What an undo restores.
        was: Confirmation,
        /// Until when the act can be undone (CH-62).
        undo_until: Timestamp,
    },
    /// Too many hard bounces (CH-113).
    Undeliverable,
    /// The person complained to the mail provider (CH-116).
    Complaint,
    /// It expired, or was not confirmed in time.
    Expired,
    /// Another one of the same address was confirmed and replaced it (CH-52).
    Replaced {
        /// That one.
        by: AddresseeId,
    },
    /// It was erased: address, attributes and codes are gone (CH-135).
    Erased,
}

impl EndReason {
    /// The word for it in APIs.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::Undeliverable => "undeliverable",
            Self::Complaint => "complaint",
            Self::Expired => "expired",
            Self::Replaced { .. } => "replaced",
            Self::Erased => "erased",
        }
    }
}

/// The way in which a person left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftBy {
    /// The one-click request of a mail program (RFC 8058, CH-56).
    OneClick,
    /// The button of the page (CH-57).
    Page,
    /// A mail to the unsubscribe address (CH-63).
    Mail,
    /// A keyword in an SMS (CH-40).
    Keyword,
    /// The authenticated owner (CH-59).
    Owner,
    /// A client of the gateway.
    Client,
}

impl LeftBy {
    /// All, in the order above.
    pub const ALL: [Self; 6] = [Self::OneClick, Self::Page, Self::Mail, Self::Keyword, Self::Owner, Self::Client];
}

/// A state without its data, for counts and selections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    /// See [`State::Unconfirmed`].
    Unconfirmed,
    /// See [`State::Confirmed`].
    Confirmed,
    /// See [`State::Ended`].
    Ended,
}

impl StateKind {
    /// The word for it in APIs and metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unconfirmed => "unconfirmed",
            Self::Confirmed => "confirmed",
            Self::Ended => "ended",
        }
    }
}

impl State {
    /// The state without its data.
    pub const fn kind(&self) -> StateKind {
        match self {
            Self::Unconfirmed { .. } => StateKind::Unconfirmed,
            Self::Confirmed { .. } => StateKind::Confirmed,
            Self::Ended { .. } => StateKind::Ended,
        }
    }

    /// Confirmed just now.
    pub fn confirmed(at: Timestamp, by: Basis) -> Self {
        Self::Confirmed { confirmation: Confirmation { at, by }, change: None, bounces: HardBounces::default() }
    }
}
