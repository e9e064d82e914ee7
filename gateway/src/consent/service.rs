//! One step of one subscription's consent: asking its sink, and recording what came of it.
//!
//! Steps of one subscription take turns, so that an answer never overwrites a callback that was quicker; the state is
//! read anew within the turn.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use delivery::{Authorization, Credentials};
use egress::{Egress, Limits};
use http::{HeaderValue, Uri};
use model::{
    Clock, Subscription, SubscriptionId,
    consent::{Consent, Rate, Validation},
    decide::Command,
};
use storage::{Control, control::SharedRegistry};
use tokio::sync::{Mutex, MutexGuard};
use webhook_validator::{
    Action, Input, Moment, State, Step, Terms,
    callback::Secret,
    handshake,
    http::{Question, ask},
    probe::{self, ProbeError},
};

use super::{StartError, state, terms::General};
use crate::{config::Config, credentials::Opener, secrets::Secrets, telemetry};

/// How long to wait before storage that did not take an outcome is asked again.
const STORAGE_PAUSE: Duration = Duration::from_secs(1);
/// Locks for turns; subscriptions share them by id.
const TURNS: usize = 64;

/// What the service is made of.
pub struct Parts {
    /// Configuration.
    pub config: Arc<Config>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where outcomes are recorded.
    pub control: Arc<dyn Control>,
    /// The way out.
    pub egress: Arc<Egress>,
    /// Opens callback secrets.
    pub secrets: Arc<Secrets>,
    /// Opens credentials.
    pub credentials: Arc<Opener>,
}

/// The consent service; cheap to clone. It does nothing by itself until [`Service::run`] is polled.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    parts: Parts,
    general: General,
    registry: SharedRegistry,
    turns: Vec<Mutex<()>>,
}

/// What a subscription needs from the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing, until it changes.
    Nothing,
    /// A step at this moment.
    StepAt(Moment),
}

impl Service {
    /// Puts the service together.
    pub fn new(parts: Parts) -> Result<Self, StartError> {
        let general = General::new(&parts.config)?;
        let registry = parts.control.registry();
        let turns = (0..TURNS).map(|_| Mutex::new(())).collect();
        Ok(Self(Arc::new(Inner { parts, general, registry, turns })))
    }

    pub(super) fn registry(&self) -> &SharedRegistry {
        &self.0.registry
    }

    pub(super) fn control(&self) -> &dyn Control {
        self.0.parts.control.as_ref()
    }

    pub(super) fn now(&self) -> Moment {
        self.0.parts.clock.now().as_micros()
    }

    /// What a subscription needs now.
    pub(super) fn need(&self, subscription: &Subscription) -> Need {
        let now = self.now();
        // A sink is not bothered for what will not be sent, and not before the owner of the kanaal agreed.
        if subscription.status.end().is_some() || subscription.held_by().is_some() {
            return Need::Nothing;
        }
        let before = state::from_model(&subscription.consent);
        let step = self.timer(subscription, before.clone(), now);
        match step.action {
            Action::SendOptions => Need::StepAt(now),
            Action::WaitUntil(moment) => Need::StepAt(moment),
            Action::Nothing | Action::Reply(_) if step.state != before => Need::StepAt(now),
            Action::Nothing | Action::Reply(_) => Need::Nothing,
        }
    }

    /// What time alone does to a subscription's consent.
    fn timer(&self, subscription: &Subscription, before: State, now: Moment) -> Step {
        let terms = self.0.general.of(subscription);
        let origin = terms.origin.clone();
        match (&subscription.validation, before) {
            (Validation::Handshake, before) => handshake::step(before, Input::Timer, &terms, now),
            // These sinks know no origin: it may change without asking them.
            (_, State::Granted { rate, at, .. }) => at_rest(State::Granted { origin, rate, at }),
            (Validation::Manual { .. }, _) => {
                let asked = subscription.requested_rate;
                let rate = asked.map_or(webhook_validator::Rate::Unlimited, webhook_validator::Rate::PerMinute);
                at_rest(State::Granted { origin, rate, at: now })
            }
            (Validation::Probe, before) => handshake::step(before, Input::Timer, &terms, now),
        }
    }

    /// One step: what time does, and the request if one is due. Returns when the outcome is recorded.
    pub(super) async fn step(&self, id: SubscriptionId, generation: u64) {
        let due =
            self.insist(id, generation, |subscription, before, _, now| self.timer(subscription, before, now)).await;
        let Some((subscription, Step { action: Action::SendOptions, .. })) = due else { return };
        if subscription.validation == Validation::Probe {
            let outcome = self.probe(&subscription).await;
            self.insist(id, generation, |_, before, terms, now| probed(before, outcome.clone(), terms, now)).await;
        } else {
            let input = self.ask(&subscription).await;
            self.insist(id, generation, |_, before, terms, now| handshake::step(before, input.clone(), terms, now))
                .await;
        }
    }

    /// The answer to a call of a subscription's callback URL; the caller has checked the secret. `None` when the
    /// subscription, or this generation of it, is no more.
    pub(super) async fn called_back(
        &self,
        subscription: &Subscription,
        input: Input,
    ) -> Result<Option<Action>, storage::Error> {
        let decide = |_: &Subscription, before: State, terms: &Terms, now: Moment| {
            handshake::step(before, input.clone(), terms, now)
        };
        let step = self.record(subscription.id, subscription.generation, decide).await?;
        Ok(step.map(|(_, step)| step.action))
    }

    /// The secret of a subscription's callback URL; `None` when it cannot be opened.
    pub(super) fn secret(&self, subscription: &Subscription) -> Option<Secret> {
        let opened = self.0.parts.secrets.open(&subscription.callback_secret);
        match opened {
            Ok(text) => Secret::from_kept(std::str::from_utf8(&text).ok()?),
            Err(error) => {
                tracing::error!(subscription = %subscription.id, %error, "the callback secret cannot be opened");
                None
            }
        }
    }

    /// [`Self::record`] until storage takes the outcome.
    async fn insist(
        &self,
        id: SubscriptionId,
        generation: u64,
        decide: impl Fn(&Subscription, State, &Terms, Moment) -> Step,
    ) -> Option<(Arc<Subscription>, Step)> {
        loop {
            match self.record(id, generation, &decide).await {
                Ok(outcome) => return outcome,
                Err(error) => {
                    tracing::warn!(subscription = %id, %error, "the outcome of a consent step cannot be recorded yet");
                    tokio::time::sleep(STORAGE_PAUSE).await;
                }
            }
        }
    }

    /// Takes a turn, lets `decide` make a step from the present state, and records the outcome. `None` when the
    /// subscription, or this generation of it, is no more.
    async fn record(
        &self,
        id: SubscriptionId,
        generation: u64,
        decide: impl Fn(&Subscription, State, &Terms, Moment) -> Step,
    ) -> Result<Option<(Arc<Subscription>, Step)>, storage::Error> {
        let _turn = self.turn(id).await;
        let subscription = self.registry().read().subscription(id).cloned();
        let Some(subscription) = subscription.filter(|subscription| subscription.generation == generation) else {
            return Ok(None);
        };
        let before = state::from_model(&subscription.consent);
        let step = decide(&subscription, before, &self.0.general.of(&subscription), self.now());
        let consent = state::to_model(&step.state).filter(|consent| *consent != subscription.consent);
        let Some(consent) = consent else { return Ok(Some((subscription, step))) };
        let command = Command::SetConsent { id, generation, consent: consent.clone() };
        match self.control().submit(command).await? {
            Ok(_) => {
                tell(id, &consent);
                Ok(Some((subscription, step)))
            }
            // Deleted, or given another sink meanwhile.
            Err(_) => Ok(None),
        }
    }

    async fn turn(&self, id: SubscriptionId) -> MutexGuard<'_, ()> {
        let turns = &self.0.turns;
        turns[(id.0.as_u128() % turns.len() as u128) as usize].lock().await
    }

    async fn ask(&self, subscription: &Subscription) -> Input {
        let url: Uri = match subscription.sink.parse() {
            Ok(url) => url,
            Err(_) => return Input::Failed { problem: "the sink is not a URL".to_owned(), retry: false },
        };
        let general = &self.0.general;
        let callback = general.public_url.as_ref().and_then(|base| {
            let secret = self.secret(subscription)?;
            HeaderValue::from_str(&format!("{base}/consent/{}", secret.path(&subscription.id.to_string()))).ok()
        });
        let question = Question {
            tls: self.tls(subscription, &url),
            url,
            origin: general.origin().clone(),
            request_rate: general.of(subscription).request_rate,
            callback,
        };
        let micros = u64::try_from(self.now()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        ask(&self.0.parts.egress, &question, self.limits(), now).await
    }

    async fn probe(&self, subscription: &Subscription) -> Result<(), ProbeError> {
        let unusable = |problem: &str| ProbeError::Unusable(problem.to_owned());
        let url: Uri = subscription.sink.parse().map_err(|_| unusable("the sink is not a URL"))?;
        let opened = self.0.parts.credentials.authorization(subscription, false).await;
        let opened = opened.map_err(|error| unusable(&error.to_string()))?;
        let authorization = match opened.authorization {
            Authorization::Header(text) => {
                Some(HeaderValue::from_str(&text).map_err(|_| unusable("its credential is no header value"))?)
            }
            Authorization::None | Authorization::QueryToken(_) => None,
        };
        let tls = self.tls(subscription, &url);
        let egress = &self.0.parts.egress;
        let accepted = super::probe::accepted(&self.0.parts.config);
        probe::run(egress, &url, authorization.as_ref(), tls, accepted, self.limits()).await
    }

    fn tls(&self, subscription: &Subscription, url: &Uri) -> Option<Arc<str>> {
        subscription.tls.as_deref().map(Arc::from).or_else(|| super::probe::tls_profile(&self.0.parts.egress, url))
    }

    fn limits(&self) -> Limits {
        Limits { total: self.0.general.timeout, ..Limits::default() }
    }
}

/// What the two probes of the Notificaties API mean for the machine.
fn probed(before: State, outcome: Result<(), ProbeError>, terms: &Terms, now: Moment) -> Step {
    match outcome {
        Ok(()) => at_rest(State::Granted {
            origin: terms.origin.clone(),
            rate: terms.request_rate.map_or(webhook_validator::Rate::Unlimited, webhook_validator::Rate::PerMinute),
            at: now,
        }),
        Err(ProbeError::NoAnswer { problem, .. }) => {
            handshake::step(before, Input::Failed { problem, retry: true }, terms, now)
        }
        Err(refused) => at_rest(State::Refused { reason: refused.to_string(), at: now }),
    }
}

fn at_rest(state: State) -> Step {
    Step { state, action: Action::Nothing }
}

/// One line of log per transition, and a count; never a URL or a text of the sink.
fn tell(id: SubscriptionId, consent: &Consent) {
    let outcome = match consent {
        Consent::Validating { .. } => "validating",
        Consent::PendingCallback { .. } => "pending-callback",
        Consent::Granted { .. } => "granted",
        Consent::Refused { .. } => "refused",
    };
    telemetry::consent::step(outcome);
    if let Consent::Granted { rate: Rate::PerMinute(rate), .. } = consent {
        tracing::info!(subscription = %id, outcome, rate_per_minute = rate.get(), "consent of a sink");
    } else {
        tracing::info!(subscription = %id, outcome, "consent of a sink");
    }
}
