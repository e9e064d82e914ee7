//! A call of a subscription's callback URL, `{public_url}/consent/{id}/{secret}`: the `WebHook-Request-Callback` of the
//! handshake (CE-WHV-06 to CE-WHV-10).
//!
//! The secret is the whole authorisation. A wrong one, and an unknown subscription, look the same from outside.

use http::{HeaderMap, Method};
use model::{SubscriptionId, consent::Validation};
use webhook_validator::{Action, CallbackReply, Field, Input, headers::ALLOWED_RATE};

use super::Service;

/// The result of a call of a callback URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalledBack {
    /// The consent is stored.
    Granted,
    /// `WebHook-Allowed-Rate` cannot be read; nothing changed.
    BadRate,
    /// Consent is given by GET or POST; nothing changed.
    MethodNotAllowed,
    /// The consent request is closed.
    Closed,
    /// There is no such consent request.
    Unknown,
}

impl Service {
    /// Answers a call with these parts of its path.
    ///
    /// # Errors
    /// When the outcome cannot be recorded now.
    pub async fn call_back(
        &self,
        id: &str,
        secret: &str,
        method: Method,
        headers: &HeaderMap,
    ) -> Result<CalledBack, storage::Error> {
        let subscription =
            id.parse().ok().and_then(|id| self.registry().read().subscription(SubscriptionId(id)).cloned());
        let Some(subscription) = subscription else { return Ok(CalledBack::Unknown) };
        let right = self.secret(&subscription).is_some_and(|own| own.matches(secret));
        if !right || subscription.validation != Validation::Handshake {
            return Ok(CalledBack::Unknown);
        }
        let input = Input::CalledBack { method, rate: Field::of(headers, &ALLOWED_RATE) };
        Ok(match self.called_back(&subscription, input).await? {
            Some(Action::Reply(CallbackReply::Granted)) => CalledBack::Granted,
            Some(Action::Reply(CallbackReply::BadRate)) => CalledBack::BadRate,
            Some(Action::Reply(CallbackReply::MethodNotAllowed)) => CalledBack::MethodNotAllowed,
            Some(_) => CalledBack::Closed,
            None => CalledBack::Unknown,
        })
    }
}
