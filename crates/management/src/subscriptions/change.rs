//! Changes a subscription. Another sink voids the consent and starts a new handshake (CE-WHV-27); a credential that is not
//! named stays, unless the sink is of another origin.

use std::sync::Arc;

use model::{
    Actor, Subscription, SubscriptionId,
    decide::{Command, Rejection},
};

use super::{
    CredentialRequest, SubscriptionRequest,
    build::{Change, Receiver},
    checks::{check_expires, check_validation},
    explain,
};
use crate::{Conflict, Error, Management, Precondition};

/// How often a change is computed again when others changed the subscription between reading and writing.
pub(super) const TRIES: usize = 5;

impl Management {
    /// Replaces the subscription by what `propose` makes of its present state, and returns it. `propose` is called again
    /// when others change it meanwhile.
    ///
    /// # Errors
    /// Those of `propose`; [`Error::NotFound`]; [`Error::PreconditionFailed`] and [`Error::PreconditionRequired`];
    /// [`Error::Invalid`] and [`Error::Forbidden`] as for creating one, of the members that change; [`Conflict::Busy`] when
    /// others changed it five times in a row.
    pub async fn change_subscription<E: From<Error>>(
        &self,
        actor: &Actor,
        id: SubscriptionId,
        expected: &Precondition,
        propose: impl Fn(&Subscription) -> Result<SubscriptionRequest, E>,
    ) -> Result<Arc<Subscription>, E> {
        for _ in 0..TRIES {
            let present = self.own_subscription(actor, id)?;
            expected.check(present.changed, self.settings.require_precondition)?;
            let request = propose(&present)?;
            let to = self.changed(actor, &present, request).await?;
            let command = Command::ChangeSubscription { to: Box::new(to), seen: present.changed };
            match self.control.submit(actor, command).await.map_err(Error::from)? {
                Ok(_) => return Ok(self.present_subscription(id)?),
                Err(Rejection::Conflict(_)) => {}
                Err(rejection) => return Err(explain(rejection).into()),
            }
        }
        Err(Error::from(Conflict::Busy).into())
    }

    /// The subscription that a request makes of `present`.
    async fn changed(
        &self,
        actor: &Actor,
        present: &Subscription,
        mut request: SubscriptionRequest,
    ) -> Result<Subscription, Error> {
        if request.start.is_some() {
            return Err(Error::invalid("config.start", "can only be given when a subscription is made"));
        }
        if request.expires != present.expires {
            check_expires(request.expires, self.clock.now())?;
        }
        self.check_selection(&request)?;
        self.check_own_kanaal(actor, &request, Some(present))?;
        self.check_credential(actor, &request)?;
        if request.tls != present.tls {
            self.check_tls(actor, "config.tls", request.tls.as_deref())?;
        }
        // An agreement is about the sink that it was made for.
        if request.validation != present.validation || !present.sink.is_same_origin(&request.sink) {
            check_validation(actor, &request.validation)?;
        }
        let credential = self.sealed(&mut request)?;
        let kept = || CredentialRequest::kept(present, &request.sink);
        let credential = credential.unwrap_or_else(kept);
        let marks = self.marks_for(present, &request.sink).await?;
        let change = Change { request, credential, receiver: Receiver::Unasked, activates: false, marks };
        self.builder().change(present, change).await
    }
}
