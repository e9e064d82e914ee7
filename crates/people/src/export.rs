//! What is stored of a person, to be given to that person (CH-65, CH-137), with the address in clear text. Codes and tokens are not
//! in it, only that there are some (CH-44).

use model::{
    Actor, KanaalName, Timestamp,
    addressee::{
        Addressee, AddresseeId, Basis, Confirmation, EndReason, Evidence, Frequency, Language, Owner, State, StateKind,
    },
    sealed::Sealed,
};
use storage::audience::EvidencePage;

use crate::{Error, Link, People, ShownFilter, data::since};

/// Rows of evidence that are read at once.
const STEP: u32 = 1_000;
/// Most notifications in an export.
const MAX_NOTIFICATIONS: usize = 100_000;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// When it was read.
    pub at: Timestamp,
    /// The light subscriptions.
    pub subscriptions: Vec<Exported>,
    /// What is known of each notification, in the order in which they became known; at most 100,000.
    pub notifications: Vec<Evidence>,
    /// Whether there are more notifications.
    pub is_truncated: bool,
}

/// A light subscription, as exported.
#[derive(Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its identity.
    pub id: AddresseeId,
    /// The kanaal.
    pub kanaal: KanaalName,
    /// The address.
    pub address: Option<String>,
    /// The address that waits to be confirmed.
    pub new_address: Option<String>,
    /// Its filter, if it has one that is known here.
    pub filter: Option<ShownFilter>,
    /// The attributes, a JSON object as text; empty when there are none.
    pub attributes: String,
    /// The language of messages.
    pub language: Language,
    /// How often mails come.
    pub frequency: Frequency,
    /// The client that owns it.
    pub owner: Option<String>,
    /// Its state.
    pub state: StateKind,
    /// Since when.
    pub since: Timestamp,
    /// What it was confirmed by; of one that the person left, before that.
    pub confirmation: Option<ExportedConfirmation>,
    /// Why it ended, as a word.
    pub end: Option<&'static str>,
    /// When it was requested.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// The moments of hard bounces that count.
    pub bounces: Vec<Timestamp>,
}

/// What a subscription was confirmed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedConfirmation {
    /// `code`, `link`, `client`, `source`, `import` or `inbox`.
    pub by: &'static str,
    /// When.
    pub at: Timestamp,
    /// The source that verified the address.
    pub source: Option<String>,
    /// When it did.
    pub verified: Option<Timestamp>,
}

impl From<&Confirmation> for ExportedConfirmation {
    fn from(own: &Confirmation) -> Self {
        let (source, verified) = match &own.by {
            Basis::Source { name, verified } => (Some(name.clone()), *verified),
            Basis::Code | Basis::Link(_) | Basis::Client { .. } | Basis::Import | Basis::Inbox => (None, None),
        };
        Self { by: own.by.label(), at: own.at, source, verified }
    }
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exported({})", self.id)
    }
}

impl People {
    /// Exports everything of the address of a link to data.
    ///
    /// # Errors
    /// `Unknown` for a link that is void or to something else; `Storage`, `Keys`.
    pub async fn export_by_link(&self, link: &Link) -> Result<Export, Error> {
        let found = self.data_of(link).await?;
        self.export_of_address(&found).await
    }

    /// Exports for a client: to the owner this subscription, since others of the address are not its own; to an administrator
    /// everything of the address.
    ///
    /// # Errors
    /// `Unknown` for one of another owner, and to an owner for one that is not confirmed; `Storage`, `Keys`.
    pub async fn export(&self, actor: &Actor, id: AddresseeId) -> Result<Export, Error> {
        let found = self.visible(actor, id).await?;
        if actor.is_beheer() {
            return self.export_of_address(&found).await;
        }
        let (notifications, is_truncated) =
            self.notifications(&found, |evidence| evidence.addressee == Some(found.id)).await?;
        Ok(Export {
            at: self.clock.now(),
            subscriptions: vec![self.exported(found).await?],
            notifications,
            is_truncated,
        })
    }

    async fn export_of_address(&self, found: &Addressee) -> Result<Export, Error> {
        let mut subscriptions = Vec::new();
        for other in self.audience.of_address(found.digest).await? {
            subscriptions.push(self.exported(other.addressee).await?);
        }
        let (notifications, is_truncated) = self.notifications(found, |_| true).await?;
        Ok(Export { at: self.clock.now(), subscriptions, notifications, is_truncated })
    }

    /// The evidence about an address that is wanted, and whether there is more.
    async fn notifications(
        &self,
        of: &Addressee,
        is_wanted: impl Fn(&Evidence) -> bool,
    ) -> Result<(Vec<Evidence>, bool), Error> {
        let (mut found, mut offset) = (Vec::new(), 0);
        loop {
            let page = self.audience.evidence(of.digest, EvidencePage { offset, limit: STEP }).await?;
            let is_last = page.len() < STEP as usize;
            offset += page.len() as u64;
            found.extend(page.into_iter().filter(&is_wanted));
            if found.len() > MAX_NOTIFICATIONS {
                found.truncate(MAX_NOTIFICATIONS);
                return Ok((found, true));
            }
            if is_last {
                return Ok((found, false));
            }
        }
    }

    async fn exported(&self, found: Addressee) -> Result<Exported, Error> {
        let open = |sealed: &Sealed| self.keys.open(sealed).map(|address| address.expose().to_owned());
        let address = found.address.as_ref().map(open).transpose()?;
        let new_address = match &found.state {
            State::Confirmed { change: Some(change), .. } => Some(open(&change.address)?),
            State::Unconfirmed { .. } | State::Confirmed { .. } | State::Ended { .. } => None,
        };
        let filter = match found.filter {
            Some(own) => self.audience.filters(&found.kanaal, false).await?.into_iter().find(|(id, _)| *id == own),
            None => None,
        };
        Ok(Exported {
            id: found.id,
            address,
            new_address,
            filter: filter.and_then(|(_, text)| ShownFilter::new(&text)),
            attributes: found.attributes.as_str().to_owned(),
            language: found.language,
            frequency: found.frequency,
            state: found.state.kind(),
            since: since(&found),
            confirmation: match &found.state {
                State::Confirmed { confirmation, .. } => Some(confirmation.into()),
                State::Ended { reason: EndReason::Unsubscribed { was, .. }, .. } => Some(was.into()),
                State::Unconfirmed { .. } | State::Ended { .. } => None,
            },
            end: match &found.state {
                State::Ended { reason, .. } => Some(reason.label()),
                State::Unconfirmed { .. } | State::Confirmed { .. } => None,
            },
            bounces: match &found.state {
                State::Confirmed { bounces, .. } => bounces.moments().to_vec(),
                State::Unconfirmed { .. } | State::Ended { .. } => Vec::new(),
            },
            kanaal: found.kanaal,
            owner: match found.owner {
                Some(Owner::Applicatie(client)) => Some(client),
                Some(Owner::Person { .. }) | None => None,
            },
            created: found.created,
            expires: found.expires,
        })
    }
}
