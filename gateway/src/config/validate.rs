//! Checks on values that their types cannot express, and the advice `gateway check` gives.

use std::collections::HashSet;

use model::{KanaalName, applicatie::Scope};

use super::{Config, ConfigError};

/// The secret in `deploy/gateway.toml`.
const SAMPLE_SECRET: &str = "change-me-before-use";

/// How bad a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It works.
    Good,
    /// It works, but not as a production gateway should.
    Advice,
    /// It does not work.
    Bad,
}

/// One line of `gateway check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How bad.
    pub severity: Severity,
    /// What was looked at, and how to mend it when it is not good.
    pub text: String,
}

impl Config {
    /// Checks every value; the first that is wrong is named by its key.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let fail = |key: &str, why: &str| Err(ConfigError::Value { key: key.to_owned(), why: why.to_owned() });
        if !is_dns_name(&self.origin) {
            return fail("origin", "must be a DNS name such as gateway.gemeente.example");
        }
        if !is_source(&self.source) {
            return fail("source", "must be a URI-reference such as urn:nld:oin:00000001823288444000:systeem:gateway");
        }
        if let Some(url) = &self.public_url {
            let good = url.parse::<http::Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("https" | "http")) && uri.host().is_some() && uri.query().is_none()
            });
            if !good {
                return fail("public_url", "must be an absolute http(s) URL without query");
            }
        }
        if !self.default_kanaal.is_empty() && KanaalName::new(&self.default_kanaal).is_none() {
            return fail("default_kanaal", "must have at most 50 characters");
        }
        for (key, value, least) in [
            ("retention_days", u64::from(self.retention_days), 1),
            ("limits.body_bytes", self.limits.body_bytes as u64, 65_536),
            ("limits.batch_events", self.limits.batch_events as u64, 1),
            ("limits.depth", self.limits.depth as u64, 8),
            ("limits.headers", self.limits.headers as u64, 100),
            ("limits.header_bytes", self.limits.header_bytes as u64, 65_536),
            ("limits.receive_seconds", self.limits.receive_seconds, 1),
            ("auth.max_age_seconds", u64::from(self.auth.max_age_seconds), 1),
            ("egress.connect_timeout_seconds", self.egress.connect_timeout_seconds, 1),
            ("egress.timeout_seconds", self.egress.timeout_seconds, 1),
            ("egress.idle_timeout_seconds", self.egress.idle_timeout_seconds, 1),
            ("consent.timeout_seconds", self.consent.timeout_seconds, 1),
            ("consent.max_attempts", u64::from(self.consent.max_attempts), 1),
            ("consent.callback_days", u64::from(self.consent.callback_days), 1),
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
        if let Some((key, why)) = self.auth.autorisaties.as_ref().and_then(|own| own.fault(self.public_url.is_some())) {
            return fail(key, why);
        }
        if let Some((key, why)) = self.contact.fault() {
            return fail(key, why);
        }
        if let Some((key, why)) = self.contact.fault() {
            return fail(key, why);
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
            if secrets.count() == 0 && applicatie.secret_file.is_none() {
                return fail("applicatie.secret", format!("{id} needs secret, secret_file or secrets"));
            }
            if let Some(unknown) = applicatie.scopes.iter().find(|scope| Scope::from_label(scope).is_none()) {
                let known = Scope::ALL.map(Scope::label).join(", ");
                return fail("applicatie.scopes", format!("{unknown:?} of {id} is no scope; known are {known}"));
            }
            if applicatie.source.as_deref().is_some_and(|source| !is_source(source)) {
                return fail("applicatie.source", format!("of {id} is no URI-reference"));
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
        }
        Ok(())
    }

    /// What is not wrong but should be looked at before this is a production gateway.
    pub fn advice(&self) -> Vec<Verdict> {
        let defaults = Self::default();
        let says = [
            (self.origin == defaults.origin, "origin is the default; set it to the gateway's own DNS name"),
            (self.source == defaults.source, "source is the default; set it to your organisation's urn:nld:oin:…"),
            (self.public_url.is_none(), "public_url is not set: subscribers cannot use the consent callback"),
            (
                self.tls.is_none() && !self.listen.ip().is_loopback() && self.proxy.trusted.is_empty(),
                "the listener is plain HTTP on a public address; set [tls] or put a proxy in front",
            ),
            (
                self.applicatie.iter().any(|applicatie| applicatie.secret.as_deref() == Some(SAMPLE_SECRET)),
                "an [[applicatie]] has the secret of the sample configuration, which everybody knows; make your own",
            ),
            (self.applicatie.is_empty(), "no [[applicatie]] is declared: nobody can publish or subscribe"),
            (self.auth.query_token, "auth.query_token is on: tokens will show up in logs of proxies"),
            (!self.egress.allow_http.is_empty(), "egress.allow_http is set: deliveries there are not encrypted"),
        ];
        says.into_iter()
            .filter(|(applies, _)| *applies)
            .map(|(_, text)| Verdict { severity: Severity::Advice, text: text.to_owned() })
            .collect()
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
