//! Opens a connection: resolve, check every address, dial, TLS; all within one time limit. It caches no names: each new
//! connection resolves, and the checked address is the dialled one.
//!
//! Looking up is in `resolve`, dialling several addresses in `connect`.

use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use crate::connect::connect;
use crate::policy::{Policy, Refusal};
use crate::resolve::{LookupError, Resolver};
use crate::shortage::Shortage;
use crate::stream::Stream;
use crate::unfinished_heads::UnfinishedHeads;
use crate::{reason, url};

/// Why there is no connection. Travels through the HTTP client as the source of its error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Own(Shortage),
    #[error("{0}")]
    Dns(String),
    #[error("{0}")]
    Connect(String),
    #[error("{0}")]
    Tls(String),
    #[error("timeout")]
    Timeout,
}

type Dialling<T> = Pin<Box<dyn Future<Output = Result<T, DialError>> + Send>>;

/// Connects to a URL, ready for HTTP.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dialer>,
    limit: Duration,
    unfinished_heads: Arc<UnfinishedHeads>,
}

impl Connector {
    pub(crate) fn new(
        policy: Arc<Policy>,
        resolver: Resolver,
        tls: ClientConfig,
        limit: Duration,
        unfinished_heads: Arc<UnfinishedHeads>,
    ) -> Self {
        Self { https: HttpsConnector::from((Dialer { policy, resolver }, tls)), limit, unfinished_heads }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = DialError;
    type Future = Dialling<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connecting = self.https.call(url);
        let limit = self.limit;
        let unfinished_heads = Arc::clone(&self.unfinished_heads);
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(Ok(stream)) => Ok(TokioIo::new(Stream::new(stream, unfinished_heads))),
                // An error that is not from the dialer below is from the TLS layer.
                Ok(Err(error)) => Err(error.downcast().map_or_else(
                    |error| DialError::Tls(reason::of_handshake(error.as_ref() as &dyn Error)),
                    |own| *own,
                )),
                Err(_) => Err(DialError::Timeout),
            }
        })
    }
}

/// Connects to a URL over TCP.
#[derive(Clone)]
struct Dialer {
    policy: Arc<Policy>,
    resolver: Resolver,
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Dialling<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let Self { policy, resolver } = self.clone();
        Box::pin(async move { dial(&url, &policy, &resolver).await.map(TokioIo::new) })
    }
}

async fn dial(url: &Uri, policy: &Policy, resolver: &Resolver) -> Result<TcpStream, DialError> {
    let (Some(host), Some(port)) = (url::host(url), url::port(url)) else {
        return Err(DialError::Dns("the URL has no host or no valid port".to_owned()));
    };
    dial_host(host, port, url.scheme_str() == Some("http"), policy, resolver).await
}

/// Connects to a host; `plain` without TLS. The caller bounds the time.
pub(crate) async fn dial_host(
    host: &str,
    port: u16,
    plain: bool,
    policy: &Policy,
    resolver: &Resolver,
) -> Result<TcpStream, DialError> {
    let addresses = match url::literal(host) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => match resolver.resolve(host).await {
            Ok(found) => found.iter().map(|address| SocketAddr::new(*address, port)).collect(),
            Err(LookupError::Own(shortage)) => return Err(DialError::Own(shortage)),
            Err(LookupError::NotFound(text)) => return Err(DialError::Dns(text)),
        },
    };
    let (open, refused) = allowed_addresses(&addresses, policy, plain);
    if open.is_empty() {
        return Err(refused.map_or_else(|| DialError::Dns("the name has no address".to_owned()), DialError::Refused));
    }
    connect(open).await
}

/// The addresses that may be dialled, in the resolver's order, and why the first of the others may not.
fn allowed_addresses(addresses: &[SocketAddr], policy: &Policy, plain: bool) -> (Vec<SocketAddr>, Option<Refusal>) {
    let mut open = Vec::with_capacity(addresses.len());
    let mut refused = None;
    for address in addresses {
        match policy.check_address(address.ip(), plain) {
            Ok(()) => open.push(*address),
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    (open, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_addresses_of_a_name_are_dialled_ce_whv_28() {
        let addresses: Vec<SocketAddr> =
            ["10.0.0.1:443", "1.1.1.1:443", "[::1]:443", "[2606:4700::1]:443"].map(|a| a.parse().unwrap()).to_vec();
        let (open, refused) = allowed_addresses(&addresses, &Policy::default(), false);
        assert_eq!(open, [addresses[1], addresses[3]]);
        assert!(refused.unwrap().to_string().contains("10.0.0.1 is a private address"));

        let allowed = Policy { allow: vec!["10.0.0.0/8".parse().unwrap()], allow_http: vec![] };
        assert_eq!(allowed_addresses(&addresses, &allowed, false).0.len(), 3);
        assert!(allowed_addresses(&addresses, &allowed, true).0.is_empty(), "http needs its own exception");
    }
}
