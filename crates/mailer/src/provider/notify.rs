//! NotifyNL as a provider of text messages and of e-mail: each with a template of the organisation.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use channel_sms::notify::{ApiKey, Client, Template};
use model::addressee::Channel;

use super::{Message, Provider, SecretError, SecretSource, Sent};

/// Text messages by NotifyNL, with a template whose body is `((text))`.
pub struct NotifyText(Notify);

/// E-mail by NotifyNL, with a template whose subject is `((subject))` and whose body is `((text))`.
pub struct NotifyMail(Notify);

struct Notify {
    client: Arc<Client>,
    template: Template,
    key: Arc<dyn SecretSource>,
}

impl Notify {
    async fn key(&self) -> Result<ApiKey, SecretError> {
        ApiKey::parse(&self.key.secret().await?).map_err(|error| SecretError(error.to_string()))
    }
}

impl NotifyText {
    /// Text messages with this template, and the API key of this source.
    pub fn new(client: Arc<Client>, template: Template, key: Arc<dyn SecretSource>) -> Self {
        Self(Notify { client, template, key })
    }
}

impl NotifyMail {
    /// Mails with this template, and the API key of this source.
    pub fn new(client: Arc<Client>, template: Template, key: Arc<dyn SecretSource>) -> Self {
        Self(Notify { client, template, key })
    }
}

#[async_trait]
impl Provider for NotifyText {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Text(text) = message else { return Sent::wrong_kind() };
        match self.0.key().await {
            Ok(key) => self.0.client.send_text(&key, &self.0.template, text).await.into(),
            Err(error) => error.into(),
        }
    }
}

#[async_trait]
impl Provider for NotifyMail {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn send(&self, message: &Message) -> Sent {
        let Message::Template(mail) = message else { return Sent::wrong_kind() };
        match self.0.key().await {
            Ok(key) => self.0.client.send_mail(&key, &self.0.template, mail).await.into(),
            Err(error) => error.into(),
        }
    }
}

impl fmt::Debug for NotifyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotifyText(…)")
    }
}

impl fmt::Debug for NotifyMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotifyMail(…)")
    }
}
