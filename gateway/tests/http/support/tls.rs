//! Certificates of a test, and a client that opens one TLS connection for each request.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DistinguishedName, DnType,
    DnValue, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Answer;

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate of an [`Authority`], with its key.
pub struct Identity {
    /// The certificate.
    pub certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    /// An authority of this name with a new key.
    pub fn new(name: &str) -> Self {
        Self::with(name, |_| {})
    }

    /// The same with other parameters.
    pub fn with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        change(&mut params);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root"))
    }

    /// A certificate with these parameters.
    pub fn issue(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        Identity { certificate: params.signed_by(&key, &self.0).expect("a certificate"), key }
    }

    /// A server certificate for 127.0.0.1.
    pub fn server(&self) -> Identity {
        self.issue(&CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name"))
    }

    /// Its own certificate in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A list, in DER, of revoked certificates with these serial numbers.
    pub fn revocation_list(&self, revoked: &[u64]) -> Vec<u8> {
        self.revocation_list_until(revoked, date_time_ymd(2046, 1, 1))
    }

    /// The same, with the moment at which the next list is due.
    pub fn revocation_list_until(&self, revoked: &[u64], next_update: OffsetDateTime) -> Vec<u8> {
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 1),
            next_update,
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.0).expect("a list").der().to_vec()
    }
}

/// Parameters of a certificate of a client, as PKIoverheid has them: an organisation with an OIN.
pub fn client_params(oin: &str) -> CertificateParams {
    let mut params = CertificateParams::new(["zaken.gemeente.example".to_owned()]).expect("a name");
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "NL");
    name.push(DnType::OrganizationName, "Gemeente Example");
    let number = DnValue::PrintableString(oin.try_into().expect("digits"));
    name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), number);
    name.push(DnType::CommonName, "zaken.gemeente.example");
    params.distinguished_name = name;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// The section `[tls]` with a server certificate, and the files in `dir`. Clients are those of `clients`.
pub fn section(dir: &Path, servers: &Authority, clients: &Authority) -> String {
    let server = servers.server();
    let write = |name: &str, text: String| {
        let path = dir.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    format!(
        "[tls]\ncertificate = {:?}\nkey = {:?}\nclient_ca = {:?}\n",
        write("server.pem", server.certificate.pem()),
        write("server.key", server.key.serialize_pem()),
        write("clients.pem", clients.pem())
    )
}

/// A protocol of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Opens a connection for each request.
pub struct TlsClient {
    address: String,
    config: ClientConfig,
}

impl TlsClient {
    /// A client of the gateway at `base` that trusts `servers` and shows a certificate, if it has one.
    pub fn new(base: &str, servers: &Authority, identity: Option<&Identity>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(servers.0.der().clone()).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let key = PrivateKeyDer::from_pem_slice(own.key.serialize_pem().as_bytes()).expect("a key");
                let chain: Vec<CertificateDer<'static>> = vec![own.certificate.der().clone()];
                builder.with_client_auth_cert(chain, key).expect("a pair")
            }
        };
        Self { address: base.trim_start_matches("http://").to_owned(), config }
    }

    /// The answer to a request on a connection of its own, and how its handshake went.
    ///
    /// # Errors
    /// The gateway refuses the connection.
    pub async fn send(
        &self,
        protocol: Protocol,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<(Answer, Option<HandshakeKind>), String> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![match protocol {
            Protocol::Http1 => b"http/1.1".to_vec(),
            Protocol::Http2 => b"h2".to_vec(),
        }];
        let text = |error: &dyn std::error::Error| error.to_string();
        let stream = TcpStream::connect(&self.address).await.map_err(|error| text(&error))?;
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| text(&error))?;
        let kind = stream.get_ref().1.handshake_kind();
        let mut request = Request::builder().method(method).uri(format!("https://{}{path}", self.address));
        if protocol == Protocol::Http1 {
            request = request.uri(path).header(header::HOST, &self.address);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).expect("a request");
        let io = TokioIo::new(stream);
        let response = match protocol {
            Protocol::Http1 => {
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(io).await.map_err(|error| text(&error))?;
                tokio::spawn(connection);
                sender.send_request(request).await
            }
            Protocol::Http2 => {
                let made = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await;
                let (mut sender, connection) = made.map_err(|error| text(&error))?;
                tokio::spawn(connection);
                sender.send_request(request).await
            }
        };
        let (parts, body) = response.map_err(|error| text(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| text(&error))?.to_bytes();
        Ok((Answer { status: parts.status, headers: parts.headers, body }, kind))
    }

    /// The answer to `GET` by HTTP/2.
    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        self.send(Protocol::Http2, Method::GET, path, &[], "").await.map(|(answer, _)| answer)
    }

    /// The same with this token.
    pub async fn get_with(&self, path: &str, token: &str) -> Result<Answer, String> {
        let value = format!("Bearer {token}");
        self.send(Protocol::Http1, Method::GET, path, &[("authorization", &value)], "").await.map(|(answer, _)| answer)
    }
}

/// Writes a file into a directory; its path.
pub fn file(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}
