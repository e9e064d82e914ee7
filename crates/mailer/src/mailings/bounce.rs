//! An address that the provider refused as one that does not exist: its light subscriptions by this channel end (CH-110, CH-113).

use model::addressee::{
    Channel, Digest,
    bounce::{Threshold, hard},
};
use storage::audience::{Error, Put};

use super::MailingParts;

/// How often it is decided again after another change came first.
const TRIES: u32 = 5;

/// Ends the addressees of an address. An error is logged: the next mailing tries the address again.
pub(super) async fn address_failed(parts: &MailingParts, digest: Digest, channel: Channel) {
    for _ in 0..TRIES {
        match end(parts, digest, channel).await {
            Err(Error::Conflict(_)) => {}
            Err(error) => {
                tracing::warn!(%error, "an address that does not exist stays subscribed for now");
                return;
            }
            Ok(()) => return,
        }
    }
}

async fn end(parts: &MailingParts, digest: Digest, channel: Channel) -> Result<(), Error> {
    let stored = parts.audience.of_address(digest).await?;
    let all: Vec<_> = stored.iter().map(|one| one.addressee.clone()).collect();
    let changed = hard(&all, (digest, channel), Threshold::unknown_address(), parts.clock.now());
    let put = |addressee: model::addressee::Addressee| {
        stored.iter().find(|one| one.addressee.id == addressee.id).map(|one| one.change(addressee))
    };
    let puts: Vec<Put> = changed.into_iter().filter_map(put).collect();
    if puts.is_empty() { Ok(()) } else { parts.audience.put(puts).await }
}
