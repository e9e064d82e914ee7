//! How the Notificaties API checks a receiver: it must refuse a test notification without credential and accept it with
//! one (MAP-26). Receivers of that API support only this. The sequence is pure; [`run`] performs it. This is not the
//! consent handshake: it grants no rate and names no origin.

use std::sync::Arc;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ::http::{HeaderMap, HeaderValue, Method, Uri};
use bytes::Bytes;
use egress::{Egress, Limits, Request};

/// The notification of both probes; receivers recognise its kanaal `test`.
pub const TEST_NOTIFICATION: &[u8] = br#"{"kanaal":"test","hoofdObject":"http://some.hoofdobject.nl/","resource":"some_resource","resourceUrl":"http://some.resource.nl/","actie":"create","aanmaakdatum":"2019-01-01T12:00:00Z","kenmerken":{}}"#;

/// A host that accepts every request by design; its receivers are not required to refuse.
const ACCEPTS_ALL: &str = "webhook.site";

/// One of the two requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Without `Authorization`: the receiver must refuse it.
    WithoutCredential,
    /// With the credential of a delivery.
    WithCredential,
}

/// Which statuses of the second probe count as acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accepted {
    /// 200 to 209, as in Open Notificaties.
    #[default]
    From200To209,
    /// Only 204, as in the standard.
    Only204,
}

/// The action after a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Send this probe.
    Send(Probe),
    /// The receiver has passed.
    Passed,
}

/// Why a receiver failed. The codes are those of the Notificaties API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The receiver did not refuse the request without credential.
    #[error("a POST without Authorization got {status}; the receiver must refuse it with 401 or 403")]
    Unguarded {
        /// The status of the response.
        status: u16,
    },
    /// The receiver did not accept the test notification.
    #[error("the test notification got {status}; it must be answered with {expected}")]
    NotAccepted {
        /// The status of the response.
        status: u16,
        /// The accepted statuses.
        expected: &'static str,
    },
    /// There was no response.
    #[error("the receiver did not answer {probe}: {problem}")]
    NoAnswer {
        /// The probe without response.
        probe: Probe,
        /// The error as one fixed word; see [`egress::SendError::label`].
        label: &'static str,
        /// The error of the request, as text.
        problem: String,
    },
    /// Nothing could be sent: the registration or the configuration is wrong.
    #[error("nothing could be sent: {0}")]
    Unusable(String),
}

impl std::fmt::Display for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WithoutCredential => "a POST without Authorization",
            Self::WithCredential => "the test notification",
        })
    }
}

impl ProbeError {
    /// The error code of the Notificaties API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unguarded { .. } => "no-auth-on-callback-url",
            Self::NotAccepted { .. } | Self::NoAnswer { .. } | Self::Unusable(_) => "invalid-callback-url",
        }
    }
}

/// The first probe for this receiver.
pub fn first(url: &Uri) -> Probe {
    if url.authority().is_some_and(|authority| authority.as_str() == ACCEPTS_ALL) {
        Probe::WithCredential
    } else {
        Probe::WithoutCredential
    }
}

/// The action after a probe, from the status of its response.
pub fn next(probe: Probe, status: u16, accepted: Accepted) -> Result<Next, ProbeError> {
    match (probe, status, accepted) {
        (Probe::WithoutCredential, 401 | 403, _) => Ok(Next::Send(Probe::WithCredential)),
        (Probe::WithoutCredential, ..) => Err(ProbeError::Unguarded { status }),
        (Probe::WithCredential, 200..=209, Accepted::From200To209)
        | (Probe::WithCredential, 204, Accepted::Only204) => Ok(Next::Passed),
        (Probe::WithCredential, _, Accepted::From200To209) => {
            Err(ProbeError::NotAccepted { status, expected: "200 to 209" })
        }
        (Probe::WithCredential, _, Accepted::Only204) => Err(ProbeError::NotAccepted { status, expected: "204" }),
    }
}

/// The request of a probe.
pub fn request(probe: Probe, url: &Uri, authorization: Option<&HeaderValue>, tls: Option<Arc<str>>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let (Probe::WithCredential, Some(authorization)) = (probe, authorization) {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    Request { method: Method::POST, url: url.clone(), headers, body: Bytes::from_static(TEST_NOTIFICATION), tls }
}

/// Sends the probes until one fails or the receiver has passed.
pub async fn run(
    egress: &Egress,
    url: &Uri,
    authorization: Option<&HeaderValue>,
    tls: Option<Arc<str>>,
    accepted: Accepted,
    limits: Limits,
) -> Result<(), ProbeError> {
    let mut probe = first(url);
    loop {
        let answer = egress
            .send(request(probe, url, authorization, tls.clone()), limits)
            .await
            .map_err(|error| ProbeError::NoAnswer { probe, label: error.label(), problem: error.to_string() })?;
        match next(probe, answer.status.as_u16(), accepted)? {
            Next::Send(following) => probe = following,
            Next::Passed => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_probe_must_be_refused_map_26() {
        for status in 100..600 {
            let expected = match status {
                401 | 403 => Ok(Next::Send(Probe::WithCredential)),
                _ => Err("no-auth-on-callback-url"),
            };
            for accepted in [Accepted::From200To209, Accepted::Only204] {
                let got = next(Probe::WithoutCredential, status, accepted).map_err(|error| error.code());
                assert_eq!(got, expected, "{status}");
            }
        }
    }

    #[test]
    fn the_second_probe_must_be_accepted_map_26() {
        for status in 100..600 {
            for (accepted, good) in
                [(Accepted::From200To209, (200..=209).contains(&status)), (Accepted::Only204, status == 204)]
            {
                let got = next(Probe::WithCredential, status, accepted).map_err(|error| error.code());
                assert_eq!(got, if good { Ok(Next::Passed) } else { Err("invalid-callback-url") }, "{status}");
            }
        }
    }

    #[test]
    fn only_webhook_site_itself_skips_the_first_probe() {
        for (url, probe) in [
            ("https://webhook.site/abc", Probe::WithCredential),
            ("https://webhook.site:444/abc", Probe::WithoutCredential),
            ("https://a.webhook.site/", Probe::WithoutCredential),
            ("https://sink.example/webhook.site", Probe::WithoutCredential),
        ] {
            assert_eq!(first(&url.parse().unwrap()), probe, "{url}");
        }
    }
}
