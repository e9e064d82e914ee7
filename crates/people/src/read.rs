//! A light subscription, for its owner or an administrator, with its address masked (CH-59, CH-141).

use std::collections::HashMap;

use model::{
    Actor, KanaalName, Timestamp,
    addressee::{
        Addressee, AddresseeId, Attributes, Channel, FilterId, FilterText, Frequency, Language, Owner, State, StateKind,
    },
};

use people_filter::Dialects;

use crate::{Error, People};

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
    /// Its filter, if it has one that is known here.
    pub filter: Option<ShownFilter>,
    /// What filters of senders look at.
    pub attributes: Attributes,
    /// The language of messages.
    pub language: Language,
    /// How often mails come.
    pub frequency: Frequency,
    /// The client that owns it.
    pub owner: Option<String>,
    /// Its state.
    pub state: StateKind,
    /// Whether another address waits to be confirmed.
    pub is_changing: bool,
    /// When it was requested.
    pub created: Timestamp,
    /// When it was confirmed or ended; `None` for an unconfirmed one.
    pub changed: Option<Timestamp>,
}

/// A filter as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFilter {
    /// `sql` or `jmespath`.
    pub dialect: &'static str,
    /// The expression.
    pub expression: String,
}

impl ShownFilter {
    /// The filter of a stored text; `None` for a dialect that is not known here.
    pub fn new(text: &FilterText) -> Option<Self> {
        let (dialect, expression) = Dialects::split(text)?;
        Some(Self { dialect, expression: expression.to_owned() })
    }
}

/// The filters of kanalen that were read for a list.
pub(crate) type Filters = HashMap<KanaalName, Vec<(FilterId, FilterText)>>;

impl People {
    /// Shows a light subscription. To its owner an unconfirmed one does not exist: whether an id that was answered is that of
    /// a new addressee depends on what there was of the address (CH-52).
    ///
    /// # Errors
    /// `Unknown` also for one of another owner; `Storage`.
    pub async fn one(&self, actor: &Actor, id: AddresseeId) -> Result<Shown, Error> {
        let found = self.visible(actor, id).await?;
        self.shown(found, &mut Filters::default()).await
    }

    /// An addressee that an actor may see.
    pub(crate) async fn visible(&self, actor: &Actor, id: AddresseeId) -> Result<Addressee, Error> {
        let found = self.addressee(id).await?.ok_or(Error::Unknown)?;
        if Self::is_visible(actor, &found) { Ok(found) } else { Err(Error::Unknown) }
    }

    /// Whether an actor may see an addressee: its owner once it is confirmed, and administrators.
    pub(crate) fn is_visible(actor: &Actor, addressee: &Addressee) -> bool {
        let owns = matches!(&addressee.owner, Some(Owner::Applicatie(client)) if actor.client_id() == Some(client));
        actor.is_beheer() || (owns && addressee.state.kind() != StateKind::Unconfirmed)
    }

    pub(crate) async fn shown(&self, found: Addressee, filters: &mut Filters) -> Result<Shown, Error> {
        let address = match &found.address {
            Some(sealed) => Some(self.keys.open(sealed)?.masked()),
            None => None,
        };
        if found.filter.is_some() && !filters.contains_key(&found.kanaal) {
            filters.insert(found.kanaal.clone(), self.audience.filters(&found.kanaal, false).await?);
        }
        let of_kanaal = filters.get(&found.kanaal).into_iter().flatten();
        let filter = found.filter.and_then(|own| of_kanaal.clone().find(|(id, _)| *id == own));
        Ok(Shown {
            id: found.id,
            filter: filter.and_then(|(_, text)| ShownFilter::new(text)),
            kanaal: found.kanaal,
            channel: found.channel,
            address,
            language: found.language,
            frequency: found.frequency,
            attributes: found.attributes,
            owner: match found.owner {
                Some(Owner::Applicatie(client)) => Some(client),
                Some(Owner::Person { .. }) | None => None,
            },
            state: found.state.kind(),
            is_changing: matches!(found.state, State::Confirmed { change: Some(_), .. }),
            created: found.created,
            changed: match &found.state {
                State::Unconfirmed { .. } => None,
                State::Confirmed { confirmation, .. } => Some(confirmation.at),
                State::Ended { at, .. } => Some(*at),
            },
        })
    }
}
