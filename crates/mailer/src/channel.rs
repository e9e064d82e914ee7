//! How the rendered texts of a channel become a message, and through what it is sent.

use std::{fmt, sync::Arc};

use channel_sms::{TextError, TextMessage, notify};
use message::{address::Address, digest::DigestKey, verp::Delivery};
use model::{
    SubscriptionId,
    addressee::{AddresseeId, Channel},
};

use crate::{About, ComposeError, Composer, Draft, Kind, Message, Relay};

/// The texts of a message to one person, rendered for its channel. No `Debug`: they are personal data.
#[derive(Clone, Copy)]
pub enum Texts<'a> {
    /// Of a mail; the HTML is left out where a provider makes its own.
    Mail {
        /// The subject.
        subject: &'a str,
        /// The plain text.
        text: &'a str,
        /// The HTML, if there is one.
        html: Option<&'a str>,
        /// What kind of mail it is.
        kind: Kind<'a>,
    },
    /// Of a text message.
    Sms(&'a str),
}

/// Makes the messages of one channel.
#[derive(Clone)]
pub enum ChannelComposer {
    /// Mails for a relay.
    Mail(Arc<Composer>),
    /// Mails for NotifyNL; the key makes their references.
    Template(DigestKey),
    /// Text messages.
    Sms {
        /// The key that makes their references.
        key: DigestKey,
        /// The most segments of a message, at least 1 (CH-39).
        segments: usize,
    },
}

/// A channel that is configured: what makes its messages, and what sends them.
#[derive(Clone)]
pub struct Outlet {
    /// What makes the messages.
    pub composer: ChannelComposer,
    /// The way to the provider.
    pub relay: Arc<Relay>,
}

/// Why there is no message. No variant has a value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The mail cannot be made.
    #[error(transparent)]
    Mail(#[from] ComposeError),
    /// The text message cannot be made.
    #[error(transparent)]
    Sms(#[from] TextError),
    /// The address is one of another channel.
    #[error("the address is not one of the channel")]
    Address,
}

impl ChannelComposer {
    /// The channel.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Mail(_) | Self::Template(_) => Channel::Email,
            Self::Sms { .. } => Channel::Sms,
        }
    }

    /// The most segments of a text message; `None` of mails (CH-39).
    pub fn most_segments(&self) -> Option<usize> {
        match self {
            Self::Mail(_) | Self::Template(_) => None,
            Self::Sms { segments, .. } => Some(*segments),
        }
    }

    /// The finished message.
    ///
    /// # Errors
    /// When address and texts give none.
    pub fn compose(
        &self,
        to: &Address,
        about: About<'_>,
        texts: Texts<'_>,
        date: model::Timestamp,
    ) -> Result<Message, MessageError> {
        match (self, to, texts) {
            (Self::Mail(composer), Address::Email(to), Texts::Mail { subject, text, html, kind }) => {
                let draft = Draft { to, about, subject, text, html, date, kind };
                Ok(Message::Mail(Box::new(composer.compose(&draft)?)))
            }
            (Self::Template(key), Address::Email(to), Texts::Mail { subject, text, kind, .. }) => {
                let unsubscribe = match kind {
                    Kind::Mailing { leave, .. } if leave.starts_with("https:") => Some(leave.to_owned()),
                    Kind::Mailing { .. } | Kind::Obligatory | Kind::Due => None,
                };
                Ok(Message::Template(Box::new(notify::Mail {
                    to: to.clone(),
                    subject: subject.to_owned(),
                    text: text.to_owned(),
                    reference: reference(key, about),
                    unsubscribe,
                })))
            }
            (Self::Sms { key, segments }, Address::Phone(to), Texts::Sms(text)) => {
                let message = TextMessage::new(to.clone(), text, &reference(key, about), *segments)?;
                Ok(Message::Text(Box::new(message)))
            }
            _ => Err(MessageError::Address),
        }
    }
}

/// The reference of a message at a provider: the same when it is sent again, and nothing can be read from it but by us.
fn reference(key: &DigestKey, about: About<'_>) -> String {
    let AddresseeId(addressee) = about.addressee;
    Delivery::new(key, SubscriptionId(addressee), about.source, about.id).reference(key)
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outlet({:?})", self.composer.channel())
    }
}

#[cfg(test)]
mod tests {
    use message::address::Region;
    use model::{KanaalName, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn address(sink: &str) -> Address {
        Address::parse_sink(sink, Region::International).unwrap()
    }

    fn compose(composer: &ChannelComposer, to: &str, id: &str, texts: Texts<'_>) -> Result<Message, MessageError> {
        let about = About { source: "urn:a", id, addressee: AddresseeId(Uuid::from_u128(5)) };
        composer.compose(&address(to), about, texts, Timestamp::from_seconds(1_800_000_000))
    }

    #[test]
    fn a_text_message_is_bounded_and_has_a_reference_of_its_delivery_ch_39() {
        let sms = ChannelComposer::Sms { key: DigestKey::new(&[7; 32]), segments: 1 };
        let text = |id: &str| match compose(&sms, "sms:+31612345678", id, Texts::Sms("Morgen.")).unwrap() {
            Message::Text(text) => *text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text("1"), text("1"), "the same message has the same reference");
        assert_ne!(text("1").reference(), text("2").reference());
        assert_eq!(text("1").reference().len(), 58);
        let long = "a".repeat(161);
        let error = compose(&sms, "sms:+31612345678", "1", Texts::Sms(&long)).unwrap_err();
        assert_eq!(error, MessageError::Sms(TextError::Segments { segments: 2, most: 1 }));
        assert_eq!(compose(&sms, "mailto:an@x.nl", "1", Texts::Sms("a")), Err(MessageError::Address));
    }

    #[test]
    fn a_mail_for_notifynl_can_be_left_with_one_click_ch_20_ch_146() {
        let template = ChannelComposer::Template(DigestKey::new(&[7; 32]));
        let kanaal = KanaalName::new("afval").unwrap();
        for (kind, unsubscribe) in [
            (Kind::Due, None),
            (Kind::Obligatory, None),
            (Kind::Mailing { kanaal: &kanaal, leave: "https://b.example/a/x" }, Some("https://b.example/a/x")),
            (Kind::Mailing { kanaal: &kanaal, leave: "http://127.0.0.1/a/x" }, None),
        ] {
            let texts = Texts::Mail { subject: "Afval", text: "Morgen.", html: Some("<p>"), kind };
            let Message::Template(mail) = compose(&template, "mailto:an@x.nl", "1", texts).unwrap() else { panic!() };
            assert_eq!((mail.subject.as_str(), mail.text.as_str()), ("Afval", "Morgen."));
            assert_eq!(mail.unsubscribe.as_deref(), unsubscribe);
        }
    }
}
