//! Options of HTTP and TLS for programs that test a server; deliveries use the defaults, with which the server chooses.
//! No option weakens security: certificates are always verified.

/// Which versions and forms of HTTP and TLS a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProtocolOptions {
    /// Offers only HTTP/1.1 instead of also HTTP/2.
    pub http1_only: bool,
    /// Writes header names in HTTP/1.1 as `Content-Type` instead of `content-type`.
    pub title_case: bool,
    /// The only TLS version offered; `None` for all supported ones.
    pub tls: Option<TlsVersion>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}
