//! Checks on values that their types cannot express. What `gateway check` advises is in `advice`.

use std::{collections::HashSet, fmt};

use management::InTwoLanguages;
use model::{KanaalName, Timestamp, applicatie::Scope};

use super::{Applicatie, Config, ConfigError};

/// The severity of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It works.
    Pass,
    /// It works, but not as a production gateway should.
    Advice,
    /// It does not work.
    Failure,
}

/// The result of one check of `gateway check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// What was checked: a key of the configuration, or the name of a part of the gateway.
    pub item: String,
    /// Passed, advice or failed.
    pub severity: Severity,
    /// What was found. The English text also has the error of the system, which the Dutch text leaves out.
    pub text: InTwoLanguages,
    /// How to correct it; `None` when it passed or `text` contains it.
    pub remedy: Option<InTwoLanguages>,
    /// When what was checked ends, in the case of a certificate.
    pub expires: Option<Timestamp>,
}

impl CheckResult {
    /// A check that passed.
    pub fn good(item: impl Into<String>, text: impl Into<InTwoLanguages>) -> Self {
        Self { item: item.into(), severity: Severity::Pass, text: text.into(), remedy: None, expires: None }
    }

    /// Advice, with what to do.
    pub fn advice(item: impl Into<String>, text: impl Into<InTwoLanguages>, remedy: impl Into<InTwoLanguages>) -> Self {
        Self { severity: Severity::Advice, remedy: Some(remedy.into()), ..Self::good(item, text) }
    }

    /// A check that failed, with what to do.
    pub fn bad(item: impl Into<String>, text: impl Into<InTwoLanguages>, remedy: impl Into<InTwoLanguages>) -> Self {
        Self { severity: Severity::Failure, ..Self::advice(item, text, remedy) }
    }
}

impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.en)?;
        self.remedy.iter().try_for_each(|remedy| write!(f, "; {}", remedy.en))
    }
}

impl Config {
    /// Checks every value.
    ///
    /// # Errors
    /// The key of the first wrong value.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let fail = |key: &str, why: &str| Err(ConfigError::Value { key: key.to_owned(), why: why.to_owned() });
        if !is_dns_name(&self.origin) {
            return fail("origin", "must be a DNS name such as gateway.gemeente.example");
        }
        if !is_source(&self.source) {
            return fail("source", "must be a URI-reference such as urn:nld:oin:00000001823288444000:systeem:gateway");
        }
        let public_url = self.public_url.iter().map(|url| ("public_url", url));
        for (key, url) in public_url.chain(self.own_urls.iter().map(|url| ("own_urls", url))) {
            let good = url.parse::<http::Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
            });
            if !good {
                return fail(key, "must be an absolute http(s) URL without query");
            }
        }
        if !self.default_kanaal.is_empty() && KanaalName::new(&self.default_kanaal).is_none() {
            return fail("default_kanaal", "must have at most 50 characters");
        }
        for (key, value, least) in [
            ("retention_days", u64::from(self.retention_days), 1),
            ("audit.retention_days", u64::from(self.audit.retention_days), 180),
            ("limits.body_bytes", self.limits.body_bytes as u64, 65_536),
            ("limits.batch_events", self.limits.batch_events as u64, 1),
            ("limits.attribute_bytes", self.limits.attribute_bytes as u64, 1_024),
            ("limits.depth", self.limits.depth as u64, 8),
            ("limits.headers", self.limits.headers as u64, 100),
            ("limits.header_bytes", self.limits.header_bytes as u64, 65_536),
            ("limits.receive_seconds", self.limits.receive_seconds, 1),
            ("limits.connections", self.limits.connections as u64, 16),
            ("limits.connections_per_address", self.limits.connections_per_address as u64, 1),
            ("limits.backlog", u64::from(self.limits.backlog), 1),
            ("limits.first_request_seconds", self.limits.first_request_seconds, 1),
            ("limits.idle_seconds", self.limits.idle_seconds, 1),
            ("limits.answer_seconds", self.limits.answer_seconds, 1),
            ("limits.answer_bytes", self.limits.answer_bytes as u64, 1_048_576),
            ("limits.answer_bytes_per_connection", self.limits.answer_bytes_per_connection as u64, 65_536),
            ("limits.store_seconds", self.limits.store_seconds, 1),
            ("auth.lock_seconds", u64::from(self.auth.lock_seconds), 1),
            ("auth.max_age_seconds", u64::from(self.auth.max_age_seconds), 1),
            ("egress.connect_timeout_seconds", self.egress.connect_timeout_seconds, 1),
            ("egress.timeout_seconds", self.egress.timeout_seconds, 1),
            ("egress.idle_timeout_seconds", self.egress.idle_timeout_seconds, 1),
            ("consent.timeout_seconds", self.consent.timeout_seconds, 1),
            ("consent.max_attempts", u64::from(self.consent.max_attempts), 1),
            ("consent.callback_days", u64::from(self.consent.callback_days), 1),
            ("subscriptions.per_client", self.subscriptions.per_client as u64, 1),
            ("subscriptions.replays_per_client", self.subscriptions.replays_per_client as u64, 1),
            ("subscriptions.redrives_per_client", self.subscriptions.redrives_per_client as u64, 1),
            ("delivery.window", self.delivery.window as u64, 1),
            ("delivery.checkpoint_ms", self.delivery.checkpoint_ms, 10),
        ] {
            if value < least {
                return fail(key, &format!("must be at least {least}"));
            }
        }
        if let Some(kafka) = &self.kafka {
            kafka.validate(self.secrets.key_file.is_some())?;
            if kafka.index.as_ref() == Some(&self.data) {
                return fail("kafka.index", "must be another directory than data");
            }
        }
        self.validate_roles()?;
        if let Some((key, why)) = self.auth.oidc.as_ref().and_then(super::OidcTokens::fault) {
            return fail(key, why);
        }
        if let Some((key, why)) = self.auth.autorisaties.as_ref().and_then(|own| own.fault(self.public_url.is_some())) {
            return fail(key, why);
        }
        if let Some((key, why)) = self.contact.fault() {
            return fail(key, why);
        }
        if let Some((key, why)) = self.console.as_ref().and_then(super::Console::fault) {
            return fail(key, why);
        }
        if let Some((key, why)) = super::Portaal::fault(self) {
            return fail(key, why);
        }
        if let Some((key, why)) = self.own_events.as_ref().and_then(super::OwnEvents::fault) {
            return fail(key, why);
        }
        if let Some(why) = self.people.as_ref().and_then(super::People::expression_fault) {
            return fail("people.expression", &why);
        }
        if let Some((key, why)) = self.people.as_ref().and_then(super::PeoplePage::fault) {
            return fail(key, &why);
        }
        if let Some(why) = self.people.as_ref().and_then(super::People::template_fault) {
            return fail("people.template", &why);
        }
        if let Some((key, why)) = super::People::fault(self)
            .or_else(|| super::Email::fault(self))
            .or_else(|| super::EmailInbound::fault(self))
        {
            return fail(key, why);
        }
        if let Some((key, why)) = super::Sms::fault(self)
            .or_else(|| super::NotifyNl::fault(self))
            .or_else(|| super::Feed::fault(self))
            .or_else(|| super::PeopleProxy::fault(self))
            .or_else(|| super::AuthAddress::fault(self))
        {
            return fail(key, &why);
        }
        if let Some((key, why)) = self.own_kanaal_fault() {
            return fail(key, why);
        }
        if let Some((key, why)) = self.security.fault() {
            return fail(key, why);
        }
        if self.notificaties.own_kanalen_only && self.notificaties.any_publisher_changes_kanalen {
            return fail("notificaties.any_publisher_changes_kanalen", "contradicts notificaties.own_kanalen_only");
        }
        if self.delivery.retry.policy().is_none() {
            return fail("delivery.retry", "factor and base must not be negative, jitter must be 0 to 1");
        }
        for (key, ranges) in [
            ("egress.allow", &self.egress.allow),
            ("egress.allow_http", &self.egress.allow_http),
            ("proxy.trusted", &self.proxy.trusted),
        ] {
            for range in ranges {
                if let Err(error) = range.parse::<egress::Cidr>() {
                    return fail(key, &format!("{range}: {error}"));
                }
            }
        }
        let prefix = &self.proxy.prefix;
        if !prefix.is_empty() && (!prefix.starts_with('/') || prefix.ends_with('/') || !is_path(prefix)) {
            return fail(
                "proxy.prefix",
                "must be a path that starts with / and does not end with it, such as /gateway",
            );
        }
        self.validate_client_certificates()?;
        for origin in &self.target.allowed_origins {
            if !is_dns_name(origin) {
                return fail("target.allowed_origins", &format!("{origin:?} is no DNS name"));
            }
        }
        for origin in &self.cors.allowed_origins {
            if !is_origin(origin) {
                return fail(
                    "cors.allowed_origins",
                    &format!(
                        "{origin:?} is no origin: write scheme and host alone, such as https://beheer.gemeente.example"
                    ),
                );
            }
        }
        for name in &self.cors.allowed_headers {
            if name.parse::<http::HeaderName>().is_err() {
                return fail("cors.allowed_headers", &format!("{name:?} is no header name"));
            }
        }
        if let Some(part) = self.log.level.split(',').find(|part| !is_directive(part)) {
            let why = format!("{part:?} is neither a level (error, warn, info, debug, trace, off) nor module=level");
            return fail("log.level", &why);
        }
        self.validate_declared()
    }

    fn validate_client_certificates(&self) -> Result<(), ConfigError> {
        let fail = |key: &str, why: &str| Err(ConfigError::Value { key: key.to_owned(), why: why.to_owned() });
        let (tls, proxy) = (self.tls.as_ref(), &self.proxy);
        if tls.is_some_and(|tls| tls.client_ca.is_none() && !tls.client_crl.is_empty()) {
            return fail("tls.client_crl", "needs tls.client_ca");
        }
        let Some(header) = &proxy.client_certificate_header else {
            let unused = proxy.client_ca.is_some() || !proxy.client_crl.is_empty();
            let why = "needs proxy.client_certificate_header";
            return if unused { fail("proxy.client_ca", why) } else { Ok(()) };
        };
        if header.parse::<http::HeaderName>().is_err() {
            return fail("proxy.client_certificate_header", "is no header name");
        }
        if proxy.client_ca.is_none() {
            return fail("proxy.client_ca", "is needed to verify what proxy.client_certificate_header brings");
        }
        if proxy.trusted.is_empty() {
            return fail("proxy.trusted", "must name the proxies that send proxy.client_certificate_header");
        }
        Ok(())
    }

    /// Whether clients can show a certificate.
    pub fn takes_client_certificates(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some()) || self.proxy.client_certificate_header.is_some()
    }

    fn validate_declared(&self) -> Result<(), ConfigError> {
        let fail = |key: &str, why: String| Err(ConfigError::Value { key: key.to_owned(), why });
        let mut seen = HashSet::new();
        for applicatie in &self.applicatie {
            let id = &applicatie.client_id;
            if id.is_empty() || !seen.insert(id) {
                return fail("applicatie.client_id", format!("{id:?} is empty or there twice"));
            }
            let secrets = applicatie.secret.iter().chain(&applicatie.secrets);
            if secrets.clone().any(String::is_empty) {
                return fail("applicatie.secret", format!("of {id} is empty"));
            }
            let has_access_tokens = self.auth.oidc.as_ref().is_some_and(|oidc| oidc.names(id));
            let has_address = self.auth.address.iter().any(|own| own.applicatie == *id);
            let has_other = has_access_tokens || has_address || applicatie.certificate.is_some();
            if secrets.count() == 0 && applicatie.secret_paths().next().is_none() && !has_other {
                let why = format!(
                    "{id} needs secret, secret_file, secret_files or secrets, a client of [auth.oidc], certificate, or an [[auth.address]]"
                );
                return fail("applicatie.secret", why);
            }
            if let Some((key, why)) = applicatie.certificate.as_ref().and_then(super::ClientCertificate::fault) {
                return fail(key, format!("of {id} {why}"));
            }
            if applicatie.certificate.is_some() && !self.takes_client_certificates() {
                let why =
                    format!("of {id} needs tls.client_ca, or proxy.client_certificate_header with proxy.client_ca");
                return fail("applicatie.certificate", why);
            }
            let same = |other: &&Applicatie| other.client_id != *id && other.certificate == applicatie.certificate;
            if let Some(other) = self.applicatie.iter().filter(|_| applicatie.certificate.is_some()).find(same) {
                let why = format!("of {id} is also that of {}: a certificate must belong to one", other.client_id);
                return fail("applicatie.certificate", why);
            }
            if let Some(unknown) = applicatie.scopes.iter().find(|scope| Scope::from_label(scope).is_none()) {
                let known = Scope::ALL.map(Scope::label).join(", ");
                return fail("applicatie.scopes", format!("{unknown:?} of {id} is no scope; known are {known}"));
            }
            if applicatie.source.as_deref().is_some_and(|source| !is_source(source)) {
                return fail("applicatie.source", format!("of {id} is no URI-reference"));
            }
            if applicatie.sources.iter().any(String::is_empty) {
                return fail("applicatie.sources", format!("of {id} holds an empty pattern; write * for any source"));
            }
        }
        let mut seen = HashSet::new();
        for kanaal in &self.kanaal {
            let naam = &kanaal.naam;
            if KanaalName::new(naam).is_none() || !seen.insert(naam) {
                return fail("kanaal.naam", format!("{naam:?} is empty, longer than 50 characters or there twice"));
            }
            if kanaal.source.as_deref().is_some_and(|source| !is_source(source)) {
                return fail("kanaal.source", format!("of {naam} is no URI-reference"));
            }
            if kanaal.retention_days == Some(0) {
                return fail("kanaal.retention_days", format!("of {naam} must be at least 1"));
            }
            if kanaal.type_routes.iter().any(String::is_empty) {
                return fail("kanaal.type_routes", format!("of {naam} holds an empty prefix"));
            }
            let declared = |client: &String| self.applicatie.iter().any(|own| own.client_id == *client);
            if let Some(unknown) = kanaal.publishers.iter().find(|client| !declared(client)) {
                return fail("kanaal.publishers", format!("of {naam}: there is no [[applicatie]] {unknown:?}"));
            }
        }
        Ok(())
    }
}

/// Labels of letters, digits and hyphens, separated by dots, with an optional port left out.
fn is_dns_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Segments of unreserved characters.
fn is_path(text: &str) -> bool {
    !text.contains("//") && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
}

/// A scheme and a host as a browser sends them in `Origin`: lower case, nothing behind it.
fn is_origin(text: &str) -> bool {
    let uri = text.parse::<http::Uri>().ok();
    let parts = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.authority()?.as_str())));
    parts.is_some_and(|(scheme, authority)| {
        matches!(scheme, "https" | "http") && text == format!("{scheme}://{authority}").to_ascii_lowercase()
    })
}

/// A level, or a level for a module. The filter itself would take any word for the name of a module.
fn is_directive(text: &str) -> bool {
    let level = text.rsplit_once('=').map_or(text, |(_, level)| level).trim();
    ["error", "warn", "info", "debug", "trace", "off"].iter().any(|known| known.eq_ignore_ascii_case(level))
}

fn is_source(text: &str) -> bool {
    use model::{AttributeName, Event, Value};
    let attributes = ["id", "source", "type"].into_iter().filter_map(|name| {
        let value = if name == "source" { text } else { "x" };
        Some((AttributeName::new(name).ok()?, Value::text(value).ok()?))
    });
    Event::new(attributes.collect(), None).is_ok()
}
