//! Light subscriptions that come confirmed from another system, in clear text (CH-130). Reading files is elsewhere.

use management::addressees::ImportRequest;
pub use management::addressees::Imported;
use message::address::Address;
use model::{
    KanaalName, Timestamp,
    addressee::{AddresseeId, Attributes, Channel, FilterText, Language},
};

use crate::{Error, OldLink, People};

/// A subscription that was confirmed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    /// The address or number.
    pub address: Address,
    /// The kanaal; the caller has checked that it is there.
    pub kanaal: KanaalName,
    /// Which events; every one of the kanaal when it is `None`.
    pub filter: Option<FilterText>,
    /// What is known of the subscriber.
    pub attributes: Attributes,
    /// The language of messages.
    pub language: Language,
    /// The moment of consent, as the other system recorded it.
    pub confirmed: Timestamp,
    /// The id and code of the links that the other system sent.
    pub old: Option<OldLink>,
}

impl People {
    /// Stores subscriptions that were confirmed elsewhere, all in one write; with `dry_run` it only decides. Returns what becomes of
    /// each, in their order. Nothing is sent, and the same again changes nothing.
    ///
    /// # Errors
    /// `Busy`, `Storage`, `Keys`; nothing is stored then.
    pub async fn import(&self, lines: Vec<ImportLine>, dry_run: bool) -> Result<Vec<Imported>, Error> {
        let mut requests = Vec::with_capacity(lines.len());
        for line in lines {
            let filter = match line.filter {
                Some(text) if !dry_run => Some(self.audience.filter_id(text).await?),
                Some(_) | None => None,
            };
            requests.push(ImportRequest {
                id: line.old.map_or_else(|| AddresseeId(self.random.uuid()), |old| self.id_of_old_link(&old)),
                kanaal: line.kanaal,
                channel: match &line.address {
                    Address::Email(_) => Channel::Email,
                    Address::Phone(_) => Channel::Sms,
                },
                digest: self.keys.digest_of_address(&line.address),
                address: self.keys.seal(&line.address)?,
                attributes: line.attributes,
                filter,
                language: line.language,
                confirmed: line.confirmed,
            });
        }
        let imported = self.addressees.import(&requests, dry_run).await;
        imported.map_err(|error| Error::at(error, self.clock.now()))
    }
}
