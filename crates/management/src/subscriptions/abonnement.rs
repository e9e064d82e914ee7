//! Subscriptions as clients of the Notificaties API create and change them: the receiver is probed before anything is
//! stored, and only the client that created one changes it, administrators neither.

use std::sync::Arc;

use model::{
    Actor, Subscription, SubscriptionId, consent::Validation, credential::Credential, decide::Command,
    selection::Selection, subscription::Status,
};

use super::{
    CredentialRequest, SubscriptionRequest,
    build::{Change, Identity, Receiver},
    decided, explain,
};
use crate::{Error, Management, Resource};

impl Management {
    /// The abonnement with this id, if the actor may read it. A subscription of the native API is none.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] when it is another client's and clients see only their own.
    pub fn find_abonnement(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let abonnement = self.abonnement(id)?;
        if self.may_read_abonnement(actor, &abonnement) { Ok(abonnement) } else { Err(forbidden()) }
    }

    /// The abonnementen that the actor may read, oldest first.
    pub fn list_abonnementen(&self, actor: &Actor) -> Vec<Arc<Subscription>> {
        let registry = self.registry.read();
        let readable = registry
            .subscriptions()
            .filter(|subscription| matches!(subscription.selection, Selection::Abonnement(_)))
            .filter(|subscription| self.may_read_abonnement(actor, subscription));
        let mut abonnementen: Vec<_> = readable.cloned().collect();
        abonnementen.sort_by_key(|abonnement| abonnement.created);
        abonnementen
    }

    /// The actor's own abonnement with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`] when another client created it.
    pub fn own_abonnement(&self, actor: &Actor, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let abonnement = self.abonnement(id)?;
        if actor.client_id() == Some(abonnement.owner.as_str()) { Ok(abonnement) } else { Err(forbidden()) }
    }

    /// Creates an abonnement of the actor, after its receiver passed the probes, unless it chose the handshake.
    ///
    /// # Errors
    /// [`Error::Invalid`] names `config.tls`, `sinkcredential.tls` or `config.kanalen`; [`Error::Probe`];
    /// [`Conflict::Quota`](crate::Conflict::Quota) when the actor has as many as it may have.
    pub async fn create_abonnement(
        &self,
        actor: &Actor,
        mut request: SubscriptionRequest,
    ) -> Result<Arc<Subscription>, Error> {
        self.check_subscriptions(actor, actor.client_id().unwrap_or_default())?;
        self.check_tls(actor, "config.tls", request.tls.as_deref())?;
        self.check_credential(actor, &request)?;
        self.check_own_kanaal(actor, &request, None)?;
        let credential = self.sealed(&mut request)?.unwrap_or(Credential::None);
        let owner = actor.client_id().unwrap_or_default().to_owned();
        self.probe(&request, &credential, &owner).await?;
        let identity = Identity { id: SubscriptionId(self.random.uuid()), owner, create_key: None };
        let abonnement = self.builder().create(identity, request, credential, Receiver::Probed).await?;
        let command = Command::CreateSubscription(Box::new(abonnement.clone()));
        let changes = self.control.submit(actor, command).await?.map_err(explain)?;
        Ok(decided(changes).unwrap_or_else(|| Arc::new(abonnement)))
    }

    /// Replaces `present`, which [`Self::own_abonnement`] returned. Its receiver is probed again when the client names it
    /// (`names_receiver`: its URL, credential or TLS profile) or asks for another validation. Passing reactivates an abonnement
    /// that was suspended or gone, or had lost its consent.
    ///
    /// # Errors
    /// As for creating one; [`Error::Rejected`] when others changed it meanwhile.
    pub async fn change_abonnement(
        &self,
        actor: &Actor,
        present: &Subscription,
        mut request: SubscriptionRequest,
        names_receiver: bool,
    ) -> Result<Arc<Subscription>, Error> {
        if request.tls != present.tls {
            self.check_tls(actor, "config.tls", request.tls.as_deref())?;
        }
        self.check_credential(actor, &request)?;
        self.check_own_kanaal(actor, &request, Some(present))?;
        let credential = self.sealed(&mut request)?;
        let credential = credential.unwrap_or_else(|| CredentialRequest::kept(present, &request.sink));
        let other_validation = request.validation != present.validation;
        if names_receiver || other_validation {
            self.probe(&request, &credential, &present.owner).await?;
        }
        let handshake_restarts = other_validation || request.sink != present.sink;
        let marks = self.marks_for(present, &request.sink).await?;
        let change = Change { request, credential, receiver: Receiver::Probed, activates: true, marks };
        let to = self.builder().change(present, change).await?;
        let command = Command::ChangeSubscription { to: Box::new(to.clone()), seen: present.changed };
        let changes = self.control.submit(actor, command).await?.map_err(explain)?;
        let changed = decided(changes).unwrap_or_else(|| Arc::new(to));
        if names_receiver && !handshake_restarts {
            // As it is now: it may have ended while its receiver was probed.
            self.revalidate_if_ended(actor, &changed).await?;
        }
        Ok(changed)
    }

    /// Deletes the actor's own abonnement.
    ///
    /// # Errors
    /// Those of [`Self::own_abonnement`].
    pub async fn delete_abonnement(&self, actor: &Actor, id: SubscriptionId) -> Result<(), Error> {
        let abonnement = self.own_abonnement(actor, id)?;
        self.control.submit(actor, Command::DeleteSubscription(abonnement.id)).await?.map_err(explain)?;
        Ok(())
    }

    fn abonnement(&self, id: SubscriptionId) -> Result<Arc<Subscription>, Error> {
        let known = self.registry.read().subscription(id).cloned();
        known
            .filter(|subscription| matches!(subscription.selection, Selection::Abonnement(_)))
            .ok_or(Error::NotFound(Resource::Subscription))
    }

    fn may_read_abonnement(&self, actor: &Actor, abonnement: &Subscription) -> bool {
        !self.settings.own_abonnementen_only || actor.may_see(&abonnement.owner)
    }

    async fn probe(&self, request: &SubscriptionRequest, credential: &Credential, owner: &str) -> Result<(), Error> {
        if request.validation == Validation::Handshake {
            return Ok(());
        }
        Ok(self.receivers.probe(&request.sink, credential, request.tls.as_deref(), owner).await?)
    }

    /// Revalidates an abonnement that ended or lost its consent: the consent service repeats the probes, or the handshake, and
    /// stores the outcome.
    async fn revalidate_if_ended(&self, actor: &Actor, abonnement: &Subscription) -> Result<(), Error> {
        let ended = matches!(abonnement.status, Status::Gone { .. } | Status::Suspended { .. });
        if ended || abonnement.consent.granted().is_none() {
            self.revalidate(actor, abonnement.id).await?;
        }
        Ok(())
    }
}

fn forbidden() -> Error {
    Error::Forbidden("The abonnement belongs to another client.".to_owned())
}
