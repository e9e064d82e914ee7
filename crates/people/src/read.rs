//! One light subscription, for its owner or an administrator, with its address masked (CH-59, CH-141).

use model::{
    Actor, KanaalName, Timestamp,
    addressee::{AddresseeId, Channel, Language, Owner, State, StateKind},
};

use crate::{Error, People, filter};

/// A light subscription as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its identity.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The channel.
    pub channel: Channel,
    /// The address, masked; `None` when it was erased.
    pub address: Option<String>,
    /// The expression of its filter, if it has one and is confirmed.
    pub filter: Option<String>,
    /// The language of messages.
    pub language: Language,
    /// The client that owns it.
    pub owner: Option<String>,
    /// Its state.
    pub state: StateKind,
    /// When it was requested.
    pub created: Timestamp,
    /// When it was confirmed or ended; `None` for an unconfirmed one.
    pub changed: Option<Timestamp>,
}

impl People {
    /// Shows a light subscription. To its owner an unconfirmed one does not exist: whether an id that was answered is that of
    /// a new addressee depends on what there was of the address (CH-52).
    ///
    /// # Errors
    /// `Unknown` also for one of another owner; `Storage`.
    pub async fn one(&self, actor: &Actor, id: AddresseeId) -> Result<Shown, Error> {
        let found = self.audience.get(id).await?.ok_or(Error::Unknown)?.addressee;
        let owns = matches!(&found.owner, Some(Owner::Applicatie(client)) if actor.client_id() == Some(client));
        let is_visible = actor.is_beheer() || (owns && found.state.kind() != StateKind::Unconfirmed);
        if !is_visible {
            return Err(Error::Unknown);
        }
        let address = match &found.address {
            Some(sealed) => Some(self.keys.open(sealed)?.masked()),
            None => None,
        };
        let filter = match found.filter {
            Some(own) => self.audience.filters(&found.kanaal).await?.into_iter().find(|(id, _)| *id == own),
            None => None,
        };
        Ok(Shown {
            id: found.id,
            kanaal: found.kanaal,
            channel: found.channel,
            address,
            filter: filter.and_then(|(_, text)| filter::expression(&text).map(str::to_owned)),
            language: found.language,
            owner: match found.owner {
                Some(Owner::Applicatie(client)) => Some(client),
                Some(Owner::Person { .. }) | None => None,
            },
            state: found.state.kind(),
            created: found.created,
            changed: match &found.state {
                State::Unconfirmed { .. } => None,
                State::Confirmed { confirmation, .. } => Some(confirmation.at),
                State::Ended { at, .. } => Some(*at),
            },
        })
    }
}
