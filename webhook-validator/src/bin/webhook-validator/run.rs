//! One run by the command line: the options and clients that the arguments ask for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use egress::{Egress, Policy, Settings, SettingsError, TlsProfile};
use serde_json::{Map, Value};
use webhook_validator::check::{self, CallbackOptions, Options, Report, Said, Wire};
use webhook_validator::http::AGENT;

use crate::arguments::Arguments;

/// The name of the TLS profile with the client certificate.
const CLIENT: &str = "client";

/// Checks the receiver.
///
/// # Errors
/// The message when no report is possible.
pub async fn run(arguments: &Arguments) -> Result<Report, Said> {
    let policy = Policy { allow: arguments.allow.clone(), allow_http: arguments.allow.clone() };
    let url = policy.check_url(&arguments.url).map_err(|error| check::unusable_url(&error))?;
    let options = options(arguments)?;
    let wire = wire(&policy, arguments).map_err(|error| Said::plain(error.to_string()))?;
    check::run(url, &options, wire).await
}

fn options(arguments: &Arguments) -> Result<Options, Said> {
    let read = |path| read(path).map_err(|problem| Said::plain(format!("{}: {problem}", path.display())));
    let language = arguments.lang.into();
    Ok(Options {
        format: arguments.format.into(),
        rate: arguments.rate,
        callback: arguments.callback_listen.map(|listen| CallbackOptions {
            listen,
            url: arguments.callback_url.clone(),
            wait: arguments.callback_wait,
        }),
        authorization: arguments.authorization.clone(),
        query_token: arguments.query_token,
        event: arguments.event.as_deref().map(read).transpose()?,
        run: std::process::id().to_string(),
        slow_after: arguments.slow_after,
        remark: Arc::new(move |remark| eprintln!("webhook-validator: {}", remark.to(language))),
        ..Options::new(arguments.origin.clone())
    })
}

fn read(path: &Path) -> Result<Map<String, Value>, String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn wire(policy: &Policy, arguments: &Arguments) -> Result<Wire, SettingsError> {
    let mut profiles = BTreeMap::new();
    if let (Some(certificate), Some(key)) = (&arguments.client_certificate, &arguments.client_key) {
        let (certificate, key) = (Some(certificate.clone()), Some(key.clone()));
        profiles.insert(CLIENT.to_owned(), TlsProfile { certificate, key, ..TlsProfile::default() });
    }
    let profile = profiles.keys().next().map(|name| name.as_str().into());
    let egress = |protocol| {
        let (policy, extra_ca, profiles) = (policy.clone(), arguments.ca.clone(), profiles.clone());
        Egress::new(Settings { policy, extra_ca, profiles, protocol, user_agent: AGENT, ..Settings::default() })
    };
    Wire::new(egress, profile)
}
