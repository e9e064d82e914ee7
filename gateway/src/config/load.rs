//! Reading configuration: file, then environment, then checks.
//!
//! The environment holds `GATEWAY_` and the key in capitals, `__` between levels (`GATEWAY_LIMITS__BODY_BYTES`).
//! Variables that name no key are refused or left alone by `environment`.

use std::path::{Path, PathBuf};

use figment::{
    Figment,
    error::Kind,
    providers::{Env, Format, Toml},
};

use super::{Config, environment};

/// The sections and keys at the top of the configuration.
pub(super) const KEYS: [&str; 41] = [
    "revision",
    "listen",
    "data",
    "kafka",
    "roles",
    "origin",
    "source",
    "public_url",
    "own_urls",
    "default_kanaal",
    "retention_days",
    "tls",
    "operations",
    "limits",
    "audit",
    "auth",
    "notificaties",
    "ingest",
    "cors",
    "proxy",
    "contact",
    "security",
    "egress",
    "target",
    "consent",
    "console",
    "portaal",
    "own_events",
    "people",
    "feed",
    "email",
    "sms",
    "notifynl",
    "delivery",
    "log",
    "secrets",
    "subscriptions",
    "applicatie",
    "kanaal",
    "schema",
    "subscription",
];

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A key is unknown or a value is of the wrong kind; the text names the key.
    #[error("{0}")]
    Form(String),
    /// A value is out of range or contradicts another.
    #[error("{key}: {why}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong with its value.
        why: String,
    },
}

/// Reads the file, if one is given, and overrides its values by the environment. The values are not checked: call
/// [`Config::validate`] after the last change.
pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?
        }
        None => String::new(),
    };
    let ours = |key: &figment::value::UncasedStr| {
        KEYS.iter().any(|own| key.as_str().split("__").next().is_some_and(|first| first.eq_ignore_ascii_case(own)))
    };
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    if let Some(error) = environment::fault(variables) {
        return Err(error);
    }
    let environment = Env::prefixed(environment::PREFIX).filter(ours).split("__");
    extract(&Figment::from(Toml::string(&text)).merge(environment))
}

/// Reads and checks a configuration from text alone.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    let config = extract(&Figment::from(Toml::string(text)))?;
    config.validate()?;
    Ok(config)
}

fn extract(figment: &Figment) -> Result<Config, ConfigError> {
    figment.extract().map_err(|error| {
        ConfigError::Form(error.into_iter().map(|error| describe(&error)).collect::<Vec<_>>().join("; "))
    })
}

/// The key in the form in which it is written, and what is wrong with its value.
fn describe(error: &figment::Error) -> String {
    let environment = error.metadata.as_ref().is_some_and(|from| from.name.contains("environment"));
    let key = match (error.path.is_empty(), environment) {
        (true, _) => String::new(),
        (false, false) => format!("{}: ", error.path.join(".")),
        (false, true) => format!("GATEWAY_{}: ", error.path.join("__").to_uppercase()),
    };
    let why = match &error.kind {
        Kind::UnknownField(name, known) => format!("{name} is no key here; there are {}", known.join(", ")),
        Kind::UnknownVariant(name, known) => format!("{name:?} is none of {}", known.join(", ")),
        kind => kind.to_string().trim_end().to_owned(),
    };
    let hint = if environment && matches!(&error.kind, Kind::InvalidType(_, wanted) if wanted.contains("sequence")) {
        "; write a list as [\"one\", \"two\"]"
    } else {
        ""
    };
    format!("{key}{why}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_a_configuration() {
        let config = parse("").unwrap();
        assert_eq!(config.listen.port(), 8080);
        assert_eq!(config.limits.body_bytes, 1_048_576);
    }

    #[test]
    fn the_sample_is_a_configuration_with_and_without_its_commented_settings() {
        let sample = include_str!("../../../deploy/gateway.toml");
        let config = parse(sample).unwrap();
        assert_eq!(config.kanaal[0].filters.len(), 3);
        let setting =
            |line: &str| line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(' '));
        let all: Vec<&str> = sample.lines().map(|line| &line[usize::from(setting(line))..]).collect();
        // What excludes each other is read in turns.
        let without = |sections: &[&str]| {
            let mut is_left_out = false;
            let keep = |line: &&&str| {
                if line.starts_with('[') {
                    let name = line.trim_matches(['[', ']']);
                    is_left_out = sections.iter().any(|section| name.split('.').next() == Some(section));
                }
                !is_left_out
            };
            all.iter().filter(keep).copied().collect::<Vec<_>>().join("\n")
        };
        parse(&without(&["kafka"])).unwrap();
        let config = parse(&without(&["people", "email", "sms", "notifynl", "feed"])).unwrap();
        assert_eq!((config.egress.tls.len(), config.subscription.len()), (1, 3));
        // Except for what has no default, the commented settings are the defaults.
        let defaults = Config::default();
        assert_eq!(config.limits.header_bytes, defaults.limits.header_bytes);
        assert_eq!(serde_json::to_value(&config.limits).unwrap(), serde_json::to_value(&defaults.limits).unwrap());
        assert_eq!(config.auth.max_failures, defaults.auth.max_failures);
        assert_eq!(config.delivery.checkpoint_ms, defaults.delivery.checkpoint_ms);
        assert_eq!(config.delivery.retry, defaults.delivery.retry);
        assert_eq!(config.retention_days, defaults.retention_days);
        assert_eq!(config.own_events, Some(super::super::OwnEvents::default()));
    }

    #[test]
    fn every_key_can_come_from_the_environment() {
        let document = crate::config::schema::document();
        let mut keys: Vec<&str> = document["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut own = KEYS.to_vec();
        keys.sort_unstable();
        own.sort_unstable();
        assert_eq!(own, keys);
    }

    #[test]
    fn retries_are_read_under_the_names_of_open_notificaties_too() {
        let config = parse(
            "[delivery.retry]\nnotification_delivery_max_retries = 7\nnotification_delivery_retry_backoff = 25\n\
             notification_delivery_retry_backoff_max = 52000\nnotification_delivery_base_factor = 4",
        );
        let retry = config.unwrap().delivery.retry;
        assert_eq!((retry.max_retries, retry.factor, retry.cap_seconds, retry.base), (7, 25.0, 52_000, 4.0));
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        for (text, key) in [
            ("lisen = \"x\"", "lisen"),
            ("[limits]\nbody = 1", "body"),
            ("[[applicatie]]\nclientid = \"a\"", "clientid"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn an_error_names_the_key_as_it_is_written() {
        for (text, expected) in [
            ("[limits]\nbody_bytes = \"1 MB\"", "limits.body_bytes: "),
            ("listen = \"localhost:8080\"", "listen: "),
            ("dta = \"x\"", "dta: dta is no key here; there are revision, listen, data, "),
            ("[log]\nformat = \"xml\"", "log.format: \"xml\" is none of text, json"),
            ("origin = x", "TOML parse error at line 1"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected) && !error.contains("default."), "{text}: {error}");
        }
    }

    #[test]
    fn values_are_checked_and_named() {
        let abonnement = |more: &str| {
            let own = "[auth.autorisaties]\nurl = \"https://ac.nl\"\nclient_id = \"x\"\nsecret = \"s\"";
            format!("{own}\n[auth.autorisaties.abonnement]\n{more}")
        };
        let bound = |certificate: &str| format!("[[applicatie]]\nclient_id = \"a\"\ncertificate = {certificate}");
        for (text, key) in [
            ("origin = \"https://x\"", "origin"),
            ("public_url = \"ftp://x\"", "public_url"),
            ("source = \"\"", "source"),
            ("retention_days = 0", "retention_days"),
            ("[limits]\nbody_bytes = 10", "limits.body_bytes"),
            ("[egress]\nallow = [\"10.0.0.0/99\"]", "egress.allow"),
            ("[delivery.retry]\njitter = 2.0", "delivery.retry"),
            ("[log]\nlevel = \"loud\"", "log.level"),
            ("[log]\nlevel = \"info,gateway=\"", "log.level"),
            ("[cors]\nallowed_origins = [\"https://x.nl/\"]", "cors.allowed_origins"),
            ("[cors]\nallowed_origins = [\"x.nl\"]", "cors.allowed_origins"),
            ("[auth.oidc]\nissuer = \"login\"", "auth.oidc.issuer"),
            ("[auth.oidc]\nissuer = \"https://l.nl\"", "auth.oidc.audience"),
            ("[auth.oidc]\nissuer = \"https://l.nl\"\naudience = \"g\"", "auth.oidc.clients"),
            ("[auth.autorisaties]\nurl = \"ac\"", "auth.autorisaties.url"),
            ("[auth.autorisaties]\nurl = \"https://ac.nl\"", "auth.autorisaties.client_id"),
            ("[auth.autorisaties]\nurl = \"https://ac.nl\"\nclient_id = \"x\"", "auth.autorisaties.secret"),
            (&abonnement("url = \"x\""), "auth.autorisaties.abonnement.url"),
            (&abonnement("url = \"https://n.nl\"\nclient_id = \"g\""), "auth.autorisaties.abonnement.secret"),
            (
                &abonnement("url = \"https://n.nl\"\nclient_id = \"g\"\nsecret = \"s\""),
                "auth.autorisaties.abonnement.callback_url",
            ),
            ("[proxy]\nprefix = \"/a/\"", "proxy.prefix"),
            ("[contact]\nname = \"\"", "contact.name"),
            ("[contact]\nurl = \"team.example\"", "contact.url"),
            ("[contact]\nemail = \"team\"", "contact.email"),
            ("[security]\ncontact = [\"security@gemeente.example\"]", "security.contact"),
            ("[security]\ncontact = [\"mailto:a@b.example\"]", "security.expires"),
            ("[security]\ncontact = [\"mailto:a@b.example\"]\nexpires = \"2027\"", "security.expires"),
            (
                "[security]\ncontact = [\"mailto:a@b.nl\\nPolicy: x\"]\nexpires = \"2027-06-01T00:00:00Z\"",
                "security.contact",
            ),
            ("[security]\npolicy = \"http://gemeente.example\"", "security.policy"),
            ("[security]\nlanguages = [\"nl, en\"]", "security.languages"),
            ("[proxy]\nprefix = \"a\"", "proxy.prefix"),
            ("[proxy]\nprefix = \"/a?b\"", "proxy.prefix"),
            ("[[applicatie]]\nclient_id = \"a\"\nsecret = \"s\"\nscopes = [\"x\"]", "applicatie.scopes"),
            ("[[applicatie]]\nclient_id = \"a\"\nscopes = []", "applicatie.secret"),
            (&bound("{ oin = \"1\" }"), "applicatie.certificate.oin"),
            (&bound("{}"), "applicatie.certificate"),
            (&bound("{ san = \"\" }"), "applicatie.certificate.san"),
            (&bound("{ sha256 = [\"00\"] }"), "applicatie.certificate.sha256"),
            (&bound("{ san = \"a.nl\" }"), "applicatie.certificate"),
            ("[tls]\ncertificate = \"c\"\nkey = \"k\"\nclient_crl = [\"l\"]", "tls.client_crl"),
            ("[proxy]\nclient_ca = \"c\"", "proxy.client_ca"),
            ("[proxy]\nclient_certificate_header = \"Client-Cert\"", "proxy.client_ca"),
            ("[proxy]\nclient_certificate_header = \"Client-Cert\"\nclient_ca = \"c\"", "proxy.trusted"),
            ("[proxy]\nclient_certificate_header = \"a b\"\nclient_ca = \"c\"", "proxy.client_certificate_header"),
            ("[[kanaal]]\nnaam = \"\"", "kanaal.naam"),
            ("[[kanaal]]\nnaam = \"a\"\n[[kanaal]]\nnaam = \"a\"", "kanaal.naam"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(key), "{text}: {error}");
        }
    }
}
