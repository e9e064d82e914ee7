//! Text messages to people, and NotifyNL, made from the configuration.
//!
//! Not here: what becomes due (`people`), and what is sent when (`mailer`).

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use channel_sms::{
    Client, ClientSettings,
    notify::{self, BaseUrl, Template},
};
use egress::Egress;
use mailer::{
    ChannelComposer, NotifyMail, NotifyText, Outlet, Provider, Relay, RelaySettings, SecretError, SecretSource,
    SmsProvider,
};
use model::{Clock, consent::Rate};
use people::People;

use crate::{
    config::{Config, NotifyNl},
    start::StartError,
};

/// What sends text messages; `None` without `[sms]`.
///
/// # Errors
/// A value of the configuration cannot be used.
pub fn outlet(
    config: &Config,
    people: &People,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Outlet>, StartError> {
    let Some(own) = &config.sms else { return Ok(None) };
    let provider: Arc<dyn Provider> = if let Some(provider) = own.http_provider() {
        let provider = provider.map_err(|error| StartError::Config(format!("sms: {error}")))?;
        let client = Client::new(Arc::clone(egress), provider, Arc::clone(clock), ClientSettings::default());
        let secret = secret("sms.secret_file", own.secret.as_ref(), own.secret_file.as_ref());
        Arc::new(SmsProvider::new(client, secret))
    } else {
        let notify = notify(config)?;
        let template = template("notifynl.sms_template", notify.sms_template.as_ref(), notify.sms_sender.as_ref())?;
        Arc::new(NotifyText::new(notify_client(notify, egress, clock)?, template, notify_key(notify)))
    };
    let settings = RelaySettings { slots: own.connections, rate: Rate::PerMinute(own.rate_per_minute) };
    let composer = ChannelComposer::Sms { key: people.keys().digest.clone(), segments: own.segments.get() };
    Ok(Some(Outlet { composer, relay: Relay::new(provider, settings, Arc::clone(clock)) }))
}

/// What sends mails through NotifyNL; `None` without a template for them.
///
/// # Errors
/// A value of the configuration cannot be used.
pub fn mail_outlet(
    config: &Config,
    people: &People,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Outlet>, StartError> {
    let Some(own) = config.notifynl.as_ref().filter(|own| own.email_template.is_some()) else { return Ok(None) };
    let template = template("notifynl.email_template", own.email_template.as_ref(), own.email_reply_to.as_ref())?;
    let provider = Arc::new(NotifyMail::new(notify_client(own, egress, clock)?, template, notify_key(own)));
    let settings =
        RelaySettings { slots: const { std::num::NonZeroUsize::new(10).expect("not zero") }, rate: Rate::Unlimited };
    let composer = ChannelComposer::Template(people.keys().digest.clone());
    Ok(Some(Outlet { composer, relay: Relay::new(provider, settings, Arc::clone(clock)) }))
}

fn notify(config: &Config) -> Result<&NotifyNl, StartError> {
    config.notifynl.as_ref().ok_or_else(|| StartError::Config("sms.provider: notifynl needs [notifynl]".to_owned()))
}

fn notify_client(
    own: &NotifyNl,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<notify::Client>, StartError> {
    let base = BaseUrl::new(&own.url)
        .ok_or_else(|| StartError::Config("notifynl.url: must be an absolute URL without path".to_owned()))?;
    let client = notify::Client::new(Arc::clone(egress), base, Arc::clone(clock), ClientSettings::default());
    Ok(Arc::new(client))
}

fn notify_key(own: &NotifyNl) -> Arc<dyn SecretSource> {
    secret("notifynl.api_key_file", own.api_key.as_ref(), own.api_key_file.as_ref())
}

fn template(key: &str, id: Option<&String>, sender: Option<&String>) -> Result<Template, StartError> {
    let template = id.and_then(|id| Template::new(id, sender.map(String::as_str)));
    template.ok_or_else(|| StartError::Config(format!("{key}: must be the UUID of a template")))
}

fn secret(key: &'static str, text: Option<&String>, file: Option<&PathBuf>) -> Arc<dyn SecretSource> {
    match (text, file) {
        (Some(text), _) => Arc::new(text.clone()),
        (None, Some(file)) => Arc::new(SecretFile { key, file: file.clone() }),
        (None, None) => Arc::new(String::new()),
    }
}

/// A secret in a file, which is read for each message.
struct SecretFile {
    /// The key of the configuration that names the file.
    key: &'static str,
    file: PathBuf,
}

#[async_trait]
impl SecretSource for SecretFile {
    async fn secret(&self) -> Result<String, SecretError> {
        let file = self.file.clone();
        match tokio::task::spawn_blocking(move || secrets::read_text(&file)).await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(SecretError(format!("{}: {error}", self.key))),
            Err(_) => Err(SecretError(format!("{} was not read", self.key))),
        }
    }
}
