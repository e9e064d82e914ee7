//! Checks the receiver of a subscription clause by clause, for its owner. Nothing of it is stored, and consent stays as it is.
//!
//! Test events are sent only while the subscription has consent, each within the granted rate. The rules are those of
//! `webhook-validator`, behind the port [`crate::Receivers`].

use std::{sync::Arc, time::Duration};

use model::{
    Actor, Subscription, SubscriptionId, Timestamp, consent::Validation, credential::Credential, subscription::Format,
};

use super::{
    SubscriptionRequest,
    build::{Identity, Receiver},
    checks::check_validation,
    test_delivery::{check_may_ask, check_may_send},
};
use crate::{CheckRequest, Error, Management, ReceiverReport, receivers::EventTurn};

/// The time after which a check tries nothing more.
const WITHIN: Duration = Duration::from_mins(1);

/// A check of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedReceiver {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What was found.
    pub report: ReceiverReport,
}

impl Management {
    /// Checks the receiver of a subscription of the actor. Takes at most a minute and one request timeout.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rejected`] when the subscription is gone or expired;
    /// [`Conflict::CannotSend`](crate::Conflict::CannotSend) while an approval is awaited, and without consent where the check
    /// has nothing to ask for it with; [`Conflict::SinkBusy`](crate::Conflict::SinkBusy).
    pub async fn check_receiver(&self, actor: &Actor, id: SubscriptionId) -> Result<CheckedReceiver, Error> {
        let subscription = self.own_subscription(actor, id)?;
        check_may_check(&subscription, self.clock.now())?;
        let management = self.clone();
        let turn: EventTurn = Arc::new(move || {
            let management = management.clone();
            Box::pin(async move { management.may_send_next(id).await })
        });
        self.check(&subscription, turn).await
    }

    /// Checks the receiver that a new subscription of the client `owner` would have. No event is sent: there is no consent yet.
    /// Nothing is stored. Takes at most a minute and one request timeout.
    ///
    /// # Errors
    /// [`Error::Invalid`] as for creating the subscription; [`Conflict::SinkBusy`](crate::Conflict::SinkBusy).
    pub async fn check_new_receiver(
        &self,
        actor: &Actor,
        owner: &str,
        mut request: SubscriptionRequest,
    ) -> Result<CheckedReceiver, Error> {
        if !actor.may_manage(owner) {
            return Err(Error::invalid("owner", "must be a client for which this person acts"));
        }
        check_validation(actor, &request.validation)?;
        self.check_tls(actor, "config.tls", request.tls.as_deref())?;
        self.check_credential(actor, &request)?;
        self.check_selection(&request)?;
        let credential = self.sealed(&mut request)?.unwrap_or(Credential::None);
        let identity = Identity { id: SubscriptionId(self.random.uuid()), owner: owner.to_owned(), create_key: None };
        let subscription = self.builder().create(identity, request, credential, Receiver::Unasked).await?;
        self.check(&Arc::new(subscription), Arc::new(|| Box::pin(async { false }))).await
    }

    /// Checks the receiver of a subscription. `turn` decides about each test event.
    async fn check(&self, subscription: &Arc<Subscription>, turn: EventTurn) -> Result<CheckedReceiver, Error> {
        let _turn = self.sink_turns.begin(&subscription.sink)?;
        let (at, started) = (self.clock.now(), self.clock.instant());
        let request = CheckRequest { run: self.random.uuid().to_string(), within: WITHIN, turn };
        let report = self.receivers.check(subscription, request).await;
        tracing::info!(subscription = %subscription.id, passed = report.passed, "receiver checked");
        Ok(CheckedReceiver { at, duration: self.clock.instant().since(started), report })
    }

    /// Waits until the next test event may be sent; false when none may.
    async fn may_send_next(&self, id: SubscriptionId) -> bool {
        let present = self.registry.read().subscription(id).cloned();
        let may_send = present.is_some_and(|present| check_may_send(&present, self.clock.now()).is_ok());
        may_send && self.wait_for_sink(id).await.is_ok()
    }
}

/// Checks that a check may begin. Notifications without consent are sent only as the probes that ask for it.
fn check_may_check(subscription: &Subscription, now: Timestamp) -> Result<(), Error> {
    match (subscription.format, &subscription.validation) {
        (Format::Legacy, Validation::Handshake | Validation::Manual { .. }) => check_may_send(subscription, now),
        _ => check_may_ask(subscription, now),
    }
}
