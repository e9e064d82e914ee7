//! What a link does when its button is pressed: confirm, leave, undo. Opening the link does nothing of this (CH-48, CH-57).

use management::addressees::{Authority, Leaving};
use model::{
    Actor,
    addressee::{ActId, AddresseeId, Digest, LeftBy, Proof, leave::Kanalen},
};
use storage::audience::OutgoingId;

use crate::{Error, Link, Page, People, code::digest_to_prove};

/// What a request asks of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The button of a link to confirm.
    Confirm,
    /// The button of a link to leave: this kanaal.
    Leave,
    /// The other button there and on the page of a person's data: all kanalen of the address (CH-60).
    LeaveAll,
    /// The one-click request of a mail program (RFC 8058, CH-56).
    OneClick,
    /// The button of a link to undo.
    Undo,
}

impl People {
    /// Does what a request asks of its link. Returns whether something changed; again is success without effect (CH-48,
    /// CH-56), except for an undo (CH-62).
    ///
    /// # Errors
    /// `Unknown` for a link that is wrong or void, and for an act that the link is not for; `Busy`, `Storage`.
    pub async fn act(&self, link: &Link, act: Act) -> Result<bool, Error> {
        let at = |error| Error::at(error, self.clock.now());
        if let Link::Data { .. } = link {
            self.data_of(link).await?;
        }
        match (link, act) {
            (Link::Confirm { id, token }, Act::Confirm) => {
                if matches!(self.page(link).await, Ok(Page::Confirmed { .. })) {
                    return Ok(false);
                }
                let found = self.addressee(*id).await?;
                let digest = found.as_ref().map_or(Digest([0; 32]), digest_to_prove);
                let proof = Proof::Link(self.keys.link_digest(digest, token));
                self.confirm(&found.ok_or(Error::Unknown)?, proof).await?;
                Ok(true)
            }
            (Link::Leave { id }, Act::Leave) => self.leave(*id, LeftBy::Page, None).await,
            (Link::Leave { id } | Link::Data { id, .. }, Act::LeaveAll) => {
                self.leave(*id, LeftBy::Page, Some(Kanalen::All)).await
            }
            (Link::Leave { id }, Act::OneClick) => self.leave(*id, LeftBy::OneClick, None).await,
            (Link::Undo { id, act }, Act::Undo) => {
                self.addressees.undo(Authority::Token, *id, *act).await.map_err(at)?;
                Ok(true)
            }
            _ => Err(Error::Unknown),
        }
    }

    /// Ends a light subscription for its owner or an administrator (CH-59).
    ///
    /// # Errors
    /// `Unknown` for one that is not confirmed, or of another owner; `Busy`, `Storage`.
    pub async fn end(&self, actor: &Actor, id: AddresseeId) -> Result<(), Error> {
        let by = if actor.is_beheer() { Authority::Token } else { Authority::Owner(actor) };
        self.leave_by(by, id, LeftBy::Client, None).await.map(drop)
    }

    pub(crate) async fn leave(&self, id: AddresseeId, by: LeftBy, others: Option<Kanalen>) -> Result<bool, Error> {
        self.leave_by(Authority::Token, id, by, others).await
    }

    async fn leave_by(
        &self,
        authority: Authority<'_>,
        id: AddresseeId,
        by: LeftBy,
        others: Option<Kanalen>,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let (act, outgoing) = (ActId(self.random.uuid()), OutgoingId(self.random.uuid()));
        let leaving = Leaving { act, by, undo_until: now + self.settings.undo, outgoing, others };
        let due = self.addressees.leave(authority, id, &leaving).await.map_err(|error| Error::at(error, now))?;
        Ok(due.is_some())
    }
}
