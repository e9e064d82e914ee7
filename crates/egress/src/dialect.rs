//! How HTTP and TLS are spoken, for whoever tests the other side; deliveries use the default, in which the other side
//! chooses. No dialect weakens anything: certificates are verified in each.

/// A choice of what is offered to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dialect {
    /// Offers HTTP/1.1 only, instead of HTTP/2 as well.
    pub http1_only: bool,
    /// Writes names of headers in HTTP/1.1 as `Content-Type` instead of `content-type`.
    pub title_case: bool,
    /// The only version of TLS that is offered; none for both.
    pub tls: Option<TlsVersion>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}
