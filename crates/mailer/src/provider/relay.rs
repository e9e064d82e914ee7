//! A mail relay as a provider of e-mail.

use async_trait::async_trait;
use channel_email::{Class, Client};
use model::addressee::Channel;

use super::{Message, Provider, Sent};
use crate::reply_of;

#[async_trait]
impl Provider for Client {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Mail(mail) = message else { return Sent::wrong_kind() };
        let outcome = Self::send(self, &mail.envelope, &mail.message).await;
        Sent {
            reply: reply_of(outcome.class),
            is_bad_address: outcome.class == Class::AddresseeFailed,
            label: outcome.class.label(),
            reason: outcome.to_string(),
        }
    }
}
