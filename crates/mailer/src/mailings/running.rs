//! What administrators do to mailings of this process: stop one, and have one sent again.

use async_trait::async_trait;
use event_reader::read_one;
use model::{
    Timestamp,
    addressee::Channel,
    event::AcceptedEvent,
    mailing::{MailingId, MailingStart},
};
use people::administration::{EventReplace, MailingCancel, Running};
use storage::mailings::Replacement;

use super::{MailingParts, cancel};

#[async_trait]
impl Running for MailingParts {
    fn stop(&self, id: MailingId) -> bool {
        self.stops.stop(id)
    }

    fn due(&self, id: MailingId) -> Option<Timestamp> {
        self.stops.due(id)
    }

    fn sends(&self, channel: Channel) -> bool {
        self.outlet(channel).is_some()
    }

    async fn event(&self, start: &MailingStart) -> Result<Option<AcceptedEvent>, storage::Error> {
        let found = read_one(self.log.as_ref(), &start.event.kanaal, start.partition, start.position).await?;
        Ok(found.map(|stored| stored.accepted))
    }

    async fn cancel(&self, ids: Vec<MailingId>) -> Result<MailingCancel, storage::Error> {
        cancel::all(self, ids).await
    }

    async fn replace(&self, replacement: Replacement) -> Result<EventReplace, storage::Error> {
        cancel::replace(self, replacement).await
    }

    async fn sending_changed(&self) {
        // It is durable, and read with the next look for kanalen.
        if let Err(error) = self.sendings.refresh(self.mailings.as_ref()).await {
            tracing::warn!(%error, "how a kanaal sends cannot be read; this is retried");
        }
    }

    fn resend_stored(&self) {
        self.resends.stored();
    }
}
