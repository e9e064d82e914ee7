//! The commands on one addressee. Whoever gives one has checked that it may be given: the unsubscribe token, the owner, or a
//! right.

use std::time::Duration;

use super::{ActId, Attributes, Check, Digest, Frequency, LeftBy};
use crate::{Timestamp, sealed::Sealed};

/// A command on an addressee that exists. To make one, see [`super::subscribe`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Confirm the address (CH-45 to CH-49), or the new address if one waits for it (CH-51).
    Confirm(Proof),
    /// Replace code and link by new ones (CH-45, CH-46).
    RequestCode(Check),
    /// Leave (CH-56 to CH-60).
    Leave {
        /// The act, new and random; the same for all that are left together.
        act: ActId,
        /// The way.
        by: LeftBy,
        /// Until when it can be undone; by default 30 days later.
        undo_until: Timestamp,
    },
    /// Restore what an act ended (CH-62).
    Undo(ActId),
    /// Use another address once it is confirmed (CH-51).
    ChangeAddress(NewAddress),
    /// Send mails about events this often (CH-101).
    ChangeFrequency(Frequency),
    /// Replace what the filters of senders look at (CH-72).
    ChangeAttributes(Attributes),
    /// Send a link to the page of the person's data to the address (CH-65). Links in messages do not open that page themselves,
    /// because people pass messages on.
    RequestDataLink,
    /// The person complained (CH-116).
    Complaint,
    /// Remove address, attributes and codes (CH-135).
    Erase,
    /// End it if it was not confirmed in time, or its own end has come.
    Expire {
        /// How long an addressee may stay unconfirmed; 7 days by default (CH-136).
        unconfirmed: Duration,
    },
}

/// What proves that somebody reads the mail at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The digest of the code that was entered.
    Code(Digest),
    /// The digest of the token in the link that was used.
    Link(Digest),
}

/// A new address of an addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAddress {
    /// Its keyed digest.
    pub digest: Digest,
    /// The address, sealed.
    pub address: Sealed,
    /// Code and link to confirm it.
    pub check: Check,
}
