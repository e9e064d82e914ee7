//! Making a connection: resolve, judge every address, dial, TLS; all within one time limit.
//! It keeps no names: the resolver is asked only for new connections, and the address judged is the address dialled.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tower::Service;

use crate::policy::{Policy, Refusal};
use crate::url;

/// Why there is no connection. Travels through the HTTP client as the source of its error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    #[error("{0}")]
    Refused(#[from] Refusal),
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

/// From a URL to a connection ready for HTTP.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dialer>,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(policy: Arc<Policy>, tls: ClientConfig, limit: Duration) -> Self {
        Self { https: HttpsConnector::from((Dialer { policy, limit }, tls)), limit }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = DialError;
    type Future = Dialling<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connecting = self.https.call(url);
        let limit = self.limit;
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(Ok(stream)) => Ok(stream),
                // What does not come from the dialer below was said by the TLS layer.
                Ok(Err(error)) => {
                    Err(error.downcast().map_or_else(|error| DialError::Tls(error.to_string()), |own| *own))
                }
                Err(_) => Err(DialError::Timeout),
            }
        })
    }
}

/// From a URL to a TCP connection.
#[derive(Clone)]
struct Dialer {
    policy: Arc<Policy>,
    limit: Duration,
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Dialling<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let policy = Arc::clone(&self.policy);
        let limit = self.limit;
        Box::pin(async move { dial(&url, &policy, limit).await.map(TokioIo::new) })
    }
}

async fn dial(url: &Uri, policy: &Policy, limit: Duration) -> Result<TcpStream, DialError> {
    let (Some(host), Some(port)) = (url::host(url), url::port(url)) else {
        return Err(DialError::Dns("the URL has no host or no valid port".to_owned()));
    };
    let addresses = match url::literal(host) {
        Some(address) => vec![SocketAddr::new(address, port)],
        None => lookup_host((host, port)).await.map_err(|error| DialError::Dns(error.to_string()))?.collect(),
    };
    let plain = url.scheme_str() == Some("http");
    let (open, refused) = sorted(&addresses, policy, plain);
    if open.is_empty() {
        return Err(refused.map_or_else(|| DialError::Dns("the name has no address".to_owned()), DialError::Refused));
    }
    // Each address gets its share of the time, so that one that never answers leaves some for the next.
    let share = limit / u32::try_from(open.len()).unwrap_or(u32::MAX);
    let mut last = DialError::Timeout;
    for address in open {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(|error| failed(address, &error))?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = failed(address, &error),
            Err(_) => last = DialError::Timeout,
        }
    }
    Err(last)
}

/// The addresses that may be dialled, in the resolver's order, and why the first of the others may not.
fn sorted(addresses: &[SocketAddr], policy: &Policy, plain: bool) -> (Vec<SocketAddr>, Option<Refusal>) {
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

fn failed(address: SocketAddr, error: &io::Error) -> DialError {
    DialError::Connect(format!("{address}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_addresses_of_a_name_are_dialled_ce_whv_28() {
        let addresses: Vec<SocketAddr> =
            ["10.0.0.1:443", "1.1.1.1:443", "[::1]:443", "[2606:4700::1]:443"].map(|a| a.parse().unwrap()).to_vec();
        let (open, refused) = sorted(&addresses, &Policy::default(), false);
        assert_eq!(open, [addresses[1], addresses[3]]);
        assert!(refused.unwrap().to_string().contains("10.0.0.1 is a private address"));

        let allowed = Policy { allow: vec!["10.0.0.0/8".parse().unwrap()], allow_http: vec![] };
        assert_eq!(sorted(&addresses, &allowed, false).0.len(), 3);
        assert!(sorted(&addresses, &allowed, true).0.is_empty(), "http needs its own exception");
    }
}
