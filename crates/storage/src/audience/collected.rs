//! Events that are collected for one mail to an addressee (CH-101). The mail is a due message, of which there is one for each
//! addressee; the events wait beside it.

use model::{
    addressee::Evidence,
    mailing::{MailingId, MailingStart},
};

use super::{Outgoing, OutgoingId};

/// The most events that [`super::super::Audience::collected`] returns, and so the most in a mail.
pub const MAX_COLLECTED: u32 = 100;

/// An event that waits for the mail of an addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The mailing that it came from.
    pub mailing: MailingId,
    /// The event, and where it is on the log.
    pub start: MailingStart,
    /// Whether that mailing was stopped: then it is sent to nobody any more.
    pub is_stopped: bool,
}

/// The end of a mail with events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedEnd {
    /// The mail.
    pub id: OutgoingId,
    /// The events that were in it, or are left out.
    pub mailings: Vec<MailingId>,
    /// How each of them ended.
    pub evidence: Vec<Evidence>,
    /// The mail with those that wait behind them, if there are any.
    pub next: Outgoing,
}
