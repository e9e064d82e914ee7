//! The ways out: the same client in several dialects of HTTP and TLS. It counts and times exchanges, and judges nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use egress::{Dialect, Egress, Limits, Policy, Request, Settings, SettingsError, TlsProfile, TlsVersion};
use tokio::time::Instant;

use crate::arguments::Arguments;
use crate::exchange::{Exchange, Secrets};
use crate::text::Text;

/// Name of the TLS profile with the client certificate.
const CLIENT: &str = "client";

/// In which dialect a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As a sender would: the receiver chooses between HTTP/1.1 and HTTP/2.
    Usual,
    /// HTTP/1.1.
    Http1,
    /// HTTP/1.1 with names of headers in title case.
    TitleCase,
    /// With TLS 1.3 or not at all.
    Tls13,
}

/// Sends requests and keeps count.
pub struct Wire {
    usual: Egress,
    http1: Egress,
    title_case: Egress,
    tls13: Egress,
    profile: Option<Arc<str>>,
    number: usize,
    /// What is not to be shown.
    pub secrets: Secrets,
}

impl Wire {
    pub fn new(policy: &Policy, arguments: &Arguments) -> Result<Self, SettingsError> {
        let mut profiles = BTreeMap::new();
        if let (Some(certificate), Some(key)) = (&arguments.client_certificate, &arguments.client_key) {
            let profile = TlsProfile { certificate: Some(certificate.clone()), key: Some(key.clone()), ca: Vec::new() };
            profiles.insert(CLIENT.to_owned(), profile);
        }
        let profile = profiles.keys().next().map(|name| name.as_str().into());
        let egress = |dialect| {
            let (policy, extra_ca, profiles) = (policy.clone(), arguments.ca.clone(), profiles.clone());
            Egress::new(Settings { policy, extra_ca, profiles, dialect, ..Settings::default() })
        };
        let usual = Dialect::default();
        Ok(Self {
            usual: egress(usual)?,
            http1: egress(Dialect { http1_only: true, ..usual })?,
            title_case: egress(Dialect { http1_only: true, title_case: true, ..usual })?,
            tls13: egress(Dialect { http1_only: true, tls: Some(TlsVersion::Tls13), ..usual })?,
            profile,
            number: 0,
            secrets: Secrets::default(),
        })
    }

    /// Sends one request, whose TLS profile is chosen here.
    pub async fn send(&mut self, mut request: Request, purpose: Text, way: Way) -> Exchange {
        self.number += 1;
        request.tls.clone_from(&self.profile);
        let egress = match way {
            Way::Usual => &self.usual,
            Way::Http1 => &self.http1,
            Way::TitleCase => &self.title_case,
            Way::Tls13 => &self.tls13,
        };
        let begin = Instant::now();
        let outcome = egress.send(request.clone(), Limits::default()).await;
        Exchange::new(self.number, purpose, &request, outcome, begin.elapsed(), &self.secrets)
    }
}
