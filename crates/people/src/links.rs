//! The links in messages to people: `/a/{token}`, where the token names an addressee and what its page does. It contains no
//! personal data and does not open a page.
//!
//! A link to confirm has the random token that proves the address. The others have an authentication code of 128 bits instead.
//! The one to leave has no end in time (CH-55); the one to the data of a person has, and is void once the address is another one,
//! because messages with links are passed on (CH-65).

use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use message::{code::LinkToken, digest::Purpose};
use model::{
    Timestamp,
    addressee::{ActId, AddresseeId},
};
use uuid::Uuid;

use crate::Keys;

/// The characters of 128 bits in base64url without padding.
const CHARACTERS: usize = 22;

/// What a link is for. Whether the token of `Confirm` is right is not known yet; the others are authentic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Confirm an address.
    Confirm {
        /// The addressee.
        id: AddresseeId,
        /// The token that proves the address.
        token: LinkToken,
    },
    /// Leave.
    Leave {
        /// The addressee.
        id: AddresseeId,
    },
    /// Undo an act of leaving.
    Undo {
        /// An addressee that the act ended.
        id: AddresseeId,
        /// The act.
        act: ActId,
    },
    /// Enter the code of a message. The link is answered to a request to subscribe, whether or not there is such an addressee.
    Code {
        /// The id that was answered.
        id: AddresseeId,
    },
    /// See, export, change and erase what is stored of a person.
    Data {
        /// An addressee of the person.
        id: AddresseeId,
        /// The generation of the address that the link was sent to.
        generation: u32,
        /// When the link ends, in whole seconds.
        until: Timestamp,
    },
}

/// Makes and reads links; cheap to clone.
#[derive(Clone)]
pub struct Links {
    base: Arc<str>,
    keys: Arc<Keys>,
}

impl Links {
    /// Links to pages at this address: scheme and host, and a path if there is one.
    pub fn new(base: &str, keys: Arc<Keys>) -> Self {
        Self { base: base.trim_end_matches('/').into(), keys }
    }

    /// The URL that confirms an address.
    pub fn confirm(&self, id: AddresseeId, token: &LinkToken) -> String {
        format!("{}/a/c{}{}", self.base, encode(id.0), token.expose())
    }

    /// The URL that ends an addressee.
    pub fn leave(&self, id: AddresseeId) -> String {
        format!("{}/a/l{}{}", self.base, encode(id.0), self.tag(Purpose::LeaveLink, &[id.0]))
    }

    /// The URL that undoes an act.
    pub fn undo(&self, id: AddresseeId, act: ActId) -> String {
        let ids = [id.0, act.0];
        format!("{}/a/u{}{}{}", self.base, encode(id.0), encode(act.0), self.tag(Purpose::UndoLink, &ids))
    }

    /// The URL of the page that takes the code.
    pub fn code(&self, id: AddresseeId) -> String {
        format!("{}/a/k{}{}", self.base, encode(id.0), self.tag(Purpose::CodeLink, &[id.0]))
    }

    /// The URL of the data of the person who reads mail at the address that an addressee has in this generation.
    pub fn data(&self, id: AddresseeId, generation: u32, until: Timestamp) -> String {
        let limits = limits(generation, until);
        format!("{}/a/g{}{}{}", self.base, encode(id.0), encode(limits), self.tag(Purpose::DataLink, &[id.0, limits]))
    }

    /// The URL of a link that is none: its page is that of a link that is wrong or void.
    pub fn void(&self) -> String {
        format!("{}/a/x", self.base)
    }

    /// Reads the last segment of a URL; `None` when it was not made here or with another key.
    pub fn parse(&self, text: &str) -> Option<Link> {
        let parts = |count| parts(text.get(1..)?, count);
        match text.as_bytes().first()? {
            b'c' => {
                let [id, token] = *parts(2)? else { return None };
                Some(Link::Confirm { id: AddresseeId(decode(id)?), token: LinkToken::parse(token)? })
            }
            b'l' => {
                let [id, tag] = *parts(2)? else { return None };
                let id = decode(id)?;
                self.is_tag(Purpose::LeaveLink, &[id], tag).then_some(Link::Leave { id: AddresseeId(id) })
            }
            b'u' => {
                let [id, act, tag] = *parts(3)? else { return None };
                let (id, act) = (decode(id)?, decode(act)?);
                let is_authentic = self.is_tag(Purpose::UndoLink, &[id, act], tag);
                is_authentic.then_some(Link::Undo { id: AddresseeId(id), act: ActId(act) })
            }
            b'k' => {
                let [id, tag] = *parts(2)? else { return None };
                let id = decode(id)?;
                self.is_tag(Purpose::CodeLink, &[id], tag).then_some(Link::Code { id: AddresseeId(id) })
            }
            b'g' => {
                let [id, limits, tag] = *parts(3)? else { return None };
                let (id, limits) = (decode(id)?, decode(limits)?);
                if !self.is_tag(Purpose::DataLink, &[id, limits], tag) {
                    return None;
                }
                let (generation, seconds) = limits.as_u64_pair();
                let until = Timestamp::from_seconds(i64::try_from(seconds).ok()?);
                Some(Link::Data { id: AddresseeId(id), generation: u32::try_from(generation).ok()?, until })
            }
            _ => None,
        }
    }

    /// The first 128 bits of the digest of ids.
    fn tag(&self, purpose: Purpose, ids: &[Uuid]) -> String {
        let parts: Vec<&[u8]> = ids.iter().map(|id| &id.as_bytes()[..]).collect();
        BASE64_URL_SAFE_NO_PAD.encode(&self.keys.digest.digest(purpose, &parts).0[..16])
    }

    /// Compares in a time that does not depend on where they differ.
    fn is_tag(&self, purpose: Purpose, ids: &[Uuid], tag: &str) -> bool {
        let own = self.tag(purpose, ids);
        let differs = own.bytes().zip(tag.bytes()).fold(0, |found, (own, other)| found | (own ^ other));
        own.len() == tag.len() && differs == 0
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Links({})", self.base)
    }
}

/// Exactly `count` texts of 22 characters.
fn parts(text: &str, count: usize) -> Option<Box<[&str]>> {
    if text.len() != count * CHARACTERS || !text.is_ascii() {
        return None;
    }
    (0..count).map(|part| text.get(part * CHARACTERS..(part + 1) * CHARACTERS)).collect()
}

/// Generation and end of a link to data, in the form of an id.
fn limits(generation: u32, until: Timestamp) -> Uuid {
    Uuid::from_u64_pair(generation.into(), u64::try_from(until.as_millis() / 1_000).unwrap_or_default())
}

fn encode(id: Uuid) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes())
}

fn decode(text: &str) -> Option<Uuid> {
    Uuid::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use model::clock::SeededRandom;
    use secrets::Secrets;

    use super::*;

    const ID: AddresseeId = AddresseeId(Uuid::from_u128(1));
    const ACT: ActId = ActId(Uuid::from_u128(2));

    fn links(directory: &tempfile::TempDir, name: &str) -> Links {
        let secrets = Secrets::open_file(&directory.path().join(name)).expect("a key file");
        Links::new("https://berichten.example.nl/", Arc::new(Keys::new(Arc::new(secrets)).expect("keys")))
    }

    fn token(url: &str) -> &str {
        url.strip_prefix("https://berichten.example.nl/a/").expect("a link of ours")
    }

    #[test]
    fn ch_55_links_read_back_and_no_other_text_does() {
        let directory = tempfile::tempdir().expect("a directory");
        let links = links(&directory, "key");
        let secret = LinkToken::generate(&SeededRandom::new(1));
        let until = Timestamp::from_seconds(1_700_000_000);
        let made = [
            links.confirm(ID, &secret),
            links.leave(ID),
            links.undo(ID, ACT),
            links.code(ID),
            links.data(ID, 7, until),
        ];
        let read: Vec<_> = made.iter().map(|url| links.parse(token(url))).collect();
        assert_eq!(
            read,
            [
                Some(Link::Confirm { id: ID, token: secret }),
                Some(Link::Leave { id: ID }),
                Some(Link::Undo { id: ID, act: ACT }),
                Some(Link::Code { id: ID }),
                Some(Link::Data { id: ID, generation: 7, until })
            ]
        );
        for text in ["", "l", "x", "lé", &"l".repeat(45), &"c".repeat(10_000), &format!("l{}", "é".repeat(22))] {
            assert_eq!(links.parse(text), None, "{text}");
        }
    }

    #[test]
    fn ch_58_a_link_with_any_character_changed_or_of_another_key_is_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let (own, others) = (links(&directory, "key"), links(&directory, "other"));
        let until = Timestamp::from_seconds(1_700_000_000);
        for url in [own.leave(ID), own.undo(ID, ACT), own.code(ID), own.data(ID, 1, until)] {
            let text = token(&url);
            assert_eq!(others.parse(text), None);
            for at in 0..text.len() {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(changed).expect("text");
                assert_eq!(own.parse(&changed), None, "{at}");
            }
        }
        let leave = own.leave(ID);
        assert_eq!(own.parse(&token(&leave).replacen('l', "u", 1)), None, "a tag of another purpose");
        assert_eq!(own.parse(&token(&leave).replacen('l', "k", 1)), None, "a tag of another purpose");
    }
}
