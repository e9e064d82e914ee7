//! Tokens that are renewed with a refresh token (RFC 6749 section 6, CE-SUB-20). The new tokens are stored with the
//! subscription, because the endpoint may have revoked the previous refresh token.

use std::{sync::Arc, time::Duration};

use model::{
    SubscriptionId,
    credential::{AccessToken, Credential, RefreshToken},
    decide::Command,
};

use super::{CredentialError, OpenedCredential, Opener, endpoint::Grant, opener::bearer};

/// How often control is asked to store renewed tokens, and the pause between two tries.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);

impl Opener {
    /// The token of a subscription, renewed when it has lapsed or, with `renew`, when the sink refused it.
    pub(super) async fn refresh(
        &self,
        id: SubscriptionId,
        owner: &str,
        given: &RefreshToken,
        renew: bool,
    ) -> Result<OpenedCredential, CredentialError> {
        if !renew && given.access.expires > self.now() {
            return self.open_unexpired(&given.access);
        }
        let _turn = self.turns[(id.0.as_u128() % self.turns.len() as u128) as usize].lock().await;
        let stored = self.stored_token(id).unwrap_or_else(|| given.clone());
        // A request before this one may have renewed it.
        if stored != *given && stored.access.expires > self.now() {
            return self.open_unexpired(&stored.access);
        }
        let asked = self.now();
        let refresh_token = self.text(&stored.refresh_token)?;
        let granted = self.ask(&stored.endpoint, Grant::Refresh(&refresh_token), owner).await?;
        let expires = asked + granted.usable();
        let seal = |text: &str| {
            let sealed = self.parts.secrets.seal(text.as_bytes());
            sealed.map_err(|error| CredentialError::Unavailable(error.to_string()))
        };
        let next = RefreshToken {
            access: AccessToken { token: seal(&granted.access_token)?, expires, ..stored.access.clone() },
            refresh_token: match &granted.refresh_token {
                Some(token) => seal(token)?,
                None => stored.refresh_token.clone(),
            },
            endpoint: stored.endpoint.clone(),
        };
        let place = stored.access.place;
        self.keep(id, stored, next).await;
        Ok(OpenedCredential { authorization: bearer(place, granted.access_token), until: Some(expires) })
    }

    fn stored_token(&self, id: SubscriptionId) -> Option<RefreshToken> {
        let registry = self.parts.control.registry();
        let subscription = registry.read().subscription(id).map(Arc::clone)?;
        match &subscription.credential {
            Credential::RefreshToken(token) => Some((**token).clone()),
            _ => None,
        }
    }

    /// Keeps what was granted. The token is used even when that fails for long: it is good, and the endpoint would not
    /// grant it again.
    async fn keep(&self, id: SubscriptionId, seen: RefreshToken, to: RefreshToken) {
        let command = Command::SetCredential {
            id,
            seen: Box::new(Credential::RefreshToken(Box::new(seen))),
            to: Box::new(Credential::RefreshToken(Box::new(to))),
            at: self.now(),
        };
        for _ in 0..TRIES {
            match self.parts.control.submit(&model::Actor::gateway(), command.clone()).await {
                Ok(Ok(_)) => return,
                Ok(Err(rejection)) => {
                    tracing::info!(subscription = %id, %rejection, "a renewed token is not kept");
                    return;
                }
                Err(error) => {
                    tracing::warn!(subscription = %id, %error, "a renewed token cannot be kept yet");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        tracing::error!(subscription = %id, "a renewed token could not be kept: it is lost at the next restart");
    }
}
