//! One attempt of one due message: what it contains is decided when its turn has come, it is sent, and the end is stored.

use std::{sync::Arc, time::Duration};

use channel_email::Class;
use model::{
    Timestamp,
    addressee::{Addressee, AddresseeId, Language, Message},
};
use people::KeysError;
use storage::audience::{self, OutgoingId, Settlement, StoredOutgoing};

use super::{
    DUE, Outbox,
    content::{Content, Need, need},
    pause::Pause,
    texts::{Texts, Topic, texts},
};
use crate::{About, ComposeError, Draft, Kind, Mail, Priority};

/// `source` of due messages in their `Message-ID`.
const SOURCE: &str = "due";

/// The wait before an end that could not be stored is stored again.
const STORE_AGAIN: Duration = Duration::from_secs(1);

/// How an attempt ended, with the word for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The relay accepted it.
    Sent,
    /// Nobody needs it.
    Obsolete,
    /// The relay failed, or the store: nothing is stored, and it is tried when they work again.
    Waits,
    /// It is tried again later.
    Failed(&'static str),
    /// It is not tried again.
    GivenUp(&'static str),
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
enum NoMail {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("its code and token are missing")]
    NoSecret,
}

impl Outbox {
    /// Tries a message once and stores how that ended.
    pub(super) async fn finish(self: Arc<Self>, due: StoredOutgoing) -> OutgoingId {
        let id = due.outgoing.id;
        let end = self.attempt(&due).await;
        if let Some(settlement) = self.settlement(&due, end) {
            self.settle(id, settlement).await;
        }
        id
    }

    async fn attempt(&self, due: &StoredOutgoing) -> End {
        let turn = self.parts.relay.turn(Priority::Due).await;
        // Others found meanwhile that the relay fails: this one is not tried as well.
        if self.pause().most(self.parts.clock.instant(), 1) == 0 {
            return End::Waits;
        }
        let (addressee, of_address) = match self.read(due.addressee, due.outgoing.message).await {
            Ok(Some(found)) => found,
            Ok(None) => return End::Obsolete,
            Err(audience::Error::Storage(storage::Error::Corrupt { .. })) => return End::GivenUp("damaged"),
            Err(error) => {
                tracing::warn!(%error, "the addressee of a due message cannot be read");
                self.failed();
                return End::Waits;
            }
        };
        let now = self.parts.clock.now();
        let mail = match need(&due.outgoing, &addressee, &of_address, now) {
            Need::Obsolete => return End::Obsolete,
            Need::Late => return End::GivenUp("late"),
            Need::Send { .. } if now.since(due.outgoing.created) > self.parts.settings.ladder.until => {
                return End::GivenUp("late");
            }
            Need::Send { to, content } => match self.mail(due, &addressee, to, &content, now) {
                Ok(mail) => mail,
                Err(error) => {
                    tracing::error!(%error, "a due message cannot be made");
                    return End::Failed("not_made");
                }
            },
        };
        let outcome = turn.send(&mail).await;
        match outcome.class {
            Class::Relay | Class::Gateway => self.failed(),
            // It does not show that the relay works.
            Class::Unknown => {}
            _ => *self.pause() = Pause::None,
        }
        match outcome.class {
            Class::Accepted => End::Sent,
            Class::Relay | Class::Gateway => End::Waits,
            Class::AddresseeFailed | Class::AddresseeRefused => End::GivenUp(outcome.class.label()),
            Class::AddresseeLater | Class::Message | Class::Unknown => End::Failed(outcome.class.label()),
        }
    }

    /// Nothing is sent for a while, because the relay failed, or the store.
    fn failed(&self) {
        let mut pause = self.pause();
        *pause = pause.failed(self.parts.clock.instant());
    }

    /// The addressee as it is now; for an acknowledgement also the others of its address.
    async fn read(
        &self,
        id: AddresseeId,
        message: Message,
    ) -> Result<Option<(Addressee, Vec<Addressee>)>, audience::Error> {
        let Some(found) = self.parts.audience.get(id).await? else { return Ok(None) };
        let of_address = match message {
            Message::Acknowledgement => self.parts.audience.of_address(found.addressee.digest).await?,
            Message::Confirmation
            | Message::ConfirmationOfChange
            | Message::AlreadySubscribed
            | Message::DataLink
            | Message::ChangeRequested => Vec::new(),
        };
        Ok(Some((found.addressee, of_address.into_iter().map(|other| other.addressee).collect())))
    }

    fn mail(
        &self,
        due: &StoredOutgoing,
        addressee: &Addressee,
        to: &model::sealed::Sealed,
        content: &Content,
        now: Timestamp,
    ) -> Result<Mail, NoMail> {
        let to = self.parts.keys.open_address(to)?;
        let Texts { subject, text } = self.texts(due, addressee, content, now)?;
        let id = due.outgoing.id.0.to_string();
        let draft = Draft {
            to: &to,
            about: About { source: SOURCE, id: &id, addressee: addressee.id },
            subject: &subject,
            text: &text,
            html: None,
            date: now,
            kind: Kind::Due,
        };
        Ok(self.parts.composer.compose(&draft)?)
    }

    fn texts(
        &self,
        due: &StoredOutgoing,
        addressee: &Addressee,
        content: &Content,
        now: Timestamp,
    ) -> Result<Texts, NoMail> {
        let (links, kanaal) = (&self.parts.links, &addressee.kanaal);
        let of = |language: Language, topic: Topic<'_>| texts(language, topic, &self.parts.organisation);
        Ok(match content {
            Content::Confirmation { new_address, has_code } => {
                let secret = due.outgoing.secret.as_ref().ok_or(NoMail::NoSecret)?;
                let challenge = self.parts.keys.open_challenge(secret)?;
                let link = links.confirm(addressee.id, &challenge.link);
                let code = has_code.then(|| challenge.code.expose());
                of(addressee.language, Topic::Confirmation { kanaal, link: &link, code, new_address: *new_address })
            }
            Content::DataLink => {
                let link = links.data(addressee.id, addressee.generation, now + people::DATA_LINK_VALID);
                of(addressee.language, Topic::DataLink { link: &link })
            }
            Content::ChangeRequested => {
                let leave = links.leave(addressee.id);
                of(addressee.language, Topic::ChangeRequested { kanaal, leave: &leave })
            }
            Content::AlreadySubscribed => {
                let leave = links.leave(addressee.id);
                of(addressee.language, Topic::AlreadySubscribed { kanaal, leave: &leave })
            }
            Content::Acknowledgement { act, kanalen, undo_until } => {
                let undo = (now < *undo_until).then(|| links.undo(addressee.id, *act));
                of(addressee.language, Topic::Acknowledgement { kanalen, undo: undo.as_deref() })
            }
        })
    }

    /// What is stored of an end; `None` when the message stays as it is.
    fn settlement(&self, due: &StoredOutgoing, end: End) -> Option<Settlement> {
        let now = self.parts.clock.now();
        let attempts = due.attempts.saturating_add(1);
        let wait = self.parts.settings.ladder.wait(attempts, now.since(due.outgoing.created));
        let (result, settlement) = match (end, wait) {
            (End::Sent, _) => ("sent", Some(Settlement::Done)),
            (End::Obsolete, _) => ("obsolete", Some(Settlement::Done)),
            (End::Waits, _) => ("waits", None),
            (End::Failed(_), Some(wait)) => ("retried", Some(Settlement::Retry { at: now + wait, attempts })),
            (End::Failed(reason), None) | (End::GivenUp(reason), _) => {
                tracing::warn!(message = word(due.outgoing.message), reason, attempts, "a due message was given up");
                ("given_up", Some(Settlement::GivenUp { at: now }))
            }
        };
        metrics::counter!(DUE, "message" => word(due.outgoing.message), "result" => result).increment(1);
        settlement
    }

    /// Stores an end. Until that is durable the message counts as under way, so that it is not sent again.
    async fn settle(&self, id: OutgoingId, settlement: Settlement) {
        while let Err(error) = self.parts.audience.settle(id, settlement).await {
            tracing::warn!(%error, "the end of a due message is not stored yet");
            tokio::time::sleep(STORE_AGAIN).await;
        }
    }
}

/// A message as a word for metrics and logs.
fn word(message: Message) -> &'static str {
    match message {
        Message::Confirmation => "confirmation",
        Message::ConfirmationOfChange => "confirmation_of_change",
        Message::AlreadySubscribed => "already_subscribed",
        Message::Acknowledgement => "acknowledgement",
        Message::DataLink => "data_link",
        Message::ChangeRequested => "change_requested",
    }
}
