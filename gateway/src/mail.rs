//! Messages to people, made from the configuration: of each channel what makes them, the way to its provider, and the driver of due
//! messages.
//!
//! Not here: what becomes due (`people`), and what is sent when (`mailer`).

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use channel_email::{Client, Credential, CredentialError, Credentials, Security};
use egress::Egress;
use mailer::{
    ChannelComposer, Composer, Outlet, Relay, RelaySettings,
    outbox::{Outbox, Parts, Settings},
};
use message::{address::EmailAddress, mail::Mailbox, verp::EnvelopeSenders};
use model::{Clock, consent::Rate};
use people::People;
use storage::Audience;

use crate::{
    config::{Config, Email, RelaySecurity},
    dkim,
    start::StartError,
};

/// What sends the messages of a channel.
#[derive(Clone)]
pub struct Mail {
    /// The way to the provider.
    pub relay: Arc<Relay>,
    /// What makes messages and sends them.
    pub outlet: Outlet,
    /// The driver of due messages.
    pub outbox: Arc<Outbox>,
}

/// What sends mails; `None` without `[email]` and without mails by NotifyNL.
///
/// # Errors
/// A value of the configuration cannot be used.
pub fn mail(
    config: &Config,
    audience: Option<&Arc<dyn Audience>>,
    people: Option<&Arc<People>>,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Mail>, StartError> {
    let (Some(audience), Some(people)) = (audience, people) else { return Ok(None) };
    let Some(own) = &config.email else {
        let outlet = crate::sms::mail_outlet(config, people, egress, clock)?;
        return Ok(outlet.map(|outlet| channel(config, outlet, audience, people, clock)));
    };
    let client = client(config, own, egress)?;
    let rate = own.rate_per_minute.map_or(Rate::Unlimited, Rate::PerMinute);
    let relay = Relay::new(Arc::new(client), RelaySettings { slots: own.connections, rate }, Arc::clone(clock));
    let composer = ChannelComposer::Mail(Arc::new(composer(own, people)?));
    Ok(Some(channel(config, Outlet { composer, relay }, audience, people, clock)))
}

/// What sends text messages; `None` without `[sms]`.
///
/// # Errors
/// A value of the configuration cannot be used.
pub fn sms(
    config: &Config,
    audience: Option<&Arc<dyn Audience>>,
    people: Option<&Arc<People>>,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Mail>, StartError> {
    let (Some(audience), Some(people)) = (audience, people) else { return Ok(None) };
    let outlet = crate::sms::outlet(config, people, egress, clock)?;
    Ok(outlet.map(|outlet| channel(config, outlet, audience, people, clock)))
}

/// A channel with its driver of due messages, which are signed by the organisation.
fn channel(
    config: &Config,
    outlet: Outlet,
    audience: &Arc<dyn Audience>,
    people: &Arc<People>,
    clock: &Arc<dyn Clock>,
) -> Mail {
    let of_pages = config.people.as_ref().map(|own| own.organisation.clone());
    let organisation = config.email.as_ref().map(|own| own.name.clone()).or(of_pages).unwrap_or_default();
    let outbox = Outbox::new(Parts {
        audience: Arc::clone(audience),
        keys: Arc::clone(people.keys()),
        links: people.links().clone(),
        outlet: outlet.clone(),
        organisation,
        obligatory: config.people.as_ref().map(crate::config::People::obligatory_kanalen).unwrap_or_default(),
        clock: Arc::clone(clock),
        settings: Settings::default(),
    });
    Mail { relay: Arc::clone(&outlet.relay), outlet, outbox }
}

fn client(config: &Config, own: &Email, egress: &Arc<Egress>) -> Result<Client, StartError> {
    let credentials = credentials(own);
    let security = match own.security {
        RelaySecurity::Starttls => Security::StartTls(credentials),
        RelaySecurity::Tls => Security::Tls(credentials),
        RelaySecurity::Plain => Security::Plain,
    };
    let mut settings = channel_email::Settings::new(own.host.clone(), own.port(), security, config.origin.clone());
    settings.connections = own.connections;
    settings.tls_profile = own.tls_profile.as_deref().map(Arc::from);
    Client::new(Arc::clone(egress), settings).map_err(|error| fault("email", &error))
}

fn composer(own: &Email, people: &People) -> Result<Composer, StartError> {
    let address = |key, text: &str| EmailAddress::parse(text).map_err(|error| fault(key, &error));
    let from = Mailbox::new(own.name.as_str(), address("email.from", &own.from)?);
    let key = &people.keys().digest;
    let mut composer = Composer::new(key.clone(), from);
    if let Some(domain) = &own.envelope_domain {
        let senders = EnvelopeSenders::new(key.clone(), domain);
        composer = composer.with_bounces(senders.map_err(|error| fault("email.envelope_domain", &error))?);
    }
    if own.inbound.is_some() {
        composer = composer.with_unsubscribe_by_mail();
    }
    if let Some(signed) = &own.dkim {
        let signer = dkim::signer(signed, &own.from).map_err(|error| fault(error.member(), &error))?;
        composer = composer.with_dkim(signer);
    }
    if let Some(to) = &own.test_override {
        composer = composer.with_redirect(address("email.test_override", to)?);
    }
    Ok(composer)
}

fn fault(key: &str, error: &dyn std::fmt::Display) -> StartError {
    StartError::Config(format!("{key}: {error}"))
}

fn credentials(own: &Email) -> Option<Arc<dyn Credentials>> {
    let user = own.user.clone()?;
    match (&own.password, &own.password_file) {
        (Some(password), _) => Some(Arc::new(Credential::Password { user, password: password.clone() })),
        (None, Some(file)) => Some(Arc::new(PasswordFile { user, file: file.clone() })),
        (None, None) => None,
    }
}

/// A credential whose password is in a file, which is read for each connection.
struct PasswordFile {
    user: String,
    file: PathBuf,
}

#[async_trait]
impl Credentials for PasswordFile {
    async fn credential(&self, _renew: bool) -> Result<Credential, CredentialError> {
        let file = self.file.clone();
        let read = tokio::task::spawn_blocking(move || secrets::read_text(&file)).await;
        match read {
            Ok(Ok(text)) => Ok(Credential::Password { user: self.user.clone(), password: text.trim_end().to_owned() }),
            Ok(Err(error)) => Err(CredentialError(format!("email.password_file: {error}"))),
            Err(_) => Err(CredentialError("email.password_file was not read".to_owned())),
        }
    }
}
