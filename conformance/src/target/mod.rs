//! The system under test: its address, the clients the suite acts as, its abilities. Sends requests; checks nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::message::{Answer, Request};
use crate::token::{self, TokenOptions};
use crate::{clock, http1};

pub mod abilities;
pub mod calls;
pub mod client;
pub mod file;
pub mod preflight;

use abilities::{ABILITIES, CLIENT};
use calls::Calls;
use client::{Credential, MAIN};
use file::{File, Kafka};

/// A target that cannot be used or reached.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address is not `http(s)://host[:port][/prefix]`.
    #[error("{0:?} is not an address of a target: http(s)://host[:port][/prefix]")]
    Address(String),
    /// Neither on the command line nor in a file.
    #[error("no target: give --target URL, or a target file with url")]
    Nowhere,
    /// The name of an ability that does not exist.
    #[error("{0:?} is no ability; there are: {all}", all = ABILITIES.iter().map(|ability| ability.name).collect::<Vec<_>>().join(", "))]
    Ability(String),
    /// Abilities that do not go together.
    #[error("{0}")]
    Abilities(String),
    /// The target file cannot be used, with its path and the reason.
    #[error("target file {0}")]
    File(String),
    /// A client that cannot be used.
    #[error("client {name:?}: {what}")]
    Client {
        /// Name of the client.
        name: String,
        /// What is wrong with its declaration.
        what: String,
    },
    /// The certificate to trust cannot be used.
    #[error("certificate for the target: {0}")]
    Certificate(String),
    /// Nothing answers at the address of the target.
    #[error("the target {target} cannot be reached: {what}")]
    Unreachable {
        /// Address of the target.
        target: String,
        /// The error of the HTTP client.
        what: String,
    },
    /// The target refuses the credentials of the main client.
    #[error("the target refuses the credentials of client \"main\": {0}")]
    Refused(String),
    /// A request got no answer, or an unreadable one.
    #[error("no answer: {0}")]
    Exchange(String),
}

/// How to reach and address the system under test.
#[derive(Debug, Clone)]
pub struct Target {
    scheme: String,
    authority: String,
    prefix: String,
    clients: BTreeMap<String, Credential>,
    /// An origin whose handshake the target grants when it is itself the subscriber.
    pub sender_origin: String,
    abilities: BTreeSet<String>,
    paths: BTreeMap<String, String>,
    /// The calls the suite makes for itself.
    pub calls: Calls,
    /// The broker behind the target, if it has one.
    pub kafka: Option<Kafka>,
    client: reqwest::Client,
}

/// The client whose credential is sent with a request.
#[derive(Debug, Clone, Copy, Default)]
pub enum Sender<'a> {
    /// The main client, if there is one.
    #[default]
    Main,
    /// No credential.
    Anonymous,
    /// The client with this name.
    Client(&'a str),
    /// A token of a client that differs from its usual one.
    Token(&'a TokenOptions),
}

impl Target {
    /// A target with all usual abilities; `credentials` are client id and secret of a client with all scopes.
    pub fn new(address: &str, credentials: Option<(&str, &str)>) -> Result<Target, TargetError> {
        let fault = || TargetError::Address(address.to_owned());
        let (scheme, rest) = address.split_once("://").ok_or_else(fault)?;
        if !matches!(scheme, "http" | "https") {
            return Err(fault());
        }
        let (host, prefix) = rest.trim_end_matches('/').split_once('/').map_or((rest, ""), |(host, path)| (host, path));
        let host = host.trim_end_matches('/');
        if host.is_empty() {
            return Err(fault());
        }
        let port = if scheme == "http" { "80" } else { "443" };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let mut target = Target {
            scheme: scheme.to_owned(),
            authority: if has_port { host.to_owned() } else { format!("{host}:{port}") },
            prefix: if prefix.is_empty() { String::new() } else { format!("/{prefix}") },
            clients: BTreeMap::new(),
            sender_origin: "sender.example".to_owned(),
            abilities: ABILITIES.iter().filter(|one| one.usual).map(|one| one.name.to_owned()).collect(),
            paths: BTreeMap::new(),
            calls: Calls::default(),
            kafka: None,
            client: http_client(scheme, None)?,
        };
        if let Some((id, secret)) = credentials {
            target.client(MAIN, Credential::Zgw { id: id.to_owned(), secret: secret.to_owned() });
        }
        Ok(target)
    }

    /// The target of a file; `address` comes before the one in the file.
    pub fn of_file(address: Option<&str>, file: File) -> Result<Target, TargetError> {
        let address = address.map(str::to_owned).or(file.url).ok_or(TargetError::Nowhere)?;
        let mut target = Target::new(&address, None)?;
        if let Some(abilities) = &file.abilities {
            target.only(abilities)?;
        }
        for (name, declared) in &file.client {
            let credential = declared.credential(&|variable| std::env::var(variable).ok());
            let credential = credential.map_err(|what| TargetError::Client { name: name.clone(), what })?;
            target.client(name, credential);
        }
        if let Some(origin) = file.sender_origin {
            target.sender_origin = origin;
        }
        if let Some(kafka) = file.kafka {
            target.kafka(kafka);
        }
        target.paths = file.paths;
        target.calls = file.calls;
        file.with.iter().try_for_each(|ability| target.with(ability))?;
        file.without.iter().try_for_each(|ability| target.without(ability))?;
        Ok(target)
    }

    /// Trusts this certificate (PEM) when the target is reached over https.
    pub fn trust(&mut self, pem: &str) -> Result<(), TargetError> {
        self.client = http_client(&self.scheme, Some(pem))?;
        Ok(())
    }

    /// Adds a client, or replaces it.
    pub fn client(&mut self, name: &str, credential: Credential) {
        self.clients.insert(name.to_owned(), credential);
        self.abilities.insert(format!("{CLIENT}{name}"));
    }

    /// Sets the broker behind the target, and adds the ability `kafka`.
    pub fn kafka(&mut self, kafka: Kafka) {
        self.kafka = Some(kafka);
        self.abilities.insert("kafka".to_owned());
    }

    /// Adds an ability; an error when there is no ability of this name.
    pub fn with(&mut self, ability: &str) -> Result<(), TargetError> {
        let known = abilities::by_name(ability).ok_or_else(|| TargetError::Ability(ability.to_owned()))?;
        self.abilities.insert(known.name.to_owned());
        Ok(())
    }

    /// Removes an ability; an error when there is no ability of this name.
    pub fn without(&mut self, ability: &str) -> Result<(), TargetError> {
        let known = abilities::by_name(ability).ok_or_else(|| TargetError::Ability(ability.to_owned()))?;
        self.abilities.remove(known.name);
        Ok(())
    }

    /// Replaces the abilities, except those for clients, by these.
    pub fn only(&mut self, abilities: &[String]) -> Result<(), TargetError> {
        self.abilities.retain(|ability| ability.starts_with(CLIENT));
        abilities.iter().try_for_each(|ability| self.with(ability))
    }

    /// The names of the abilities of the target.
    pub fn abilities(&self) -> &BTreeSet<String> {
        &self.abilities
    }

    /// Whether the target has this ability.
    pub fn can(&self, ability: &str) -> bool {
        self.abilities.contains(ability)
    }

    /// Base address, as in a report.
    pub fn address(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.prefix)
    }

    /// The value of a placeholder about the target.
    pub fn value(&self, name: &str, kanaal: &str) -> Option<String> {
        let prefix = &self.prefix;
        if let Some(path) = self.paths.get(name) {
            return Some(format!("{prefix}{}", path.replace("{{kanaal}}", kanaal)));
        }
        Some(match name {
            "ingest" => format!("{prefix}/v1/events?kanaal={kanaal}"),
            "events" => format!("{prefix}/v1/events"),
            "kanalen" => format!("{prefix}/v1/kanalen"),
            "subscriptions" => format!("{prefix}/v1/subscriptions"),
            "dead-letters" => format!("{prefix}/v1/dead-letters"),
            "runs" => format!("{prefix}/v1/runs"),
            "openapi" => format!("{prefix}/v1/openapi.json"),
            "zgw" => format!("{prefix}/api/v1"),
            "notifications" => format!("{prefix}/api/v1/notificaties"),
            "cloudevents" => format!("{prefix}/api/v1/cloudevents"),
            "abonnementen" => format!("{prefix}/api/v1/abonnement"),
            "target" => self.address(),
            "authority" => self.authority.clone(),
            "prefix" => prefix.clone(),
            "token" => self.clients.get(MAIN).map(|client| client.token(now())).unwrap_or_default(),
            "sender" => self.sender_origin.clone(),
            "kanaal" => kanaal.to_owned(),
            "topic" => self.kafka.as_ref()?.topic.replace("{{kanaal}}", kanaal),
            _ => return None,
        })
    }

    /// A text as it may be shown: secrets and tokens left out.
    pub fn mask(&self, text: String) -> String {
        // A secret of a few characters would take words apart and hide nothing.
        let secrets = self.clients.values().flat_map(Credential::secrets).filter(|secret| secret.len() > 3);
        secrets.fold(text, |text, secret| text.replace(secret, "(left out)"))
    }

    /// The Authorization header of a sender; none when it shows nothing.
    pub fn authorization(&self, sender: Sender<'_>) -> Result<Option<String>, TargetError> {
        let named = |name: &str| {
            let fault = || TargetError::Client { name: name.to_owned(), what: "is not declared".to_owned() };
            self.clients.get(name).ok_or_else(fault)
        };
        match sender {
            Sender::Anonymous => Ok(None),
            Sender::Main => Ok(self.clients.get(MAIN).map(|client| client.authorization(now()))),
            Sender::Client(name) => Ok(Some(named(name)?.authorization(now()))),
            Sender::Token(options) => {
                let name = options.client.as_deref().unwrap_or(MAIN);
                let fault = |what: String| TargetError::Client { name: name.to_owned(), what };
                let Credential::Zgw { id, secret } = named(name)? else {
                    return Err(fault("has no client id and secret to make a token of".to_owned()));
                };
                let token =
                    token::mint(id, secret, now(), options).map_err(|error| fault(format!("claims: {error}")))?;
                Ok(Some(format!("Bearer {token}")))
            }
        }
    }

    /// Sends a request and reads the answer. Adds the credential of the sender unless the request has its own.
    pub async fn send(
        &self,
        mut request: Request,
        sender: Sender<'_>,
        http2: bool,
        patience: Duration,
    ) -> Result<Answer, TargetError> {
        let own = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(value) = self.authorization(sender)?.filter(|_| !own) {
            request.headers.push(("Authorization".to_owned(), value.into_bytes()));
        }
        let absolute = request.target.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
        let (scheme, authority) = match absolute {
            None => (self.scheme.clone(), self.authority.clone()),
            Some((scheme, rest)) => {
                let scheme = scheme.to_owned();
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                let authority = authority.to_owned();
                request.target = format!("/{path}");
                (scheme, authority)
            }
        };
        let exchange = async {
            if http2 || scheme == "https" {
                self.exchange_by_client(&scheme, &authority, request).await
            } else {
                let answer = http1::exchange(&authority, &request).await;
                answer.map_err(|error| TargetError::Exchange(error.to_string()))
            }
        };
        in_time(exchange, patience).await
    }

    /// Sends these bytes unchanged, over plain HTTP/1.1 only, and reads the answer.
    pub async fn send_raw(&self, bytes: &[u8], patience: Duration) -> Result<Answer, TargetError> {
        if self.scheme != "http" {
            return Err(TargetError::Exchange("bytes as they stand go over plain HTTP only".to_owned()));
        }
        let exchange = async {
            let answer = http1::exchange_bytes(&self.authority, bytes, bytes.starts_with(b"HEAD ")).await;
            answer.map_err(|error| TargetError::Exchange(error.to_string()))
        };
        in_time(exchange, patience).await
    }

    async fn exchange_by_client(&self, scheme: &str, authority: &str, request: Request) -> Result<Answer, TargetError> {
        let fault = |error: &dyn std::fmt::Display| TargetError::Exchange(error.to_string());
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|error| fault(&error))?;
        let mut builder = self.client.request(method, format!("{scheme}://{authority}{}", request.target));
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), value.as_slice());
        }
        let response = builder.body(request.body).send().await.map_err(|error| fault(&error))?;
        let status = response.status().as_u16();
        let headers =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        let headers = headers.collect();
        let body = response.bytes().await.map_err(|error| fault(&error))?.to_vec();
        Ok(Answer { status, reason_phrase: String::new(), headers, body })
    }
}

async fn in_time(
    exchange: impl Future<Output = Result<Answer, TargetError>>,
    patience: Duration,
) -> Result<Answer, TargetError> {
    let late = |_| TargetError::Exchange(format!("nothing within {patience:?}"));
    tokio::time::timeout(patience, exchange).await.map_err(late)?
}

fn now() -> u64 {
    clock::unix_nanos() / 1_000_000_000
}

fn http_client(scheme: &str, trusted: Option<&str>) -> Result<reqwest::Client, TargetError> {
    // A second installation of the provider is refused and harmless.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if scheme == "http" {
        client = client.http2_prior_knowledge();
    }
    if let Some(pem) = trusted {
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        let certificates = certificates.map_err(|error| TargetError::Certificate(error.to_string()))?;
        client = certificates.into_iter().fold(client, reqwest::ClientBuilder::add_root_certificate);
    }
    client.build().map_err(|error| TargetError::Certificate(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_port_and_an_optional_prefix() {
        for (address, ingest, base) in [
            ("http://h", "/v1/events?kanaal=k", "http://h:80"),
            ("http://127.0.0.1:8080/", "/v1/events?kanaal=k", "http://127.0.0.1:8080"),
            ("http://h:1/gateway/", "/gateway/v1/events?kanaal=k", "http://h:1/gateway"),
        ] {
            let target = Target::new(address, None).unwrap();
            assert_eq!(target.value("ingest", "k").as_deref(), Some(ingest));
            assert_eq!(target.value("target", "k").as_deref(), Some(base));
        }
        for address in ["ftp://h", "h:1", "http://", "http:///x"] {
            assert!(Target::new(address, None).is_err(), "{address}");
        }
    }

    #[test]
    fn a_file_says_where_who_and_what() {
        let file = toml::from_str(
            r#"
            url = "http://h:1"
            abilities = ["ingest", "delivery"]
            without = ["delivery"]
            paths = { ingest = "/events/{{kanaal}}" }
            client.main = { client_id = "a", secret = "zeer-geheim" }
            client.lezer = { bearer = "t" }
            "#,
        );
        let target = Target::of_file(None, file.unwrap()).unwrap();
        assert!(target.can("ingest") && target.can("client:lezer"));
        assert!(!target.can("delivery") && !target.can("kanalen"));
        assert_eq!(target.value("ingest", "k").as_deref(), Some("/events/k"));
        assert_eq!(target.authorization(Sender::Client("lezer")).unwrap().as_deref(), Some("Bearer t"));
        assert!(target.authorization(Sender::Client("niemand")).is_err());
        assert_eq!(target.mask("a zeer-geheim b".to_owned()), "a (left out) b");
        let nowhere = Target::of_file(None, File::default()).unwrap_err();
        assert!(nowhere.to_string().contains("--target"));
        let unknown = Target::new("http://h", None).unwrap().with("flying").unwrap_err().to_string();
        assert!(unknown.contains("flying") && unknown.contains("dead-letters"));
    }
}
