//! The system under test: where it is, who we are to it, what it can do. Sends requests; expects nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock;
use crate::message::{Answer, Request};
use crate::{http1, token};

/// Abilities a scenario may need; a target that lacks one is not judged by those scenarios.
pub const ABILITIES: &[&str] = &["batch", "binary", "callback", "http2", "legacy", "manual", "query-token", "target"];

/// Abilities a target has only when the run says so, because it must be set up for them: a low limit on ingest;
/// trust in the certificate of the suite's subscribers.
pub const SET_UP: &[&str] = &["ingest-limit", "tls"];

/// A target that cannot be used or reached.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address is not `http(s)://host[:port][/prefix]`.
    #[error("{0:?} is not an address of a target: http(s)://host[:port][/prefix]")]
    Address(String),
    /// No such ability.
    #[error("{0:?} is no ability; there are: {all}, and to be set up: {more}", all = ABILITIES.join(", "), more = SET_UP.join(", "))]
    Ability(String),
    /// No answer.
    #[error("no answer: {0}")]
    Exchange(String),
}

/// How to reach and address the system under test.
#[derive(Debug, Clone)]
pub struct Target {
    scheme: String,
    authority: String,
    prefix: String,
    token: Option<String>,
    /// An origin whose handshake the target grants when it is itself the subscriber.
    pub sender_origin: String,
    abilities: BTreeSet<String>,
    client: reqwest::Client,
}

impl Target {
    /// A target with all abilities; `credentials` are client id and secret of an applicatie with all scopes.
    pub fn new(address: &str, credentials: Option<(&str, &str)>) -> Result<Target, TargetError> {
        let fault = || TargetError::Address(address.to_owned());
        let (scheme, rest) = address.split_once("://").ok_or_else(fault)?;
        if !matches!(scheme, "http" | "https") {
            return Err(fault());
        }
        let (host, prefix) = rest.trim_end_matches('/').split_once('/').map_or((rest, ""), |(host, path)| (host, path));
        let host = host.trim_end_matches('/');
        let port = if scheme == "http" { "80" } else { "443" };
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        // A second installation of the provider is refused and harmless.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = if scheme == "http" { client.http2_prior_knowledge() } else { client };
        let client = client.build().map_err(|error| TargetError::Exchange(error.to_string()))?;
        let seconds = clock::unix_nanos() / 1_000_000_000;
        Ok(Target {
            scheme: scheme.to_owned(),
            authority: if has_port { host.to_owned() } else { format!("{host}:{port}") },
            prefix: if prefix.is_empty() { String::new() } else { format!("/{prefix}") },
            token: credentials.map(|(client_id, secret)| token::mint(client_id, secret, seconds)),
            sender_origin: "sender.example".to_owned(),
            abilities: ABILITIES.iter().map(|ability| (*ability).to_owned()).collect(),
            client,
        })
    }

    /// Says that the target is set up for something.
    pub fn with(&mut self, ability: &str) -> Result<(), TargetError> {
        if !SET_UP.contains(&ability) {
            return Err(TargetError::Ability(ability.to_owned()));
        }
        self.abilities.insert(ability.to_owned());
        Ok(())
    }

    /// Takes an ability away.
    pub fn without(&mut self, ability: &str) -> Result<(), TargetError> {
        if self.abilities.remove(ability) { Ok(()) } else { Err(TargetError::Ability(ability.to_owned())) }
    }

    /// Whether the target has all of these abilities.
    pub fn can(&self, needs: &[String]) -> bool {
        needs.iter().all(|need| self.abilities.contains(need))
    }

    /// What a placeholder about the target stands for.
    pub fn value(&self, name: &str, kanaal: &str) -> Option<String> {
        let prefix = &self.prefix;
        Some(match name {
            "ingest" => format!("{prefix}/v1/events?kanaal={kanaal}"),
            "events" => format!("{prefix}/v1/events"),
            "kanalen" => format!("{prefix}/v1/kanalen"),
            "subscriptions" => format!("{prefix}/v1/subscriptions"),
            "dead-letters" => format!("{prefix}/v1/dead-letters"),
            "notifications" => format!("{prefix}/api/v1/notificaties"),
            "cloudevents" => format!("{prefix}/api/v1/cloudevents"),
            "abonnementen" => format!("{prefix}/api/v1/abonnement"),
            "target" => format!("{}://{}{prefix}", self.scheme, self.authority),
            "token" => self.token.clone().unwrap_or_default(),
            "sender" => self.sender_origin.clone(),
            "kanaal" => kanaal.to_owned(),
            _ => return None,
        })
    }

    /// Sends a request and reads the answer. Adds the credentials unless `anonymous` or the request has its own.
    pub async fn send(
        &self,
        mut request: Request,
        anonymous: bool,
        http2: bool,
        patience: Duration,
    ) -> Result<Answer, TargetError> {
        let own = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(token) = self.token.as_ref().filter(|_| !anonymous && !own) {
            request.headers.push(("Authorization".to_owned(), format!("Bearer {token}").into_bytes()));
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
        let late = |_| TargetError::Exchange(format!("nothing within {patience:?}"));
        tokio::time::timeout(patience, exchange).await.map_err(late)?
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
        Ok(Answer { status, remark: String::new(), headers, body })
    }
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
        assert!(Target::new("ftp://h", None).is_err());
        assert!(Target::new("h:1", None).is_err());
    }
}
