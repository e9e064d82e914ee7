//! The two POST probes by which the Notificaties API checks a receiver when an abonnement is made or changed.

use std::sync::Arc;

use egress::{Egress, Limits};
use http::{HeaderValue, Uri};
use webhook_validator::probe::{self, Accepted};

use crate::app::App;

pub use webhook_validator::probe::ProbeError;

/// Checks a receiver: a test notification without credential must get 401 or 403, with it 200 to 209.
pub async fn probe(app: &App, url: &str, authorization: Option<&str>) -> Result<(), ProbeError> {
    let unusable = |problem: String| ProbeError::NoAnswer { probe: "anything", problem };
    let url = app.egress.policy().check_url(url).map_err(|error| unusable(format!("the URL {error}")))?;
    let value = authorization.map(HeaderValue::from_str).transpose();
    let authorization = value.map_err(|_| unusable("the authorization is no header value".to_owned()))?;
    let tls = tls_profile(&app.egress, &url);
    probe::run(&app.egress, &url, authorization.as_ref(), tls, Accepted::default(), Limits::default()).await
}

/// The TLS profile for a destination: the one named like it (`host` or `host:port`, as in the URL).
pub fn tls_profile(egress: &Egress, url: &Uri) -> Option<Arc<str>> {
    url.authority().map(http::uri::Authority::as_str).filter(|name| egress.has_profile(name)).map(Arc::from)
}
