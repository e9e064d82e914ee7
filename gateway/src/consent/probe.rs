//! The two POST probes by which the Notificaties API checks a receiver when an abonnement is made or changed.

use std::{sync::Arc, time::Duration};

use egress::{Egress, Limits};
use http::{HeaderValue, Uri};
use webhook_validator::probe::{self, Accepted};

use crate::{app::App, config::Config};

pub use webhook_validator::probe::{Probe, ProbeError};

/// Checks a receiver: a test notification without credential must get 401 or 403, with it 200 to 209 (or exactly 204,
/// where that is configured).
pub async fn probe(app: &App, url: &str, authorization: Option<&str>, tls: Option<&str>) -> Result<(), ProbeError> {
    let url = app.egress.policy().check_url(url).map_err(|error| ProbeError::Unusable(format!("the URL {error}")))?;
    let value = authorization.map(HeaderValue::from_str).transpose();
    let authorization = value.map_err(|_| ProbeError::Unusable("the authorization is no header value".to_owned()))?;
    let tls = tls.map(Arc::from).or_else(|| tls_profile(&app.egress, &url));
    let limits = Limits { total: Duration::from_secs(app.config.consent.timeout_seconds), ..Limits::default() };
    probe::run(&app.egress, &url, authorization.as_ref(), tls, accepted(&app.config), limits).await
}

/// Which answers to the test notification count.
pub fn accepted(config: &Config) -> Accepted {
    if config.notificaties.callback_must_answer_204 { Accepted::Only204 } else { Accepted::From200To209 }
}

/// The TLS profile for a destination: the one named like it (`host` or `host:port`, as in the URL).
pub fn tls_profile(egress: &Egress, url: &Uri) -> Option<Arc<str>> {
    url.authority().map(http::uri::Authority::as_str).filter(|name| egress.has_profile(name)).map(Arc::from)
}
