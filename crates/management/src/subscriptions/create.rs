//! Creates a subscription (CE-SUB-02, CE-SUB-06, CE-SUB-07, NLG-WH-06).

use std::sync::Arc;

use model::{
    Actor, Subscription, SubscriptionId,
    credential::Credential,
    decide::{Command, Rejection},
    subscription::CreateKey,
};

use super::{
    SubscriptionRequest,
    build::{Identity, Receiver},
    checks::{check_expires, check_validation},
    decided, explain,
};
use crate::{Conflict, Error, Management};

/// The result of creating a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// A new subscription was created.
    New(Arc<Subscription>),
    /// The same request created it before with the same idempotency key; as it is now.
    Before(Arc<Subscription>),
}

impl Management {
    /// Creates a subscription of the actor, whose sink is asked for consent from now on. The same request with the same
    /// idempotency key creates one only.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `config.tls`, `sinkcredential.tls`, `expires`, `config.kenmerken.<key>` or
    /// `config.kanalen`; [`Error::Forbidden`] when an agreement replaces the handshake, or it is about the gateway's own
    /// events, and the actor is no administrator;
    /// [`Conflict::Quota`] when the actor has as many as it may have; [`Conflict::KeyReused`] when another request used the key.
    pub async fn create_subscription(
        &self,
        actor: &Actor,
        request: SubscriptionRequest,
        create_key: Option<CreateKey>,
    ) -> Result<Created, Error> {
        let owner = actor.client_id().unwrap_or_default().to_owned();
        self.create(actor, owner, request, create_key).await
    }

    /// Creates a subscription that belongs to the client `owner`, for which the actor acts; empty: to administrators.
    ///
    /// # Errors
    /// As [`Self::create_subscription`]; [`Error::Invalid`] names `owner` when the actor does not act for it.
    pub async fn create_subscription_for(
        &self,
        actor: &Actor,
        owner: &str,
        request: SubscriptionRequest,
    ) -> Result<Created, Error> {
        let is_known = owner.is_empty() || self.registry.read().applicatie(owner).is_some();
        if !actor.may_manage(owner) || !is_known {
            return Err(Error::invalid("owner", "must be a client for which this person acts"));
        }
        self.create(actor, owner.to_owned(), request, None).await
    }

    async fn create(
        &self,
        actor: &Actor,
        owner: String,
        mut request: SubscriptionRequest,
        create_key: Option<CreateKey>,
    ) -> Result<Created, Error> {
        check_validation(actor, &request.validation)?;
        self.check_tls(actor, "config.tls", request.tls.as_deref())?;
        self.check_credential(actor, &request)?;
        self.check_own_kanaal(actor, &request, None)?;
        if let Some(key) = &create_key {
            let before = self.registry.read().subscription_created_with(&owner, &key.key).cloned();
            if let Some(before) = before {
                return created_before(key, before);
            }
        }
        self.check_subscriptions(actor, &owner)?;
        check_expires(request.expires, self.clock.now())?;
        self.check_selection(&request)?;
        let credential = self.sealed(&mut request)?.unwrap_or(Credential::None);
        let identity = Identity { id: SubscriptionId(self.random.uuid()), owner, create_key };
        let subscription = self.builder().create(identity, request, credential, Receiver::Unasked).await?;
        let command = Command::CreateSubscription(Box::new(subscription.clone()));
        match self.control.submit(actor, command).await? {
            Ok(changes) => Ok(Created::New(decided(changes).unwrap_or_else(|| Arc::new(subscription)))),
            Err(rejection @ Rejection::CreateKeyTaken(id)) => {
                let before = self.registry.read().subscription(id).cloned();
                match (&subscription.create_key, before) {
                    (Some(key), Some(before)) => created_before(key, before),
                    _ => Err(rejection.into()),
                }
            }
            Err(rejection) => Err(explain(rejection)),
        }
    }

    /// The requested credential, sealed; `None` when the request does not name one.
    pub(super) fn sealed(&self, request: &mut SubscriptionRequest) -> Result<Option<Credential>, Error> {
        let requested = request.credential.take();
        Ok(requested.map(|credential| credential.seal(&self.secrets)).transpose()?)
    }
}

fn created_before(key: &CreateKey, before: Arc<Subscription>) -> Result<Created, Error> {
    if before.create_key.as_ref().is_some_and(|own| own.digest == key.digest) {
        Ok(Created::Before(before))
    } else {
        Err(Conflict::KeyReused(before.id).into())
    }
}
