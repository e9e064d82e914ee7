//! The port to what sends finished messages of one channel, and its adapters: a mail relay (`channel-email`), an SMS provider and
//! NotifyNL (`channel-sms`). It sends each message once and retries nothing.

mod notify;
mod relay;
mod secret;
mod sms;

use async_trait::async_trait;
use channel_sms::{TextMessage, notify as notifynl};
use delivery::mailing::Reply;
use model::addressee::Channel;

pub use self::{
    notify::{NotifyMail, NotifyText},
    secret::{SecretError, SecretSource},
    sms::SmsProvider,
};
use crate::Mail;

/// A finished message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A mail for a relay.
    Mail(Box<Mail>),
    /// A mail for NotifyNL.
    Template(Box<notifynl::Mail>),
    /// A text message.
    Text(Box<TextMessage>),
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What it means for a mailing.
    pub reply: Reply,
    /// Whether the address is bad for good, so that its light subscriptions end (CH-110).
    pub is_bad_address: bool,
    /// The class, a fixed word for metrics.
    pub label: &'static str,
    /// The reason, without address, number and text of the provider (I10).
    pub reason: String,
}

/// What sends messages of one channel.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The channel.
    fn channel(&self) -> Channel;

    /// Sends a message once, within a bounded time.
    async fn send(&self, message: &Message) -> Sent;
}

impl Sent {
    /// A message of another kind than the provider sends, which the configuration excludes.
    fn wrong_kind() -> Self {
        let reason = "the message is not of the kind that this provider sends".to_owned();
        Self { reply: Reply::MessageRefused, is_bad_address: false, label: "message", reason }
    }
}
