//! The envelope sender of a mail: an address that identifies the delivery to us and nothing to others (variable envelope
//! return path, CH-22). A bounce comes back to it, so the addressee of a bounce follows from the address it was sent to
//! (CH-111), and a mail to the address for unsubscription from the address too (CH-20, CH-63).
//!
//! The local part is a prefix and 36 bytes in base32: a tag (128 bits of HMAC-SHA256 over what is hidden), and what is hidden,
//! XORed with a stream that the same key makes from the tag. That is deterministic authenticated encryption (the SIV
//! construction): the same delivery has the same address when it is sent again, and a changed or invented address is refused.
//! Letters are all lower case, and upper case is read too: relays may change it.

use model::SubscriptionId;
use uuid::Uuid;

use crate::{
    address::{EmailAddress, EmailError},
    digest::{DigestKey, Purpose},
};

const TAG: usize = 16;
const ID: usize = 16;
const MARK: usize = 4;
const HIDDEN: usize = ID + MARK;
/// What the reference of a message at a provider is made for.
const REFERENCE: &str = "reference";
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What mail to an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// The envelope sender: bounces.
    Bounce,
    /// The address of `List-Unsubscribe`.
    Unsubscribe,
}

/// What an address identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The subscription that was mailed to.
    pub subscription: SubscriptionId,
    /// The start of a digest of the event, so that each delivery has an address of its own. Few bits: it narrows a search in
    /// the evidence, it does not identify the event.
    pub event: [u8; MARK],
}

/// Makes and reads the addresses at one inbound domain.
#[derive(Debug)]
pub struct EnvelopeSenders {
    key: DigestKey,
    domain: String,
}

impl Mailbox {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Bounce => "b-",
            Self::Unsubscribe => "u-",
        }
    }
}

impl Delivery {
    /// The delivery of an event, by its source and id, to a subscription.
    pub fn new(key: &DigestKey, subscription: SubscriptionId, source: &str, id: &str) -> Self {
        let digest = key.digest(Purpose::EnvelopeSender, &[b"event", source.as_bytes(), id.as_bytes()]);
        let [a, b, c, d, ..] = digest.0;
        Self { subscription, event: [a, b, c, d] }
    }

    /// The reference of a message at a provider, from which its receipts are matched (CH-37): 58 letters and digits, made as the
    /// local part of an envelope sender is.
    pub fn reference(&self, key: &DigestKey) -> String {
        self.hide(key, REFERENCE)
    }

    /// The delivery of such a reference; `None` for every other text.
    pub fn of_reference(key: &DigestKey, reference: &str) -> Option<Self> {
        Self::reveal(key, REFERENCE, reference)
    }

    fn hide(&self, key: &DigestKey, purpose: &str) -> String {
        let mut hidden = [0; HIDDEN];
        let plain = self.subscription.0.as_bytes().iter().chain(&self.event);
        for (to, from) in hidden.iter_mut().zip(plain) {
            *to = *from;
        }
        let tag = tag(key, purpose, &hidden);
        xor_stream(key, purpose, &tag, &mut hidden);
        encode(&[&tag[..], &hidden].concat())
    }

    fn reveal(key: &DigestKey, purpose: &str, token: &str) -> Option<Self> {
        let bytes = decode(token)?;
        let (found, hidden) = bytes.split_first_chunk::<TAG>()?;
        let mut plain: [u8; HIDDEN] = hidden.try_into().ok()?;
        xor_stream(key, purpose, found, &mut plain);
        let expected = tag(key, purpose, &plain);
        // Without an early exit, so that the time does not show where they differ.
        let difference = expected.iter().zip(found).fold(0, |all, (a, b)| all | (a ^ b));
        if difference != 0 {
            return None;
        }
        let (id, rest) = plain.split_first_chunk::<ID>()?;
        let event = rest.try_into().ok()?;
        Some(Self { subscription: SubscriptionId(Uuid::from_bytes(*id)), event })
    }
}

fn tag(key: &DigestKey, purpose: &str, plain: &[u8; HIDDEN]) -> [u8; TAG] {
    let digest = key.digest(Purpose::EnvelopeSender, &[b"tag", purpose.as_bytes(), plain]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&digest.0[..TAG]);
    tag
}

fn xor_stream(key: &DigestKey, purpose: &str, tag: &[u8; TAG], bytes: &mut [u8; HIDDEN]) {
    let stream = key.digest(Purpose::EnvelopeSender, &[b"stream", purpose.as_bytes(), tag]);
    for (byte, mask) in bytes.iter_mut().zip(stream.0) {
        *byte ^= mask;
    }
}

impl EnvelopeSenders {
    /// Addresses at `domain`, which must be a valid domain of an e-mail address.
    pub fn new(key: DigestKey, domain: &str) -> Result<Self, EmailError> {
        let domain = EmailAddress::parse(&format!("x@{domain}"))?.domain().to_owned();
        Ok(Self { key, domain })
    }

    /// The address of a delivery. Fails only where the domain is longer than 190 octets.
    pub fn address(&self, mailbox: Mailbox, delivery: &Delivery) -> Result<EmailAddress, EmailError> {
        let token = delivery.hide(&self.key, mailbox.prefix());
        EmailAddress::parse(&format!("{}{token}@{}", mailbox.prefix(), self.domain))
    }

    /// What a recipient address identifies; `None` for every address that [`Self::address`] did not make.
    pub fn read(&self, recipient: &str) -> Option<(Mailbox, Delivery)> {
        let (local, domain) = recipient.rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.domain) {
            return None;
        }
        let (prefix, token) = local.split_at_checked(2)?;
        let mailbox = [Mailbox::Bounce, Mailbox::Unsubscribe]
            .into_iter()
            .find(|mailbox| mailbox.prefix().eq_ignore_ascii_case(prefix))?;
        Some((mailbox, Delivery::reveal(&self.key, mailbox.prefix(), token)?))
    }
}

/// Base32 (RFC 4648 6) in lower case, without padding.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// Reads exactly what [`encode`] makes of tag and hidden part, in any case; another length or spare bits that are set give
/// `None`.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(TAG + HIDDEN);
    if text.len() != ((TAG + HIDDEN) * 8).div_ceil(5) {
        return None;
    }
    let (mut held, mut bits) = (0_u32, 0);
    for c in text.bytes() {
        let c = c.to_ascii_lowercase();
        let value = BASE32.iter().position(|known| *known == c)?;
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn senders() -> EnvelopeSenders {
        EnvelopeSenders::new(DigestKey::new(&[9; 32]), "bounces.example.nl").unwrap()
    }

    fn delivery(subscription: u128, event: u32) -> Delivery {
        Delivery { subscription: SubscriptionId(Uuid::from_u128(subscription)), event: event.to_be_bytes() }
    }

    #[test]
    fn ch_22_the_address_identifies_the_delivery_and_shows_nothing_of_it() {
        let senders = senders();
        let key = DigestKey::new(&[1; 32]);
        let subscription = SubscriptionId(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0));
        let one = Delivery::new(&key, subscription, "urn:a", "1");
        let two = Delivery::new(&key, subscription, "urn:a", "2");
        let address = |delivery| senders.address(Mailbox::Bounce, delivery).unwrap();
        assert_ne!(address(&one), address(&two));
        assert_eq!(address(&one), address(&one), "sent again, the address is the same");
        assert_eq!(senders.read(address(&one).expose()), Some((Mailbox::Bounce, one)));
        // Neither the id nor what two addresses of one subscription share can be read.
        let token = |delivery| decode(&address(delivery).expose()[2..60]).unwrap();
        assert!(!token(&one).windows(4).any(|part| subscription.0.as_bytes().windows(4).any(|id| id == part)));
        let same = token(&one).iter().zip(token(&two)).filter(|(a, b)| *a == b).count();
        assert!(same < 8, "{same} bytes of 36 are the same");
    }

    #[test]
    fn ch_37_a_reference_reads_back_and_is_no_address() {
        let key = DigestKey::new(&[9; 32]);
        let reference = delivery(1, 2).reference(&key);
        assert_eq!((reference.len(), delivery(1, 2).reference(&key)), (58, reference.clone()));
        assert_eq!(Delivery::of_reference(&key, &reference), Some(delivery(1, 2)));
        assert_ne!(delivery(1, 3).reference(&key), reference);
        assert_eq!(Delivery::of_reference(&DigestKey::new(&[8; 32]), &reference), None, "another key");
        for mailbox in ["b-", "u-"] {
            assert_eq!(senders().read(&format!("{mailbox}{reference}@bounces.example.nl")), None);
        }
        let forged = format!("{}{}", if reference.starts_with('a') { 'b' } else { 'a' }, &reference[1..]);
        for text in [forged.as_str(), "", "r-1", &reference[1..]] {
            assert_eq!(Delivery::of_reference(&key, text), None, "{text}");
        }
    }

    #[test]
    fn ch_22_local_parts_fit_and_survive_a_change_of_case() {
        let senders = senders();
        let address = senders.address(Mailbox::Unsubscribe, &delivery(u128::MAX, u32::MAX)).unwrap();
        let (local, _) = address.expose().split_once('@').unwrap();
        assert_eq!(local.len(), 60);
        let upper = address.expose().to_ascii_uppercase();
        assert_eq!(senders.read(&upper), Some((Mailbox::Unsubscribe, delivery(u128::MAX, u32::MAX))));
    }

    #[test]
    fn ch_22_a_forged_address_is_refused() {
        let senders = senders();
        let address = senders.address(Mailbox::Bounce, &delivery(1, 2)).unwrap().expose().to_owned();
        let other = EnvelopeSenders::new(DigestKey::new(&[8; 32]), "bounces.example.nl").unwrap();
        assert_eq!(other.read(&address), None, "another key");
        assert_eq!(senders.read(&address.replace("b-", "u-")), None, "another mailbox");
        assert_eq!(senders.read(&address.replace("example", "elsewhere")), None, "another domain");
        for at in 2..60 {
            for c in BASE32.iter().map(|c| char::from(*c)) {
                let forged = format!("{}{c}{}", &address[..at], &address[at + 1..]);
                assert_eq!(senders.read(&forged).is_some(), forged == address, "{at} {c}");
            }
        }
        for text in ["", "@", "b-@bounces.example.nl", "b@bounces.example.nl", "é@bounces.example.nl", "b-bounces"] {
            assert_eq!(senders.read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn ch_22_every_delivery_reads_back(subscription: u128, event: u32) {
            let senders = senders();
            for mailbox in [Mailbox::Bounce, Mailbox::Unsubscribe] {
                let address = senders.address(mailbox, &delivery(subscription, event)).unwrap();
                prop_assert_eq!(senders.read(address.expose()), Some((mailbox, delivery(subscription, event))));
            }
        }

        #[test]
        fn ch_115_no_recipient_makes_the_reader_fail(recipient in "(b-|u-)?[a-z2-7é@.]{0,70}(@bounces\\.example\\.nl)?") {
            prop_assert_eq!(senders().read(&recipient), None);
        }
    }
}
