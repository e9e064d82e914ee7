//! The settings of other crates, made from the configuration. What a value means is explained in [`crate::config`] and in
//! the crate that uses it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use egress::Egress;
use model::{
    Clock, KanaalName,
    profile::{EffectiveRules, Mode},
};
use publishing::PublisherRights;
use translator::Limits;
use web::{
    PublicUrl,
    auth::{
        AddressEntry, TrustedHeader,
        access_tokens::{self, AccessTokens},
        autorisaties::{self, Autorisaties, Registration},
        certificates::{self, CertificateHeaders, Certificates},
        failures::{Failures, Lock},
        identity_tokens::IdentityTokens,
    },
};

use crate::{
    config::{self, Config},
    server::{
        self,
        client_authorities::{AuthorityFiles, ClientAuthorities},
        tls::TlsError,
    },
};

/// Why settings cannot be made of a configuration that was checked.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file that the configuration names cannot be read.
    #[error("{key} {}: {source}", path.display())]
    SecretFile {
        /// The key that names it.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// A value cannot be read after all.
    #[error("configuration: {0}")]
    Value(String),
}

impl Config {
    /// The address of the gateway, for links.
    pub fn address(&self) -> PublicUrl {
        PublicUrl::new(self.public_url.as_deref(), self.listen, self.tls.is_some(), &self.proxy.prefix)
    }

    /// The same without a request at hand, without a slash at the end.
    pub fn own_url(&self) -> String {
        self.address().own().to_owned()
    }
}

/// Bounds of requests, and where they come from.
pub fn web(config: &Config) -> Result<web::Settings, SettingsError> {
    let limits = &config.limits;
    Ok(web::Settings {
        public_url: config.address(),
        prefix: config.proxy.prefix.clone(),
        trusted_proxies: ranges(&config.proxy.trusted)?,
        limits: web::Limits {
            body_bytes: limits.body_bytes,
            receive: Duration::from_secs(limits.receive_seconds),
            headers: limits.headers,
            header_bytes: limits.header_bytes,
            batch_events: limits.batch_events,
        },
        query_token: config.auth.query_token,
        audit_reads: config.audit.reads,
        cors: web::Cors {
            allowed_origins: config.cors.allowed_origins.clone(),
            allowed_headers: config.cors.allowed_headers.clone(),
        },
        contact: web::Contact {
            name: config.contact.name.clone(),
            url: config.contact.url.clone(),
            email: config.contact.email.clone(),
        },
        strict_transport: config.tls.is_some(),
    })
}

/// The bounds of the connections of a listener.
pub fn connections(config: &Config) -> Result<server::Bounds, SettingsError> {
    let limits = &config.limits;
    let files = open_files();
    let total = limits.connections.min(files / 2);
    if total < limits.connections {
        tracing::warn!(files, connections = total, "the system allows too few open files for limits.connections");
    }
    Ok(server::Bounds { total, per_address: limits.connections_per_address, proxies: ranges(&config.proxy.trusted)? })
}

/// How many files this process may open.
fn open_files() -> usize {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

/// The bounds of answers, for all listeners of a node together.
pub fn answers(limits: &config::Limits) -> Arc<server::Answers> {
    let (total, per_connection) = (limits.answer_bytes, limits.answer_bytes_per_connection);
    Arc::new(server::Answers::new(total, per_connection, server::Times::new(limits)))
}

/// How events are taken in by this installation.
pub fn publishing(config: &Config, installation: String) -> publishing::Settings {
    let gateway = config.ingest.rules();
    publishing::Settings {
        events: config.ingest.events.rules().over(gateway),
        cloudevents: config.ingest.cloudevents.rules().over(gateway),
        notificaties: EffectiveRules { mode: Mode::Lenient, privacy: Mode::Lenient, ..gateway },
        limits: Limits {
            depth: u8::try_from(config.limits.depth).unwrap_or(u8::MAX),
            events: config.limits.batch_events,
            ..Limits::default()
        },
        default_kanaal: KanaalName::new(&config.default_kanaal),
        attribute_bytes: config.limits.attribute_bytes,
        rights: rights(config),
        inbox: config.people.as_ref().map(config::People::inbox_kanalen).unwrap_or_default(),
        for_people: config.people.as_ref().map(|own| publishing::ForPeople {
            filter_senders: own.filter_senders.clone(),
            dialects: own.dialects(),
            retention: Duration::from_secs(u64::from(config.retention_days) * 86_400),
        }),
        installation,
        source: config.source.clone(),
        dataschema: format!("{}/v1/schemas/notificatie", config.own_url()),
        leeway: Duration::from_secs(u64::from(config.auth.leeway_seconds)),
    }
}

/// The verifier of access tokens, when a provider is configured.
pub fn access_tokens(config: &Config, egress: &Arc<Egress>) -> Option<AccessTokens> {
    let own = config.auth.oidc.as_ref()?;
    let path = |claim: &String| claim.split('.').map(str::to_owned).collect();
    let settings = access_tokens::Settings {
        issuer: own.issuer.clone(),
        audience: own.audience.clone(),
        clients: own.clients.clone().into_iter().collect(),
        scopes_claim: own.scopes_claim.as_ref().map(path),
        scope_prefix: own.scope_prefix.clone(),
        leeway: own.leeway_seconds.into(),
        timeout: Duration::from_secs(own.timeout_seconds.into()),
    };
    Some(AccessTokens::new(settings, Arc::clone(egress)))
}

/// The verifiers of ID tokens of the sources of verified addresses.
pub fn identity_tokens(config: &Config, egress: &Arc<Egress>) -> IdentityTokens {
    let sources = config.people.iter().flat_map(|own| &own.source);
    IdentityTokens::new(sources.filter_map(config::PeopleSource::identity_tokens).collect(), egress)
}

/// The verifier of client certificates. `listener` and `proxy` are the authorities of each, when they are configured.
pub fn certificates(
    config: &Config,
    listener: Option<Arc<ClientAuthorities>>,
    proxy: Option<Arc<ClientAuthorities>>,
) -> Result<Certificates, SettingsError> {
    let bindings = config.applicatie.iter().filter_map(|own| {
        let binding = own.certificate.as_ref()?.binding()?;
        Some((own.client_id.as_str().into(), binding))
    });
    let name = |text: &str| text.parse().map_err(|_| SettingsError::Value(format!("{text} is no header name")));
    let headers = match &config.proxy.client_certificate_header {
        Some(own) => Some(CertificateHeaders { leaf: name(own)?, chain: name(&format!("{own}-Chain"))? }),
        None => None,
    };
    Ok(Certificates::new(certificates::Settings {
        bindings: bindings.collect(),
        headers,
        listener: listener.map(|own| own as _),
        proxy: proxy.map(|own| own as _),
    }))
}

/// The authorities of clients of proxies, when they are configured; reads the files.
pub fn clients_of_proxies(config: &Config) -> Result<Option<Arc<ClientAuthorities>>, TlsError> {
    let Some(authorities) = config.proxy.client_ca.clone() else { return Ok(None) };
    let files = AuthorityFiles { authorities, revocation_lists: config.proxy.client_crl.clone() };
    Ok(Some(Arc::new(ClientAuthorities::load(files)?)))
}

/// The clients that are recognised by their address alone.
pub fn addresses(config: &Config) -> Result<Vec<Arc<AddressEntry>>, SettingsError> {
    let entry = |own: &config::AuthAddress| {
        Ok(Arc::new(AddressEntry {
            ranges: ranges(&own.addresses)?,
            client_id: own.applicatie.as_str().into(),
            scopes: own.scopes(),
            routes: own.routes.clone(),
        }))
    };
    config.auth.address.iter().map(entry).collect()
}

/// The proxies that name people, when they are configured.
pub fn trusted_header(config: &Config) -> Result<Option<TrustedHeader>, SettingsError> {
    let Some(own) = config::PeopleProxy::of(config) else { return Ok(None) };
    let header = &own.header;
    let name = header.parse().map_err(|_| SettingsError::Value(format!("{header} is no header name")))?;
    Ok(Some(TrustedHeader { name, issuer: own.issuer.clone(), proxies: ranges(&own.addresses)? }))
}

/// The counts of wrong tokens, and when they lock a client.
pub fn failures(config: &Config) -> Failures {
    let period = Duration::from_secs(u64::from(config.auth.lock_seconds));
    Failures::new(Lock { failures: config.auth.max_failures, period })
}

/// What publishers are limited to.
fn rights(config: &Config) -> PublisherRights {
    let kanalen = config.kanaal.iter().filter(|kanaal| !kanaal.publishers.is_empty());
    let sources = config.applicatie.iter().filter(|applicatie| !applicatie.sources.is_empty());
    PublisherRights {
        kanalen: kanalen.filter_map(|own| Some((KanaalName::new(&own.naam)?, own.publishers.clone()))).collect(),
        sources: sources.map(|own| (own.client_id.clone(), own.sources.clone())).collect(),
        own_events: config.own_events.is_some(),
    }
}

/// The client of the Autorisaties API, when one is configured; reads the files with secrets.
pub fn autorisaties(
    config: &Config,
    egress: &Arc<Egress>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<Autorisaties>>, SettingsError> {
    let Some(own) = &config.auth.autorisaties else { return Ok(None) };
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let settings = autorisaties::Settings {
        url: root(&own.url),
        client_id: own.client_id.clone(),
        secret: secret("auth.autorisaties.secret_file", own.secret.as_deref(), own.secret_file.as_deref())?,
        component: own.component.clone(),
        kanaal: own.kanaal.clone(),
        cache: seconds(own.cache_seconds),
        negative: seconds(own.negative_seconds),
        stale: seconds(own.stale_seconds),
        timeout: seconds(own.timeout_seconds),
    };
    let registration = own.abonnement.as_ref().map(|abonnement| registration(config, own, abonnement)).transpose()?;
    Ok(Some(Arc::new(Autorisaties::new(settings, registration, Arc::clone(egress), Arc::clone(clock)))))
}

fn registration(
    config: &Config,
    api: &config::Autorisaties,
    own: &config::AutorisatiesAbonnement,
) -> Result<Registration, SettingsError> {
    let key = "auth.autorisaties.abonnement.secret_file";
    let callback_url = own.callback_url.clone();
    Ok(Registration {
        root: root(&own.url),
        client_id: own.client_id.clone(),
        secret: secret(key, own.secret.as_deref(), own.secret_file.as_deref())?,
        callback_url: callback_url.unwrap_or_else(|| format!("{}/api/v1/callbacks", config.own_url())),
        kanaal: api.kanaal.clone(),
        timeout: Duration::from_secs(own.timeout_seconds.into()),
    })
}

fn root(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

/// A secret that is configured, or the text of its file without white space at its end.
pub(crate) fn secret(key: &'static str, secret: Option<&str>, file: Option<&Path>) -> Result<Vec<u8>, SettingsError> {
    let Some(path) = file else { return Ok(secret.unwrap_or_default().as_bytes().to_vec()) };
    let failed = |source| SettingsError::SecretFile { key, path: path.to_owned(), source };
    let text = secrets::read_text(path).map_err(failed)?;
    let secret = text.trim_end();
    if secret.is_empty() {
        return Err(failed(std::io::Error::other("it holds no secret")));
    }
    Ok(secret.as_bytes().to_vec())
}

/// Address ranges in CIDR notation.
pub fn ranges(texts: &[String]) -> Result<Vec<egress::Cidr>, SettingsError> {
    texts.iter().map(|text| text.parse().map_err(|error| SettingsError::Value(format!("{text}: {error}")))).collect()
}
