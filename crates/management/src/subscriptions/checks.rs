//! Rules of a subscription that depend on the actor, the time or on what is registered and configured.

use model::{Actor, KanaalName, Subscription, Timestamp, consent::Validation, selection::Selection};

use super::{SubscriptionRequest, kenmerken::check_kenmerken};
use crate::{Error, Management};

/// Checks that an end is not over already.
pub(super) fn check_expires(expires: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    match expires {
        Some(expires) if expires <= now => Err(Error::invalid("expires", "must be in the future")),
        _ => Ok(()),
    }
}

/// Checks that the actor may ask for consent in this way: only administrators replace the handshake by an agreement
/// (NLG-WH-05).
pub(super) fn check_validation(actor: &Actor, validation: &Validation) -> Result<(), Error> {
    if matches!(validation, Validation::Manual { .. }) && !actor.is_beheer() {
        return Err(Error::Forbidden(
            "Only an administrator (scope notificaties.beheer) may replace the handshake by an agreement.".to_owned(),
        ));
    }
    Ok(())
}

impl Management {
    /// Checks that a TLS profile is configured and that the actor may use it; `member` names it.
    pub(super) fn check_tls(&self, actor: &Actor, member: &str, profile: Option<&str>) -> Result<(), Error> {
        match profile {
            // Another client's profile looks like one that does not exist.
            Some(profile) if !self.receivers.may_use_tls_profile(profile, actor) => {
                Err(Error::invalid(member, format!("{profile:?} is no TLS profile that this client may use")))
            }
            _ => Ok(()),
        }
    }

    /// Checks the TLS profile that a requested credential names for its token endpoint.
    pub(super) fn check_credential(&self, actor: &Actor, request: &SubscriptionRequest) -> Result<(), Error> {
        let profile = request.credential.as_ref().and_then(super::CredentialRequest::tls);
        self.check_tls(actor, "sinkcredential.tls", profile)
    }

    /// Checks that the actor may subscribe to the kanaal of the gateway's own events, if the request names it and `present` does
    /// not: its events are about the subscriptions of everybody.
    pub(super) fn check_own_kanaal(
        &self,
        actor: &Actor,
        request: &SubscriptionRequest,
        present: Option<&Subscription>,
    ) -> Result<(), Error> {
        let own = KanaalName::own();
        let asks = request.selection.as_ref().is_some_and(|selection| selection.names(&own));
        let has = present.is_some_and(|present| present.selection.names(&own));
        if self.settings.own_events && asks && !has && !actor.is_beheer() {
            return Err(Error::Forbidden(
                "Only an administrator (scope notificaties.beheer) may subscribe to kanaal gateway.".to_owned(),
            ));
        }
        Ok(())
    }

    /// Checks a requested selection against the registered kanalen.
    pub(super) fn check_selection(&self, request: &SubscriptionRequest) -> Result<(), Error> {
        match &request.selection {
            Some(Selection::Native(selection)) => {
                check_kenmerken(&self.registry.read(), selection).map_err(Error::Invalid)
            }
            _ => Ok(()),
        }
    }
}
