//! Mails of an address that were given up for a reason that may pass (CH-114). They are counted in its evidence, so nothing else is
//! stored, and a bounce that comes twice counts once.

use management::addressees::Bounced;
use model::addressee::{
    Addressee, State,
    bounce::{Threshold, is_soft_threshold_reached},
};

use crate::{Error, People, Returned};

impl People {
    /// Ends the addressees of an address with too many soft bounces. The bounce that led to this is in the evidence already, so that
    /// after an error the same mail has the same result when it comes again.
    pub(crate) async fn soft_bounced(&self, addressee: &Addressee) -> Result<Returned, Error> {
        // What was not confirmed since, or has ended, is not counted against the person who has the address now.
        let State::Confirmed { confirmation, .. } = &addressee.state else { return Ok(Returned::SoftBounce) };
        let evidence = self.evidence_of_address(addressee.digest).await?;
        let now = self.clock.now();
        if !is_soft_threshold_reached(evidence.iter(), self.soft_bounces, confirmation.at, now) {
            return Ok(Returned::SoftBounce);
        }
        let ended = self.addressees.hard_bounce(addressee.id, Threshold::unknown_address()).await;
        Ok(match ended.map_err(|error| Error::at(error, now))? {
            Bounced::Nothing | Bounced::Counted => Returned::SoftBounce,
            Bounced::Ended(number) => Returned::Undeliverable(number),
        })
    }
}
