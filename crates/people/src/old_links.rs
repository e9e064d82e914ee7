//! Links in messages that NotifyBC sent before its subscriptions were imported (CH-131): an id and a code of a few digits.
//!
//! The id of an imported addressee is made of both with a keyed digest, so nothing of them is stored, and a link with another code
//! finds nothing. Such a code can be guessed; whoever calls this bounds the requests of a source, and what a link opens can be
//! undone.

use std::fmt;

use message::digest::Purpose;
use model::addressee::{AddresseeId, EndReason, State};

use crate::{Error, People};

/// The longest id or code, in bytes.
const MAX: usize = 200;

/// The id and the code to unsubscribe of a subscription elsewhere; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct OldLink {
    id: String,
    code: String,
}

/// What a link of before was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldAct {
    /// To unsubscribe.
    Leave,
    /// To undo that.
    Undo,
}

impl OldLink {
    /// The link with this id and code; `None` for one that is empty or longer than 200 bytes.
    pub fn new(id: &str, code: &str) -> Option<Self> {
        let is_fit = |text: &str| (1..=MAX).contains(&text.len());
        (is_fit(id) && is_fit(code)).then(|| Self { id: id.to_owned(), code: code.to_owned() })
    }
}

impl fmt::Debug for OldLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OldLink(…)")
    }
}

impl People {
    /// The id of the addressee that was imported with this link.
    pub(crate) fn id_of_old_link(&self, link: &OldLink) -> AddresseeId {
        let digest = self.keys.digest.digest(Purpose::ImportedLink, &[link.id.as_bytes(), link.code.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
        AddresseeId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The URL of the page that takes the place of a link of before. It has buttons; nothing changes by opening it.
    ///
    /// # Errors
    /// `Unknown` for a link that is wrong, or that there is nothing to do for any more; `Storage`.
    pub async fn page_of_old_link(&self, link: &OldLink, act: OldAct) -> Result<String, Error> {
        let found = self.addressee(self.id_of_old_link(link)).await?.ok_or(Error::Unknown)?;
        match (act, &found.state) {
            (OldAct::Leave, _) => Ok(self.links.leave(found.id)),
            (OldAct::Undo, State::Ended { reason: EndReason::Unsubscribed { act, .. }, .. }) => {
                Ok(self.links.undo(found.id, *act))
            }
            (OldAct::Undo, _) => Err(Error::Unknown),
        }
    }

    /// The URL of the page of a link that is wrong or void.
    pub fn void_page(&self) -> String {
        self.links.void()
    }
}
