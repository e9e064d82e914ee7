//! The two POST probes by which the Notificaties API checks a receiver when an abonnement is made or changed.

use std::{sync::Arc, time::Duration};

use egress::Owner;
use http::HeaderValue;
use webhook_validator::probe::{self, ProbeError};

use super::Service;

/// How long the request of a client waits for its turn at a host.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl Service {
    /// Checks a receiver: a test notification without credential must get 401 or 403, with it 200 to 209 (or exactly 204,
    /// where the settings ask for that). `tls` names a TLS profile; without it the one for the destination and
    /// `owner` (`client_id`) is used.
    pub async fn probe_url(
        &self,
        url: &str,
        authorization: Option<&str>,
        tls: Option<&str>,
        owner: &str,
    ) -> Result<(), ProbeError> {
        let egress = self.egress();
        let url = egress.policy().check_url(url).map_err(|error| ProbeError::Unusable(format!("the URL {error}")))?;
        let value = authorization.map(HeaderValue::from_str).transpose();
        let authorization =
            value.map_err(|_| ProbeError::Unusable("the authorization is no header value".to_owned()))?;
        self.wait_for_turn(&url.to_string()).await?;
        let tls = tls.map(Arc::from).or_else(|| egress.profile_for(&url, Owner::Applicatie(owner)));
        probe::run(egress, &url, authorization.as_ref(), tls, self.settings().accepted, self.limits()).await
    }

    /// Waits until another probe of the host of `url` may start, at most [`LONGEST_WAIT`].
    async fn wait_for_turn(&self, url: &str) -> Result<(), ProbeError> {
        let wait = self.reserve_within(url, LONGEST_WAIT).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            ProbeError::Unusable(format!("its host is asked too often just now; try again in {seconds} seconds"))
        })?;
        tokio::time::sleep(wait).await;
        Ok(())
    }
}
