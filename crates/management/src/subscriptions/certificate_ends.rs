//! When the certificates end that are used towards the receiver of a subscription.

use model::{Actor, SubscriptionId};

use crate::{CertificateEnds, Error, Management};

impl Management {
    /// The ends of the certificates, as far as this node knows them. Sends nothing to the receiver.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn certificate_ends(&self, actor: &Actor, id: SubscriptionId) -> Result<CertificateEnds, Error> {
        let subscription = self.visible_subscription(actor, id)?;
        Ok(self.receivers.certificate_ends(&subscription).await)
    }
}
