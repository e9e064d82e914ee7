//! One attempt of one due message: what it contains is decided when its turn has come, it is sent, and the end is stored.

use std::{sync::Arc, time::Duration};

use delivery::mailing::Reply;
use model::{
    KanaalName, Timestamp,
    addressee::{Addressee, AddresseeId, Channel, Language, Message as Due},
};
use people::KeysError;
use storage::audience::{self, OutgoingId, Settlement, StoredOutgoing};

use super::{
    DUE, Outbox,
    content::{Content, Need, need},
    sms::{self, SmsTopic},
    texts::{Texts, Topic, texts},
};
use crate::{About, Kind, Message, MessageError, Priority, Texts as ChannelTexts, pause::Pause};

/// `source` of due messages in their `Message-ID` or reference.
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
    /// The relay failed, or the store: it is tried when they work again, and that was no attempt.
    Waits,
    /// It is tried again later.
    Failed(&'static str),
    /// It is not tried again.
    GivenUp(&'static str),
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
enum NoMessage {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Compose(#[from] MessageError),
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
        let turn = self.parts.outlet.relay.turn(Priority::Due).await;
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
        let message = match need(&due.outgoing, &addressee, &of_address, now) {
            Need::Obsolete => return End::Obsolete,
            Need::Late => return End::GivenUp("late"),
            Need::Send { .. } if now.since(due.outgoing.created) > self.parts.settings.ladder.until => {
                return End::GivenUp("late");
            }
            Need::Send { to, content } => match self.message(due, &addressee, to, &content, now) {
                Ok(message) => message,
                Err(error) => {
                    tracing::error!(%error, "a due message cannot be made");
                    return End::Failed("not_made");
                }
            },
        };
        if self.is_sms() {
            self.store_intent(due).await;
        }
        let sent = turn.send(&message).await;
        match sent.reply {
            Reply::ProviderFailed { .. } => self.failed(),
            // It does not show that the provider works.
            Reply::Unknown => {}
            _ => *self.pause() = Pause::None,
        }
        match sent.reply {
            Reply::Accepted => End::Sent,
            Reply::ProviderFailed { .. } => End::Waits,
            Reply::AddresseeFailed => End::GivenUp(sent.label),
            Reply::Unknown if self.is_sms() => End::GivenUp(sent.label),
            Reply::AddresseeLater | Reply::MessageRefused | Reply::Untranslatable | Reply::Unknown => {
                End::Failed(sent.label)
            }
        }
    }

    fn is_sms(&self) -> bool {
        self.parts.outlet.composer.channel() == Channel::Sms
    }

    /// Stores that a text message is being sent: after a crash it is due when it is too late for it, so it is not sent again.
    async fn store_intent(&self, due: &StoredOutgoing) {
        let at = due.outgoing.created + self.parts.settings.ladder.until + Duration::from_secs(1);
        self.settle(due.outgoing.id, Settlement::Retry { at, attempts: due.attempts.saturating_add(1) }).await;
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
        message: Due,
    ) -> Result<Option<(Addressee, Vec<Addressee>)>, audience::Error> {
        let Some(found) = self.parts.audience.get(id).await? else { return Ok(None) };
        let of_address = match message {
            Due::Acknowledgement => self.parts.audience.of_address(found.addressee.digest).await?,
            Due::Confirmation
            | Due::ConfirmationOfChange
            | Due::AlreadySubscribed
            | Due::DataLink
            | Due::ChangeRequested
            | Due::Collected => Vec::new(),
        };
        Ok(Some((found.addressee, of_address.into_iter().map(|other| other.addressee).collect())))
    }

    fn message(
        &self,
        due: &StoredOutgoing,
        addressee: &Addressee,
        to: &model::sealed::Sealed,
        content: &Content,
        now: Timestamp,
    ) -> Result<Message, NoMessage> {
        let to = self.parts.keys.open(to)?;
        let id = due.outgoing.id.0.to_string();
        let about = About { source: SOURCE, id: &id, addressee: addressee.id };
        let composer = &self.parts.outlet.composer;
        if self.is_sms() {
            let text = self.sms(due, addressee, content, now)?;
            return Ok(composer.compose(&to, about, ChannelTexts::Sms(&text), now)?);
        }
        let Texts { subject, text } = self.texts(due, addressee, content, now)?;
        let texts = ChannelTexts::Mail { subject: &subject, text: &text, html: None, kind: Kind::Due };
        Ok(composer.compose(&to, about, texts, now)?)
    }

    /// The text of a text message.
    fn sms(
        &self,
        due: &StoredOutgoing,
        addressee: &Addressee,
        content: &Content,
        now: Timestamp,
    ) -> Result<String, NoMessage> {
        let (links, kanaal) = (&self.parts.links, &addressee.kanaal);
        let of = |topic: SmsTopic<'_>| sms::text(addressee.language, topic, &self.parts.organisation);
        Ok(match content {
            Content::Confirmation { .. } => {
                let secret = due.outgoing.secret.as_ref().ok_or(NoMessage::NoSecret)?;
                let challenge = self.parts.keys.open_challenge(secret)?;
                of(SmsTopic::Confirmation { kanaal, code: challenge.code.expose() })
            }
            Content::AlreadySubscribed => of(SmsTopic::AlreadySubscribed { kanaal, leave: &links.leave(addressee.id) }),
            Content::DataLink => of(SmsTopic::DataLink {
                link: &links.data(addressee.id, addressee.generation, now + people::DATA_LINK_VALID),
            }),
            Content::ChangeRequested => of(SmsTopic::ChangeRequested { kanaal, leave: &links.leave(addressee.id) }),
            Content::Acknowledgement { act, kanalen, undo_until } => {
                let undo = (now < *undo_until).then(|| links.undo(addressee.id, *act));
                let obligatory = self.is_any_obligatory(kanalen);
                of(SmsTopic::Acknowledgement { kanalen, undo: undo.as_deref(), obligatory })
            }
        })
    }

    fn texts(
        &self,
        due: &StoredOutgoing,
        addressee: &Addressee,
        content: &Content,
        now: Timestamp,
    ) -> Result<Texts, NoMessage> {
        let (links, kanaal) = (&self.parts.links, &addressee.kanaal);
        let of = |language: Language, topic: Topic<'_>| texts(language, topic, &self.parts.organisation);
        Ok(match content {
            Content::Confirmation { new_address, has_code } => {
                let secret = due.outgoing.secret.as_ref().ok_or(NoMessage::NoSecret)?;
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
                let obligatory = self.is_any_obligatory(kanalen);
                of(addressee.language, Topic::Acknowledgement { kanalen, undo: undo.as_deref(), obligatory })
            }
        })
    }

    /// Whether messages of one of these kanalen still come.
    fn is_any_obligatory(&self, kanalen: &[KanaalName]) -> bool {
        kanalen.iter().any(|kanaal| self.parts.obligatory.contains(kanaal))
    }

    /// What is stored of an end; `None` when the message stays as it is.
    fn settlement(&self, due: &StoredOutgoing, end: End) -> Option<Settlement> {
        let now = self.parts.clock.now();
        let attempts = due.attempts.saturating_add(1);
        let wait = self.parts.settings.ladder.wait(attempts, now.since(due.outgoing.created));
        let (result, settlement) = match (end, wait) {
            (End::Sent, _) => ("sent", Some(Settlement::Done)),
            (End::Obsolete, _) => ("obsolete", Some(Settlement::Done)),
            // The intent of a text message is taken back: it was not sent.
            (End::Waits, _) if self.is_sms() => {
                ("waits", Some(Settlement::Retry { at: due.due, attempts: due.attempts }))
            }
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
fn word(message: Due) -> &'static str {
    match message {
        Due::Confirmation => "confirmation",
        Due::ConfirmationOfChange => "confirmation_of_change",
        Due::AlreadySubscribed => "already_subscribed",
        Due::Acknowledgement => "acknowledgement",
        Due::DataLink => "data_link",
        Due::ChangeRequested => "change_requested",
        Due::Collected => "collected",
    }
}
