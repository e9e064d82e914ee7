//! The console of a gateway, made from its configuration; reads the files of its theme.

use std::{path::Path, sync::Arc, time::Duration};

use console::{
    ClaimSettings, ClientClaim, Granted, Served, Settings, Site, provider::LogInProvider, settings::time_zone,
    site::Refusals,
};
use egress::Egress;
use management::Management;
use model::{Clock, ExtraRight, Random, Role};
use oidc::{Authentication, Client, SigningKey};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use secrets::Secrets;

use web::{
    Problem,
    auth::provider::ProviderClient,
    face::{PageHead, RefusalPages},
};

use crate::{
    config::{self, Config, LogInAuthentication},
    settings::{SettingsError, secret},
};

/// The largest file of a theme, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What a logo must not contain: scripts, and references to other files.
const FORBIDDEN_IN_SVG: [&str; 6] =
    ["<script", "<foreignobject", "javascript:", "href=\"http", "href='http", "url(http"];

/// The console, when one is configured.
pub fn site(
    config: &Config,
    management: &Management,
    people: Option<&Arc<people::administration::Administration>>,
    secrets: &Arc<Secrets>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    egress: &Arc<Egress>,
) -> Result<Option<Arc<Site>>, SettingsError> {
    let Some(own) = &config.console else { return Ok(None) };
    let zone = time_zone(&own.time_zone).ok_or_else(|| {
        SettingsError::Value(format!("console.time_zone: {:?} is no name of the IANA database", own.time_zone))
    })?;
    let settings = Settings {
        organisation: own.organisation.clone(),
        theme_class: own.theme_class.clone(),
        theme_css: theme_css(own),
        logo: own.logo.as_deref().and_then(logo),
        time_zone: zone,
        accessibility_statement: own.toegankelijkheidsverklaring.clone(),
        contacts: config.security.contact.clone(),
        version: crate::VERSION,
        served: match &config.portaal {
            Some(portal) if own.beheer && !portal.is_apart() => Served::Together,
            _ => Served::Apart,
        },
        portal_url: config.portaal.as_ref().and_then(|portal| portal.public_url.as_deref()).map(without_slash),
    };
    let provider = own.oidc.as_ref().map(|oidc| provider(oidc, own, egress)).transpose()?;
    let (secrets, clock, random) = (Arc::clone(secrets), Arc::clone(clock), Arc::clone(random));
    let site = Site::new(management.clone(), secrets, clock, random, settings, provider);
    Ok(Some(Arc::new(site.with_people(people.cloned()))))
}

/// The look of the console, for the pages of people.
pub fn theme(own: &config::Console) -> console::people::Theme {
    console::people::Theme {
        class: own.theme_class.clone(),
        css: theme_css(own),
        logo: own.logo.as_deref().and_then(logo),
        accessibility_statement: own.toegankelijkheidsverklaring.clone(),
    }
}

/// The pages of refusals: those of people below `/a/`, else those of the console, or of people when there is no console.
pub fn refusals(
    console: Option<Arc<Site>>,
    people: Option<Arc<console::people::Site>>,
) -> Option<Arc<dyn RefusalPages>> {
    let console = console.map(|site| Arc::new(Refusals(site)) as Arc<dyn RefusalPages>);
    let people = people.map(|site| Arc::new(console::people::Refusals(site)) as Arc<dyn RefusalPages>);
    match (console, people) {
        (Some(console), Some(people)) => Some(Arc::new(BothRefusals { console, people })),
        (console, people) => console.or(people),
    }
}

struct BothRefusals {
    console: Arc<dyn RefusalPages>,
    people: Arc<dyn RefusalPages>,
}

impl RefusalPages for BothRefusals {
    fn page(&self, problem: &Problem, head: &PageHead, instance: &str) -> String {
        let is_of_people = head.uri.path().starts_with(console::people::ROOT);
        if is_of_people { &self.people } else { &self.console }.page(problem, head, instance)
    }
}

fn without_slash(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}

fn provider(
    own: &config::ConsoleOidc,
    console: &config::Console,
    egress: &Arc<Egress>,
) -> Result<LogInProvider, SettingsError> {
    let timeout = Duration::from_secs(own.timeout_seconds.into());
    let claims = &console.claims;
    Ok(LogInProvider {
        name: own.name.clone(),
        client: Client { id: own.client_id.clone(), authentication: authentication(own)? },
        scope: own.scope.clone(),
        acr: own.required_acr.clone(),
        claims: ClaimSettings {
            roles: claims.roles.clone(),
            client_ids: claims.client_ids.clone(),
            clients: console.afnemer.iter().map(mapped).collect(),
            name: claims.name.clone(),
            granted: granted(claims),
        },
        requests: ProviderClient::new(own.issuer.clone(), timeout, Arc::clone(egress)),
    })
}

fn mapped(own: &config::ConsoleAfnemer) -> ClientClaim {
    ClientClaim { path: own.claim.clone(), values: own.values.clone(), client_ids: own.client_ids.clone() }
}

/// What each name in the claim of roles grants.
fn granted(claims: &config::ConsoleClaims) -> Vec<(String, Granted)> {
    let known = |label: &String| {
        let role = Role::from_label(label).map(Granted::Role);
        role.or_else(|| ExtraRight::from_label(label).map(Granted::Extra))
    };
    let each = claims.grants.iter().filter_map(|(label, names)| Some((known(label)?, names)));
    each.flat_map(|(granted, names)| names.iter().map(move |name| (name.clone(), granted))).collect()
}

fn authentication(own: &config::ConsoleOidc) -> Result<Authentication, SettingsError> {
    let secret = || {
        let key = "console.oidc.client_secret_file";
        let bytes = secret(key, own.client_secret.as_deref(), own.client_secret_file.as_deref())?;
        String::from_utf8(bytes).map_err(|_| SettingsError::Value(format!("{key}: must be text")))
    };
    Ok(match own.client_authentication {
        LogInAuthentication::ClientSecretBasic => Authentication::SecretBasic(secret()?),
        LogInAuthentication::ClientSecretPost => Authentication::SecretPost(secret()?),
        LogInAuthentication::PrivateKeyJwt => Authentication::PrivateKeyJwt(Arc::new(signing_key(own)?)),
        LogInAuthentication::None => Authentication::None,
    })
}

fn signing_key(own: &config::ConsoleOidc) -> Result<SigningKey, SettingsError> {
    let key = "console.oidc.private_key_file";
    let bytes = file(key, own.private_key_file.as_deref().unwrap_or_else(|| Path::new("")))?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(&bytes);
    let der = der.map_err(|_| SettingsError::Value(format!("{key}: must hold a key in PKCS #8, in PEM")))?;
    SigningKey::from_pkcs8(der.secret_pkcs8_der(), own.private_key_id.clone())
        .map_err(|error| SettingsError::Value(format!("{key}: {error}")))
}

/// The style sheet of the theme. One that cannot be used is reported, and the built-in theme is shown: pages must not stop for their look.
fn theme_css(own: &config::Console) -> Option<Vec<u8>> {
    usable(file("console.theme_css", own.theme_css.as_deref()?))
}

/// The logo, unless it cannot be used, which is reported.
fn logo(path: &Path) -> Option<Vec<u8>> {
    usable(read_logo(path))
}

fn usable(read: Result<Vec<u8>, SettingsError>) -> Option<Vec<u8>> {
    read.inspect_err(|error| tracing::warn!(%error, "a file of the theme is not used")).ok()
}

/// The image; refused when it is no SVG, or has scripts or references.
pub fn read_logo(path: &Path) -> Result<Vec<u8>, SettingsError> {
    let bytes = file("console.logo", path)?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let fault = FORBIDDEN_IN_SVG.iter().find(|part| text.contains(**part));
    match fault {
        None if text.contains("<svg") => Ok(bytes),
        None => Err(SettingsError::Value(format!("console.logo: {} is no SVG image", path.display()))),
        Some(part) => Err(SettingsError::Value(format!("console.logo: {} must not contain {part}", path.display()))),
    }
}

fn file(key: &'static str, path: &Path) -> Result<Vec<u8>, SettingsError> {
    let failed = |source| SettingsError::SecretFile { key, path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_FILE {
        return Err(SettingsError::Value(format!("{key}: {} is larger than {MAX_FILE} bytes", path.display())));
    }
    std::fs::read(path).map_err(failed)
}
