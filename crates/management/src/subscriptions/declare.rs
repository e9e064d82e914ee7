//! Creates a subscription that configuration declares, or changes it where it differs. Its consent and progress
//! stay, unless the sink or the validation changes.

use model::{Actor, Subscription, SubscriptionId, credential::Credential, decide::Command};

use super::{
    CredentialRequest, SubscriptionRequest,
    build::{Change, Identity, Receiver},
    explain, headers,
};
use crate::{Conflict, Error, Management};

/// The result of declaring a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// It was created.
    Created,
    /// It was changed.
    Changed,
    /// It matched the declaration already.
    Unchanged,
    /// It was not created, since it would have expired already.
    Expired,
}

impl Management {
    /// The id under which the configuration of this node declares a subscription; `None` when it does not.
    pub fn declared_as(&self, id: SubscriptionId) -> Option<&str> {
        self.settings.declared_subscriptions.get(&id).map(String::as_str)
    }

    /// Checks that a change by hand would last: the configuration brings a declared subscription in line at every start.
    ///
    /// # Errors
    /// [`Conflict::SubscriptionDeclared`].
    pub fn check_undeclared(&self, id: SubscriptionId) -> Result<(), Error> {
        self.declared_as(id).map_or(Ok(()), |name| Err(Conflict::SubscriptionDeclared(name.to_owned()).into()))
    }

    /// Creates or changes the subscription `id` of `owner` to match `request`. The caller retries after [`Error::Storage`], and
    /// after [`Error::Rejected`], which another node that declares the same can cause.
    ///
    /// # Errors
    /// [`Error::Storage`], [`Error::Secrets`], [`Error::Rejected`], and [`Error::Invalid`], which names `config.kanalen`.
    pub async fn declare_subscription(
        &self,
        id: SubscriptionId,
        owner: &str,
        request: SubscriptionRequest,
    ) -> Result<Declared, Error> {
        let present = self.registry.read().subscription(id).cloned();
        let (done, command) = match &present {
            None if request.expires.is_some_and(|expires| expires <= self.clock.now()) => return Ok(Declared::Expired),
            None => (Declared::Created, self.declared(id, owner, request).await?),
            Some(present) => match self.redeclared(present, owner, request).await? {
                Some(command) => (Declared::Changed, command),
                None => return Ok(Declared::Unchanged),
            },
        };
        self.control.submit(&Actor::configuration(), command).await?.map_err(explain)?;
        Ok(done)
    }

    async fn declared(
        &self,
        id: SubscriptionId,
        owner: &str,
        mut request: SubscriptionRequest,
    ) -> Result<Command, Error> {
        let credential = self.sealed(&mut request)?.unwrap_or(Credential::None);
        let identity = Identity { id, owner: owner.to_owned(), create_key: None };
        let subscription = self.builder().create(identity, request, credential, Receiver::Unasked).await?;
        Ok(Command::CreateSubscription(Box::new(subscription)))
    }

    /// The command that changes `present` to match the declaration; `None` when it does.
    async fn redeclared(
        &self,
        present: &Subscription,
        owner: &str,
        mut request: SubscriptionRequest,
    ) -> Result<Option<Command>, Error> {
        let credential = request.credential.take().unwrap_or(CredentialRequest::None);
        let is_same_credential = credential.is_stored_as(&present.credential, &self.secrets);
        // The start of an existing subscription is not compared.
        request.start = None;
        let headers = std::mem::take(&mut request.headers);
        let are_same_headers = headers::are_same(&headers, present, &self.secrets);
        let rest = SubscriptionRequest { headers: Vec::new(), ..SubscriptionRequest::of(present) };
        if is_same_credential && are_same_headers && present.owner == owner && request == rest {
            return Ok(None);
        }
        request.headers = headers;
        let credential =
            if is_same_credential { present.credential.clone() } else { credential.seal(&self.secrets)? };
        let marks = self.marks_for(present, &request.sink).await?;
        let change = Change { request, credential, receiver: Receiver::Unasked, activates: false, marks };
        let mut to = self.builder().change(present, change).await?;
        owner.clone_into(&mut to.owner);
        Ok(Some(Command::ChangeSubscription { to: Box::new(to), seen: present.changed }))
    }
}
