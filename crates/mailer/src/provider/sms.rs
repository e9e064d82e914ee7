//! An SMS provider that is described by configuration.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use channel_sms::{Class, Client, Outcome, Secret};
use delivery::mailing::Reply;
use model::addressee::Channel;

use super::{Message, Provider, SecretError, SecretSource, Sent};

/// An SMS provider with the source of its secret.
pub struct SmsProvider {
    client: Client,
    secret: Arc<dyn SecretSource>,
}

impl SmsProvider {
    /// The provider of a client.
    pub fn new(client: Client, secret: Arc<dyn SecretSource>) -> Self {
        Self { client, secret }
    }
}

#[async_trait]
impl Provider for SmsProvider {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Text(text) = message else { return Sent::wrong_kind() };
        match self.secret.secret().await {
            Ok(secret) => self.client.send(text, &Secret::new(&secret)).await.into(),
            Err(error) => error.into(),
        }
    }
}

impl From<Outcome> for Sent {
    fn from(outcome: Outcome) -> Self {
        Self {
            reply: reply_of(&outcome),
            is_bad_address: outcome.class == Class::AddresseeFailed,
            label: outcome.class.label(),
            reason: outcome.to_string(),
        }
    }
}

impl From<SecretError> for Sent {
    fn from(error: SecretError) -> Self {
        let reply = Reply::ProviderFailed { retry_after: None };
        Self { reply, is_bad_address: false, label: Class::Provider.label(), reason: error.to_string() }
    }
}

/// What a class means for a mailing; the words are those of e-mail.
fn reply_of(outcome: &Outcome) -> Reply {
    match outcome.class {
        Class::Accepted => Reply::Accepted,
        Class::AddresseeFailed | Class::AddresseeRefused => Reply::AddresseeFailed,
        Class::AddresseeLater => Reply::AddresseeLater,
        Class::Provider | Class::Gateway => Reply::ProviderFailed { retry_after: outcome.retry_after },
        Class::Message => Reply::MessageRefused,
        Class::Unknown => Reply::Unknown,
    }
}

impl fmt::Debug for SmsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsProvider(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use channel_sms::Reason;

    use super::*;

    #[test]
    fn every_class_has_its_reply_ch_34_ch_35_ch_36() {
        let wait = Some(Duration::from_secs(3));
        for (class, reply, is_bad_address) in [
            (Class::Accepted, Reply::Accepted, false),
            (Class::AddresseeFailed, Reply::AddresseeFailed, true),
            (Class::AddresseeRefused, Reply::AddresseeFailed, false),
            (Class::AddresseeLater, Reply::AddresseeLater, false),
            (Class::Provider, Reply::ProviderFailed { retry_after: wait }, false),
            (Class::Gateway, Reply::ProviderFailed { retry_after: wait }, false),
            (Class::Message, Reply::MessageRefused, false),
            (Class::Unknown, Reply::Unknown, false),
        ] {
            let reason = Reason::Answer { status: 200, code: None };
            let sent = Sent::from(Outcome { class, retry_after: wait, id: None, reason });
            assert_eq!((sent.reply, sent.is_bad_address), (reply, is_bad_address), "{class:?}");
        }
    }
}
