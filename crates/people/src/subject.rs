//! What a link is about, for what is particular to a kanaal on its pages (CH-50). A link that may be a guess is about nothing: whether there
//! is such a subscription is not revealed (CH-49, CH-52).

use model::{
    KanaalName,
    addressee::{Addressee, Basis, Channel, Digest, State, UsedLink},
};

use crate::{Error, Link, People, code::digest_to_prove};

impl People {
    /// The kanaal and channel of the subscription of a link, void or not, to leave or undo, or to confirm with the right token; `None` for
    /// every other link.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn subject(&self, link: &Link) -> Result<Option<(KanaalName, Channel)>, Error> {
        let found = match link {
            Link::Confirm { id, .. } | Link::Leave { id } | Link::Undo { id, .. } => self.addressee(*id).await?,
            Link::Code { .. } | Link::Data { .. } => return Ok(None),
        };
        let is_authentic = match link {
            Link::Confirm { token, .. } => {
                let proof = |digest| self.keys.link_digest(digest, token);
                let own = proof(found.as_ref().map_or(Digest([0; 32]), |found| found.digest));
                let to_prove = proof(found.as_ref().map_or(Digest([0; 32]), digest_to_prove));
                found.as_ref().is_some_and(|found| is_token(found, &own, &to_prove))
            }
            Link::Leave { .. } | Link::Undo { .. } | Link::Code { .. } | Link::Data { .. } => true,
        };
        Ok(found.filter(|_| is_authentic).map(|found| (found.kanaal, found.channel)))
    }
}

/// Whether a token is the one that an addressee waits for, or was confirmed by, too late or not.
fn is_token(found: &Addressee, own: &Digest, to_prove: &Digest) -> bool {
    match &found.state {
        State::Unconfirmed { check, .. } => check.link.matches(to_prove),
        State::Confirmed { confirmation, change, .. } => {
            let waits = change.as_ref().is_some_and(|change| change.check.link.matches(to_prove));
            waits || matches!(&confirmation.by, Basis::Link(used) if *used == UsedLink::of(own))
        }
        State::Ended { .. } => false,
    }
}
