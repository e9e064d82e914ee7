//! TCP streams for protocols other than HTTP, with the same address policy, look-ups and TLS profiles. What is spoken on a stream is
//! not known here; no ALPN protocol is offered.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dial::{self, DialError};
use crate::error::{Phase, SendError};
use crate::policy::{Policy, Refusal, UrlError};
use crate::reason;
use crate::resolve::Resolver;

/// Where a stream goes, and how it is protected.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// A name, or a literal address with or without the brackets of IPv6.
    pub host: &'a str,
    /// The port, not 0.
    pub port: u16,
    /// How the stream is protected.
    pub security: Security,
    /// The name of a TLS profile; `None` for the general configuration.
    pub tls: Option<&'a str>,
}

/// How a stream is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// The protocol begins without TLS and starts it before anything of value is sent ([`Connection::start_tls`]).
    StartTls,
    /// Without TLS: only to addresses of [`Policy::allow_http`].
    Plain,
}

/// An open stream.
pub struct Connection {
    stream: Stream,
    tls: TlsSettings,
}

enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What a TLS handshake on a connection needs.
#[derive(Clone)]
struct TlsSettings {
    config: Arc<ClientConfig>,
    host: Box<str>,
    limit: Duration,
}

/// Opens the stream; everything together takes at most `limit`.
pub(crate) async fn connect(
    destination: Destination<'_>,
    policy: &Policy,
    resolver: &Resolver,
    config: Arc<ClientConfig>,
    limit: Duration,
) -> Result<Connection, SendError> {
    let Destination { host, port, security, .. } = destination;
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() {
        return Err(UrlError::Host.into());
    }
    if port == 0 {
        return Err(UrlError::Port.into());
    }
    let deadline = Instant::now() + limit;
    let dialling = dial::dial_host(host, port, security == Security::Plain, policy, resolver);
    let stream = match timeout_at(deadline, dialling).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(error_of(error)),
        Err(_) => return Err(SendError::Timeout(Phase::Connect)),
    };
    let tls = TlsSettings { config, host: host.into(), limit };
    let stream = match security {
        Security::Tls => Stream::Tls(Box::new(tls.handshake(stream, deadline).await?)),
        Security::StartTls | Security::Plain => Stream::Tcp(stream),
    };
    Ok(Connection { stream, tls })
}

fn error_of(error: DialError) -> SendError {
    match error {
        DialError::Refused(Refusal::PlainHttp { address }) => Refusal::Plain { address }.into(),
        DialError::Refused(refusal) => refusal.into(),
        DialError::Own(shortage) => SendError::Own(shortage),
        DialError::Dns(text) => SendError::Dns(text),
        DialError::Connect(text) => SendError::Connect(text),
        DialError::Tls(text) => SendError::Tls(text),
        DialError::Timeout => SendError::Timeout(Phase::Connect),
    }
}

impl TlsSettings {
    async fn handshake(&self, stream: TcpStream, deadline: Instant) -> Result<TlsStream<TcpStream>, SendError> {
        let name = ServerName::try_from(self.host.to_string());
        let name = name.map_err(|error| SendError::Tls(reason::of_handshake(&error)))?;
        let connecting = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream);
        match timeout_at(deadline, connecting).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(SendError::Tls(reason::of_handshake(&error))),
            Err(_) => Err(SendError::Timeout(Phase::Connect)),
        }
    }
}

impl Connection {
    /// Does the TLS handshake, in the profile and for the host of the destination and within the time for connecting. The caller has
    /// read everything that the other side sent before. A stream that has TLS stays as it is.
    ///
    /// # Errors
    /// When the handshake fails or takes too long, or the certificate cannot be verified.
    pub async fn start_tls(self) -> Result<Self, SendError> {
        let Self { stream, tls } = self;
        let stream = match stream {
            Stream::Tcp(stream) => Box::new(tls.handshake(stream, Instant::now() + tls.limit).await?),
            Stream::Tls(stream) => stream,
        };
        Ok(Self { stream: Stream::Tls(stream), tls })
    }

    /// Whether everything on the stream is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// The address of the other side; `None` when the connection is over.
    pub fn remote(&self) -> Option<SocketAddr> {
        let stream = match &self.stream {
            Stream::Tcp(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        stream.peer_addr().ok()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Mutex;

    use tokio::net::TcpListener;

    use crate::shortage::Shortage;
    use crate::{Egress, Settings};

    use super::*;

    fn allowing(addresses: &[&str]) -> Settings {
        let allow = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Settings { policy: Policy { allow, allow_http: vec![] }, ..Settings::default() }
    }

    fn relay(port: u16) -> Destination<'static> {
        Destination { host: "relay.example", port, security: Security::StartTls, tls: None }
    }

    #[tokio::test]
    async fn the_address_is_checked_at_every_connection_also_after_a_change_of_dns_ch_24() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(Mutex::new(vec!["127.0.0.1"]));
        let current = Arc::clone(&answer);
        let resolver =
            Resolver::with(move |_| Ok(current.lock().unwrap().iter().map(|a| a.parse().unwrap()).collect()));
        let egress = Egress::with_resolver(allowing(&["127.0.0.1"]), resolver).unwrap();

        let connection = egress.connect(relay(port)).await.unwrap();
        assert_eq!(connection.remote(), Some(SocketAddr::new("127.0.0.1".parse().unwrap(), port)));
        assert!(!connection.is_encrypted());
        for (changed, refused) in [("10.0.0.1", "private"), ("127.0.0.2", "loopback"), ("169.254.169.254", "metadata")]
        {
            *answer.lock().unwrap() = vec![changed];
            let error = egress.connect(relay(port)).await.err().expect(changed);
            assert!(matches!(error, SendError::Refused(Refusal::Address { .. })), "{changed}: {error}");
            assert!(error.to_string().contains(refused), "{changed}: {error}");
        }
        *answer.lock().unwrap() = vec!["10.0.0.1", "127.0.0.1"];
        assert!(egress.connect(relay(port)).await.is_ok(), "only the allowed address is dialled");
    }

    #[tokio::test]
    async fn several_addresses_of_one_name_are_tried_in_turn_ch_26() {
        let listener = TcpListener::bind("127.0.0.3:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|address| address.parse::<IpAddr>().unwrap());
        let resolver = Resolver::with(move |_| Ok(addresses.to_vec()));
        let egress = Egress::with_resolver(allowing(&["127.0.0.0/8"]), resolver).unwrap();
        let connection = egress.connect(relay(port)).await.unwrap();
        assert_eq!(connection.remote().map(|remote| remote.ip()), Some(addresses[2]));
        drop(listener);
        let error = egress.connect(relay(port)).await.err().expect("nothing listens");
        assert!(matches!(error, SendError::Connect(_)), "{error}");
    }

    #[tokio::test]
    async fn b6_a_stream_without_a_descriptor_is_our_own_trouble() {
        let resolver = Resolver::with(|_| Err(io::Error::from_raw_os_error(24)));
        let egress = Egress::with_resolver(Settings::default(), resolver).unwrap();
        let error = egress.connect(relay(587)).await.err().expect("no descriptor");
        assert!(matches!(error, SendError::Own(Shortage::Descriptors)), "{error}");
        assert_eq!(egress.shortage(), Some(Shortage::Descriptors));
    }
}
