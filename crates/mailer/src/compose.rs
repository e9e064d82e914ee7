//! A finished mail: header fields, envelope sender and Message-ID around texts that are rendered already. It renders no template
//! and sends nothing.

use channel_email::{AddressError, Envelope, EnvelopeAddress, Message, MessageError};
use message::{
    address::{EmailAddress, EmailError},
    digest::DigestKey,
    mail::{
        AllowedSenders, Class, DkimError, DkimSigner, List, ListError, ListId, Mail as Mime, MailError,
        Mailbox as Sender, MessageId, SenderError, Unsubscribe, compose,
    },
    verp::{Delivery, EnvelopeSenders, Mailbox},
};
use model::{KanaalName, SubscriptionId, Timestamp, addressee::AddresseeId};

/// Makes the mails of one installation.
pub struct Composer {
    key: DigestKey,
    from: EmailAddress,
    senders: AllowedSenders,
    domain: String,
    bounces: Option<EnvelopeSenders>,
    unsubscribes_by_mail: bool,
    redirect: Option<EmailAddress>,
    dkim: Option<DkimSigner>,
}

/// What a mail is about. The same value gives the same Message-ID and envelope sender, so that a mail that is sent twice is
/// recognizable (CH-18, CH-22).
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// `source` of the event; for a due message a fixed word of ours.
    pub source: &'a str,
    /// `id` of the event; for a due message its id.
    pub id: &'a str,
    /// The addressee.
    pub addressee: AddresseeId,
}

/// The rendered texts of a mail to one person, and who gets it. No `Debug`: it is personal data.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// Whom it is to.
    pub to: &'a EmailAddress,
    /// What it is about.
    pub about: About<'a>,
    /// The subject.
    pub subject: &'a str,
    /// The plain text.
    pub text: &'a str,
    /// The HTML, if there is one.
    pub html: Option<&'a str>,
    /// When it is sent.
    pub date: Timestamp,
    /// What kind of mail it is.
    pub kind: Kind<'a>,
}

/// What kind of mail it is.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// About an event, to the addressees of a kanaal: with `List-Id`, `List-Unsubscribe` and `List-Unsubscribe-Post` (CH-20).
    Mailing {
        /// The kanaal.
        kanaal: &'a KanaalName,
        /// The URL with which this addressee leaves; the fields to unsubscribe need `https`.
        leave: &'a str,
    },
    /// About an event, and it must be sent: without those fields (CH-21).
    Obligatory,
    /// About the subscription itself: a confirmation or an acknowledgement.
    Due,
}

/// A mail as the relay gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its envelope.
    pub envelope: Envelope,
    /// Its content.
    pub message: Message,
}

/// Why there is no mail. No variant has a value of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The sender is not on the list of allowed senders.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// A domain or an address of ours is not valid.
    #[error("an address of the gateway: {0}")]
    Address(#[from] EmailError),
    /// The fields of the list cannot be made.
    #[error(transparent)]
    List(#[from] ListError),
    /// The texts are no mail.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The mail has no signature.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// An address cannot be in an envelope.
    #[error(transparent)]
    Envelope(#[from] AddressError),
    /// SMTP cannot transport the bytes.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl Composer {
    /// A composer that sends as `from`. `key` makes Message-IDs, at the domain of `from`.
    pub fn new(key: DigestKey, from: Sender) -> Self {
        let (address, domain) = (from.address().clone(), from.address().domain().to_owned());
        let senders = AllowedSenders::new(vec![from]);
        Self {
            key,
            from: address,
            senders,
            domain,
            bounces: None,
            unsubscribes_by_mail: false,
            redirect: None,
            dkim: None,
        }
    }

    /// Envelope senders that identify the delivery, at a domain whose mail comes back to the gateway; without them the envelope
    /// sender is the address of the sender (CH-22).
    #[must_use]
    pub fn with_bounces(self, bounces: EnvelopeSenders) -> Self {
        Self { bounces: Some(bounces), ..self }
    }

    /// `List-Unsubscribe` has an address as well, at the domain of the envelope senders: mail to it comes back to the gateway
    /// (CH-20, CH-63).
    #[must_use]
    pub fn with_unsubscribe_by_mail(self) -> Self {
        Self { unsubscribes_by_mail: true, ..self }
    }

    /// Every mail goes to this address instead of its addressee, for a test installation.
    #[must_use]
    pub fn with_redirect(self, to: EmailAddress) -> Self {
        Self { redirect: Some(to), ..self }
    }

    /// Every mail has a DKIM signature of ours (CH-30).
    #[must_use]
    pub fn with_dkim(self, signer: DkimSigner) -> Self {
        Self { dkim: Some(signer), ..self }
    }

    /// The finished mail.
    ///
    /// # Errors
    /// When texts or addresses give no valid mail; nothing of them is in the error.
    pub fn compose(&self, draft: &Draft<'_>) -> Result<Mail, ComposeError> {
        let About { source, id, addressee } = draft.about;
        let subscription = SubscriptionId(addressee.0);
        let to = self.redirect.as_ref().unwrap_or(draft.to);
        let delivery = Delivery::new(&self.key, subscription, source, id);
        let address = |mailbox| self.bounces.as_ref().map(|own| own.address(mailbox, &delivery)).transpose();
        let list = match draft.kind {
            Kind::Mailing { kanaal, leave } if !leave.starts_with("http:") => Some(List {
                id: ListId::of_kanaal(kanaal.as_str(), &self.domain)?,
                unsubscribe: Unsubscribe::new(
                    leave,
                    if self.unsubscribes_by_mail { address(Mailbox::Unsubscribe)? } else { None },
                )?,
            }),
            // Pages on a loopback address, for a trial: there is no one click without https (RFC 8058).
            Kind::Mailing { .. } | Kind::Obligatory | Kind::Due => None,
        };
        let class = match (draft.kind, &list) {
            (Kind::Obligatory, _) => Class::Obligatory,
            (_, Some(list)) => Class::Broadcast(list),
            (_, None) => Class::Direct,
        };
        let mut bytes = compose(&Mime {
            from: self.senders.sender(&self.from)?,
            reply_to: None,
            to,
            subject: draft.subject,
            text: draft.text,
            html: draft.html,
            date: draft.date,
            id: &MessageId::new(&self.key, source, id, subscription, &self.domain)?,
            class,
        })?;
        if let Some(signer) = &self.dkim {
            bytes = signer.sign(&bytes, draft.date)?;
        }
        let sender = address(Mailbox::Bounce)?.unwrap_or_else(|| self.from.clone());
        let envelope = Envelope {
            sender: Some(EnvelopeAddress::new(sender.expose())?),
            recipient: EnvelopeAddress::new(to.expose())?,
        };
        Ok(Mail { envelope, message: Message::new(bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use model::KanaalName;
    use uuid::Uuid;

    use super::*;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn composer() -> Composer {
        Composer::new(DigestKey::new(&[7; 32]), Sender::new("Gemeente", address("noreply@gemeente.example")))
    }

    fn text(composer: &Composer, to: &EmailAddress, kind: Kind<'_>) -> (Mail, String) {
        let about = About { source: "urn:a", id: "1", addressee: AddresseeId(Uuid::from_u128(5)) };
        let date = Timestamp::from_seconds(1_800_000_000);
        let draft = Draft { to, about, subject: "Afval", text: "Morgen.", html: None, date, kind };
        let mail = composer.compose(&draft).unwrap();
        let text = String::from_utf8(mail.message.bytes().to_vec()).unwrap();
        (mail, text)
    }

    #[test]
    fn a_mailing_can_be_left_with_one_click_and_a_due_message_not_ch_18_ch_20() {
        let kanaal = KanaalName::new("afval").unwrap();
        let kind = Kind::Mailing { kanaal: &kanaal, leave: "https://gateway.example/a/x" };
        let to = address("jan@burger.example");
        let (first, mail) = text(&composer(), &to, kind);
        for line in [
            "List-Id: <afval.gemeente.example>",
            "List-Unsubscribe: <https://gateway.example/a/x>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(mail.contains(&format!("{line}\r\n")), "{line}: {mail}");
        }
        assert_eq!(text(&composer(), &to, kind).0, first, "the same mail is the same bytes");
        let (_, due) = text(&composer(), &to, Kind::Due);
        assert!(!due.contains("List-") && due.contains("To: <jan@burger.example>"), "{due}");
    }

    #[test]
    fn an_obligatory_mail_has_no_field_to_unsubscribe_ch_21() {
        let to = address("jan@burger.example");
        let (_, mail) = text(&composer().with_unsubscribe_by_mail(), &to, Kind::Obligatory);
        assert!(!mail.contains("List-") && mail.contains("To: <jan@burger.example>"), "{mail}");
    }

    #[test]
    fn the_envelope_sender_is_opaque_where_bounces_come_back_ch_22() {
        let bounces = EnvelopeSenders::new(DigestKey::new(&[7; 32]), "bounces.gemeente.example").unwrap();
        let expected = EnvelopeSenders::new(DigestKey::new(&[7; 32]), "bounces.gemeente.example").unwrap();
        let delivery = Delivery::new(&DigestKey::new(&[7; 32]), SubscriptionId(Uuid::from_u128(5)), "urn:a", "1");
        let expected = expected.address(Mailbox::Bounce, &delivery).unwrap();
        let to = address("jan@burger.example");
        let (mail, _) = text(&composer().with_bounces(bounces), &to, Kind::Due);
        assert_eq!(mail.envelope.sender, Some(EnvelopeAddress::new(expected.expose()).unwrap()));
        let (mail, _) = text(&composer(), &to, Kind::Due);
        assert_eq!(mail.envelope.sender, Some(EnvelopeAddress::new("noreply@gemeente.example").unwrap()));
    }

    #[test]
    fn a_mailing_can_be_left_by_mail_where_it_comes_back_ch_20_ch_63() {
        let senders = || EnvelopeSenders::new(DigestKey::new(&[7; 32]), "bounces.gemeente.example").unwrap();
        let kanaal = KanaalName::new("afval").unwrap();
        let kind = Kind::Mailing { kanaal: &kanaal, leave: "https://gateway.example/a/x" };
        let to = address("jan@burger.example");
        let composer = composer().with_bounces(senders()).with_unsubscribe_by_mail();
        let field = |kind| {
            let (_, mail) = text(&composer, &to, kind);
            let mail = mail.replace("\r\n ", " ").replace("\r\n\t", " ");
            mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: ").map(str::to_owned))
        };
        let found = field(kind).expect("the field");
        let address =
            found.strip_prefix("<https://gateway.example/a/x>, <mailto:").and_then(|rest| rest.strip_suffix('>'));
        let delivery = Delivery::new(&DigestKey::new(&[7; 32]), SubscriptionId(Uuid::from_u128(5)), "urn:a", "1");
        assert_eq!(senders().read(address.expect("an address")), Some((Mailbox::Unsubscribe, delivery)));
        assert_eq!(field(Kind::Due), None);
    }

    #[test]
    fn a_test_installation_sends_to_one_address_only() {
        let redirect = address("tester@gemeente.example");
        let to = address("jan@burger.example");
        let (mail, text) = text(&composer().with_redirect(redirect), &to, Kind::Due);
        assert_eq!(mail.envelope.recipient, EnvelopeAddress::new("tester@gemeente.example").unwrap());
        assert!(text.contains("To: <tester@gemeente.example>") && !text.contains("burger"), "{text}");
    }
}
