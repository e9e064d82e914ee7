//! The page of what is stored of a person, and the link to it. Links under messages do not open it: messages are passed on. The
//! button behind one sends a link that does, to the address (CH-65).

use std::time::Duration;

use model::{
    KanaalName, Timestamp,
    addressee::{Addressee, AddresseeId, Channel, Frequency, State, StateKind},
};
use storage::audience::OutgoingId;

use crate::{Error, Link, OwnerAttribute, People, owner_attribute};

/// How long a link to the data of a person works.
pub const LINK_VALID: Duration = Duration::from_hours(24);

/// What is stored of a person, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// The kanaal of the link, whose address can be changed on this page.
    pub kanaal: KanaalName,
    /// The address, masked.
    pub address: String,
    /// Whether it is a number.
    pub is_number: bool,
    /// Whether it can be changed.
    pub can_change: bool,
    /// Whether another address waits to be confirmed.
    pub is_changing: bool,
    /// How often mails come.
    pub frequency: Frequency,
    /// The attributes that the person may change; none where the subscription cannot be changed.
    pub attributes: Vec<ShownAttribute>,
    /// All light subscriptions of the address, by kanaal.
    pub rows: Vec<OverviewRow>,
}

/// An attribute that the person may change, with what it is now.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownAttribute {
    /// The attribute.
    pub attribute: OwnerAttribute,
    /// Its value, as it can be typed again; empty when there is none.
    pub value: String,
}

impl std::fmt::Debug for ShownAttribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShownAttribute({})", self.attribute.name)
    }
}

/// A light subscription in an overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewRow {
    /// The kanaal.
    pub kanaal: KanaalName,
    /// Its state.
    pub state: StateKind,
    /// When it was requested, confirmed or ended.
    pub since: Timestamp,
    /// The URL of its own page, which is valid as long as this one; `None` for the subscription of this page and for those
    /// whose address cannot be changed.
    pub page: Option<String>,
}

impl People {
    /// Makes a message due that has the link to the data of the person (CH-65). Nothing of them is shown here.
    ///
    /// # Errors
    /// `Unknown` for a link to something else and for an addressee that is not confirmed; `TooManyRequests`, `Busy`, `Storage`.
    pub async fn request_data_link(&self, link: &Link) -> Result<AddresseeId, Error> {
        let Link::Leave { id } = link else { return Err(Error::Unknown) };
        let outgoing = OutgoingId(self.random.uuid());
        let requested = self.addressees.request_data_link(*id, outgoing).await;
        requested.map_err(|error| Error::at(error, self.clock.now()))?;
        Ok(*id)
    }

    /// The addressee of a link to data that works now.
    pub(crate) async fn data_of(&self, link: &Link) -> Result<Addressee, Error> {
        let Link::Data { id, generation, until } = link else { return Err(Error::Unknown) };
        let found = self.addressee(*id).await?.ok_or(Error::Unknown)?;
        let is_valid = self.clock.now() < *until && found.generation == *generation && found.address.is_some();
        if is_valid { Ok(found) } else { Err(Error::Unknown) }
    }

    /// What a link to data shows.
    pub(crate) async fn overview(&self, link: &Link) -> Result<Overview, Error> {
        let found = self.data_of(link).await?;
        let Link::Data { until, .. } = link else { return Err(Error::Unknown) };
        let address = found.address.as_ref().ok_or(Error::Unknown)?;
        let address = self.keys.open(address)?.masked();
        let mut rows = Vec::new();
        for other in self.audience.of_address(found.digest).await? {
            let other = other.addressee;
            if other.channel != found.channel || other.address.is_none() {
                continue;
            }
            let can_change = other.state.kind() == StateKind::Confirmed;
            rows.push(OverviewRow {
                page: (can_change && other.id != found.id).then(|| self.links.data(other.id, other.generation, *until)),
                state: other.state.kind(),
                since: since(&other),
                kanaal: other.kanaal,
            });
        }
        rows.sort_by(|one, other| (&one.kanaal, one.since).cmp(&(&other.kanaal, other.since)));
        let is_changing = matches!(found.state, State::Confirmed { change: Some(_), .. });
        let can_change = found.state.kind() == StateKind::Confirmed;
        let present = owner_attribute::object(&found.attributes);
        let own = self.owner_attributes.iter().filter(|_| can_change);
        let shown = |own: &OwnerAttribute| ShownAttribute {
            value: owner_attribute::typed(&present, &own.name),
            attribute: own.clone(),
        };
        let attributes = own.map(shown).collect();
        let is_number = found.channel == Channel::Sms;
        let (kanaal, frequency) = (found.kanaal, found.frequency);
        Ok(Overview { kanaal, address, is_number, can_change, is_changing, frequency, attributes, rows })
    }
}

/// When the present state began.
pub(crate) fn since(addressee: &Addressee) -> Timestamp {
    match &addressee.state {
        State::Unconfirmed { since, .. } => *since,
        State::Confirmed { confirmation, .. } => confirmation.at,
        State::Ended { at, .. } => *at,
    }
}
