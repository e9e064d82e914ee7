//! The clients: the same client with different options of HTTP and TLS. It numbers and times exchanges, and makes no
//! verdicts.

use std::sync::Arc;
use std::time::Duration;

use egress::{Egress, Limits, ProtocolOptions, Request, SettingsError, TlsVersion};
use tokio::time::Instant;

use crate::check::exchange::{Exchange, Secrets};
use crate::check::text::Text;

/// The protocol of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As a sender: the receiver chooses between HTTP/1.1 and HTTP/2.
    Usual,
    /// HTTP/1.1.
    Http1,
    /// HTTP/1.1 with header names in title case.
    TitleCase,
    /// TLS 1.3 only.
    Tls13,
}

/// Sends requests and numbers them.
pub struct Wire {
    usual: Egress,
    http1: Egress,
    title_case: Egress,
    tls13: Egress,
    profile: Option<Arc<str>>,
    number: usize,
    /// Texts to mask.
    pub(super) secrets: Secrets,
}

impl Wire {
    /// Clients for one run. `egress` makes a client that speaks in a given way; `profile` is the name of the TLS profile of all
    /// requests.
    ///
    /// # Errors
    /// Those of `egress`.
    pub fn new(
        egress: impl Fn(ProtocolOptions) -> Result<Egress, SettingsError>,
        profile: Option<Arc<str>>,
    ) -> Result<Self, SettingsError> {
        let usual = ProtocolOptions::default();
        Ok(Self {
            usual: egress(usual)?,
            http1: egress(ProtocolOptions { http1_only: true, ..usual })?,
            title_case: egress(ProtocolOptions { http1_only: true, title_case: true, ..usual })?,
            tls13: egress(ProtocolOptions { http1_only: true, tls: Some(TlsVersion::Tls13), ..usual })?,
            profile,
            number: 0,
            secrets: Secrets::default(),
        })
    }

    /// Sends one request with the TLS profile of this run, within the time `most`.
    pub(super) async fn send(&mut self, mut request: Request, purpose: Text, way: Way, most: Duration) -> Exchange {
        self.number += 1;
        request.tls.clone_from(&self.profile);
        let egress = match way {
            Way::Usual => &self.usual,
            Way::Http1 => &self.http1,
            Way::TitleCase => &self.title_case,
            Way::Tls13 => &self.tls13,
        };
        let begin = Instant::now();
        let limits = Limits { total: most, ..Limits::default() };
        let outcome = egress.send(request.clone(), limits).await;
        Exchange::new(self.number, purpose, &request, outcome, begin.elapsed(), &self.secrets)
    }
}
