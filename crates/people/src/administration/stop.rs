//! Stopping a mailing (CH-94), also before the moment of its event (CH-98).

use std::time::Duration;

use async_trait::async_trait;
use model::{
    Timestamp,
    addressee::Channel,
    event::AcceptedEvent,
    mailing::{MailingId, MailingStart},
};
use storage::mailings::Replacement;

use super::{Administration, EventReplace, MailingCancel};
use crate::Error;

/// How often it is looked whether a stopped mailing has ended, and for how long.
const LOOK: (Duration, u32) = (Duration::from_millis(50), 200);

/// Port: the mailings of this process.
#[async_trait]
pub trait Running: Send + Sync {
    /// Stops one for good; returns whether it goes on here.
    fn stop(&self, id: MailingId) -> bool;

    /// The moment of its event, if it waits for it here (CH-97).
    fn due(&self, id: MailingId) -> Option<Timestamp>;

    /// Whether messages are sent by this channel.
    fn sends(&self, channel: Channel) -> bool;

    /// The event of a mailing; `None` when it is not on its log any more.
    ///
    /// # Errors
    /// The log cannot be read.
    async fn event(&self, start: &MailingStart) -> Result<Option<AcceptedEvent>, storage::Error>;

    /// Cancels mailings that wait for the moment of their event: all of them or, without an error, none. Durable on return.
    ///
    /// # Errors
    /// It is not stored, or not of all.
    async fn cancel(&self, ids: Vec<MailingId>) -> Result<MailingCancel, storage::Error>;

    /// Replaces an event whose mailings wait for its moment. Durable on return.
    ///
    /// # Errors
    /// It is not stored, or that is not known.
    async fn replace(&self, replacement: Replacement) -> Result<EventReplace, storage::Error>;

    /// How a kanaal sends was changed in the store. When this returns, no message is started any more that waits by it.
    async fn sending_changed(&self);

    /// A resend was stored: it starts when there is room.
    fn resend_stored(&self);
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailingStop {
    /// It has ended, and nothing more is sent.
    Ended,
    /// It is stopped; the replies to what was being sent are still awaited.
    Ending,
    /// It had ended before.
    HadEnded,
    /// It does not go on in this process: its channel is not configured, or another node has it.
    NotHere,
    /// There is no such mailing, or no trace of it any more.
    Unknown,
}

impl Administration {
    /// Stops a mailing: who was not sent to yet gets nothing. Returns when it has ended, or after ten seconds.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn stop_mailing(&self, id: MailingId) -> Result<MailingStop, Error> {
        if self.mailings.progress(id).await?.is_none() {
            let had_ended = self.mailings.ended_one(id).await?.is_some();
            return Ok(if had_ended { MailingStop::HadEnded } else { MailingStop::Unknown });
        }
        if !self.running.as_ref().is_some_and(|running| running.stop(id)) {
            return Ok(MailingStop::NotHere);
        }
        for _ in 0..LOOK.1 {
            if self.mailings.progress(id).await?.is_none() {
                return Ok(MailingStop::Ended);
            }
            tokio::time::sleep(LOOK.0).await;
        }
        Ok(MailingStop::Ending)
    }
}
