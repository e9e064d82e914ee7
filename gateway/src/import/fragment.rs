//! The lines of configuration that follow from what was found: clients, retries, the Autorisaties API, our names, and
//! the addresses that deliveries must be allowed to reach.

use std::{collections::BTreeSet, fmt::Write, net::IpAddr};

use egress::{Policy, Refusal};
use http::Uri;

use super::source::{Auth, Source};
use crate::tasks::declare::LEAST_SECRET;

/// The client for administrators.
const BEHEER: &str = "beheer";

/// The lines, with a comment in Dutch above each part. `resolve` gives the addresses of a host; it is asked for
/// literal addresses too. `beheer` is the secret of a client for administrators, if one is to be declared.
pub fn fragment(source: &Source, beheer: Option<&str>, resolve: &dyn Fn(&str) -> Vec<IpAddr>) -> String {
    let mut text =
        String::from("# Overgenomen uit Open Notificaties. Voeg dit toe aan de configuratie van de gateway.\n");
    names(&mut text, source);
    egress(&mut text, source, resolve);
    if let Some(retry) = source.retry {
        text.push_str("\n# Herhalingen van afleveringen: de getallen van Open Notificaties.\n[delivery.retry]\n");
        let _ = writeln!(text, "max_retries = {}\nfactor = {}.0", retry.max_retries, retry.factor);
        let _ = writeln!(text, "base = {}.0\ncap_seconds = {}", retry.base, retry.cap_seconds);
    }
    if let Some(service) = &source.autorisaties {
        text.push_str("\n# De Autorisaties API zegt wat applicaties mogen.\n[auth.autorisaties]\n");
        let _ = writeln!(text, "url = {}", quoted(&service.url));
        let _ = writeln!(text, "client_id = {}", quoted(&service.client_id));
        let _ = writeln!(text, "secret = {}", quoted(&service.secret));
    }
    if let Some(own) = &source.abonnement {
        text.push_str(
            "\n# De Autorisaties API meldt wijzigingen aan een andere Notificaties API; de gateway abonneert zichzelf daar.\n\
             [auth.autorisaties.abonnement]\n",
        );
        let _ = writeln!(text, "url = {}", quoted(&own.service.url));
        let _ = writeln!(text, "client_id = {}", quoted(&own.service.client_id));
        let _ = writeln!(text, "secret = {}", quoted(&own.service.secret));
        let _ = writeln!(text, "callback_url = {}", quoted(&own.callback_url));
    }
    for client in &source.clients {
        text.push_str("\n[[applicatie]]\n");
        let _ = writeln!(text, "client_id = {}", quoted(&client.client_id));
        if client.secret.len() < LEAST_SECRET {
            let _ = writeln!(
                text,
                "# LET OP: dit secret heeft minder dan {LEAST_SECRET} tekens, en daarmee start de gateway niet. Maak een nieuw, bijvoorbeeld met\n\
                 # openssl rand -base64 32, en stel het ook bij deze applicatie in."
            );
        }
        let _ = writeln!(text, "secret = {}", quoted(&client.secret));
        text.push_str(if source.autorisaties.is_some() {
            "# Wat deze applicatie mag, zegt de Autorisaties API.\nscopes = []\n"
        } else {
            "# Open Notificaties vraagt de rechten aan een Autorisaties API; haal weg wat deze applicatie niet mag.\n\
             scopes = [\"notificaties.publiceren\", \"notificaties.consumeren\"]\n"
        });
    }
    if let Some(secret) = beheer.filter(|_| source.clients.iter().all(|client| client.client_id != BEHEER)) {
        text.push_str(
            "\n# Voor beheerders: `gateway token beheer` maakt hiermee een token dat alles mag.\n[[applicatie]]\n",
        );
        let _ = writeln!(text, "client_id = {}\nsecret = {}", quoted(BEHEER), quoted(secret));
        text.push_str("scopes = [\"notificaties.publiceren\", \"notificaties.consumeren\", \"notificaties.beheer\"]\n");
    }
    text
}

fn names(text: &mut String, source: &Source) {
    if let Some(domain) = source.domains.first() {
        text.push_str(
            "\n# De naam waaronder Open Notificaties bereikbaar was; publicerende componenten blijven die gebruiken.\n",
        );
        let host = domain.split(':').next().unwrap_or(domain);
        let _ = writeln!(text, "origin = {}", quoted(host));
        let _ = writeln!(text, "public_url = {}", quoted(&format!("https://{domain}")));
    }
}

/// Addresses that the closed policy refuses: private ones, and those reached over plain http.
fn egress(text: &mut String, source: &Source, resolve: &dyn Fn(&str) -> Vec<IpAddr>) {
    let (mut allow, mut allow_http, mut unknown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for url in destinations(source) {
        let Ok(uri) = url.parse::<Uri>() else { continue };
        let Some(host) = uri.host() else { continue };
        let plain = uri.scheme_str() == Some("http");
        let addresses = resolve(host);
        if addresses.is_empty() {
            unknown.insert(host.to_owned());
        }
        for address in addresses {
            let range = if address.is_ipv4() { format!("{address}/32") } else { format!("{address}/128") };
            if matches!(Policy::default().check_address(address, false), Err(Refusal::Address { .. })) {
                allow.insert(range.clone());
            }
            if plain {
                allow_http.insert(range);
            }
        }
    }
    if allow.is_empty() && allow_http.is_empty() && unknown.is_empty() {
        return;
    }
    text.push_str("\n# Ontvangers op interne adressen (allow) of zonder https (allow_http): alleen wat hier staat is toegestaan.\n");
    for host in &unknown {
        let _ = writeln!(text, "# {host}: het adres is hier niet te vinden, vul het zelf aan.");
    }
    text.push_str("[egress]\n");
    for (name, ranges) in [("allow", allow), ("allow_http", allow_http)] {
        if !ranges.is_empty() {
            let ranges: Vec<String> = ranges.iter().map(|range| quoted(range)).collect();
            let _ = writeln!(text, "{name} = [{}]", ranges.join(", "));
        }
    }
}

/// Everything the gateway will have to reach.
fn destinations(source: &Source) -> impl Iterator<Item = &str> {
    let token_urls = source.abonnementen.iter().filter_map(|abonnement| match &abonnement.auth {
        Auth::OAuth2 { token_url, .. } => Some(token_url.as_str()),
        _ => None,
    });
    let callbacks = source.abonnementen.iter().map(|abonnement| abonnement.callback_url.as_str());
    let services = source.autorisaties.iter().chain(source.abonnement.iter().map(|own| &own.service));
    callbacks.chain(token_urls).chain(services.map(|service| service.url.as_str()))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{super::setup, *};

    fn resolve(host: &str) -> Vec<IpAddr> {
        match host {
            "objecten.gemeente.example" => vec!["10.1.2.3".parse().unwrap()],
            "open.example" => vec!["93.184.216.34".parse().unwrap()],
            "mijn.overheid.example" => vec![],
            host => host.parse().into_iter().collect(),
        }
    }

    #[test]
    fn the_lines_are_a_configuration_that_reaches_every_receiver() {
        let file = include_str!("../../tests/import/setup_configuration.yaml");
        let source = setup::read(file, &|_| Some("s\"e\\c\u{7}ret".to_owned())).unwrap();
        let text = fragment(&source, Some("a-secret-for-administrators"), &resolve);
        let config = crate::config::parse(&text).unwrap();
        assert_eq!(config.egress.allow, ["10.1.2.3/32", "127.0.0.1/32"], "{text}");
        assert_eq!(config.egress.allow_http, ["127.0.0.1/32"]);
        assert!(text.contains("# mijn.overheid.example: het adres is hier niet te vinden"), "{text}");
        assert_eq!(config.applicatie[0].secret.as_deref(), Some("s\"e\\c\u{7}ret"));
        assert_eq!((config.delivery.retry.max_retries, config.delivery.retry.factor), (7, 25.0));
        let beheer = config.applicatie.last().unwrap();
        assert_eq!((beheer.client_id.as_str(), beheer.scopes.len()), ("beheer", 3));
        assert_eq!(beheer.secret.as_deref(), Some("a-secret-for-administrators"));
        assert_eq!(config.origin, "notificaties.gemeente.example");
        assert_eq!(config.public_url.as_deref(), Some("https://notificaties.gemeente.example"));
    }

    #[test]
    fn nothing_found_is_nothing_to_add() {
        let text = fragment(&Source::default(), None, &resolve);
        assert_eq!(text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count(), 0, "{text}");
    }
}
