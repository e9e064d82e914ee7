//! One step of the consent of a subscription: it asks the sink and submits the outcome to control.
//!
//! Steps of one subscription run one after another, each with the state as it is then, so that an answer never overwrites
//! a callback that arrived before it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use egress::{Egress, Limits, Owner, SendError};
use http::{HeaderValue, Uri};
use model::{
    Clock, Sink, Subscription, SubscriptionId,
    consent::{Consent, Rate, Validation},
    decide::Command,
};
use secrets::Secrets;
use storage::{Control, control::SharedRegistry};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};
use webhook_validator::{
    Action, Input, Micros, State, Step, Terms,
    callback::Secret,
    handshake,
    http::{Question, ask},
    probe::{self, ProbeError},
};

use super::{
    StartError, metrics,
    pace::HostPace,
    state,
    terms::{HandshakeDefaults, Settings},
};
use crate::credentials::{Authorization, Credentials};

/// The wait before an outcome is submitted again that control did not store.
const STORAGE_PAUSE: Duration = Duration::from_secs(1);
/// Locks for turns; subscriptions share them by id.
const TURNS: usize = 64;

/// The parts that [`Service`] is built from.
pub struct Parts {
    /// The configured terms of consent.
    pub settings: Settings,
    /// The clock that decides when a step is due.
    pub clock: Arc<dyn Clock>,
    /// Stores the outcomes of handshakes.
    pub control: Arc<dyn Control>,
    /// The HTTP client for handshakes and probes.
    pub egress: Arc<Egress>,
    /// Opens the secrets of callback URLs.
    pub secrets: Arc<Secrets>,
    /// Opens the credentials that probes send.
    pub credentials: Arc<dyn Credentials>,
}

/// The consent service; cheap to clone. It does nothing by itself until [`Service::run`] is polled.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    parts: Parts,
    defaults: HandshakeDefaults,
    registry: SharedRegistry,
    pace: HostPace,
    started: Instant,
    turns: Vec<Mutex<()>>,
}

/// The next step of the consent of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// No step until the subscription changes.
    None,
    /// A step at this time.
    At(Micros),
}

impl Service {
    /// Builds the service; it starts nothing.
    pub fn new(parts: Parts) -> Result<Self, StartError> {
        let defaults = HandshakeDefaults::new(parts.settings.clone())?;
        let registry = parts.control.registry();
        let pace = HostPace::new(parts.settings.per_host);
        let turns = (0..TURNS).map(|_| Mutex::new(())).collect();
        Ok(Self(Arc::new(Inner { parts, defaults, registry, pace, started: Instant::now(), turns })))
    }

    pub(super) fn registry(&self) -> &SharedRegistry {
        &self.0.registry
    }

    pub(super) fn control(&self) -> &dyn Control {
        self.0.parts.control.as_ref()
    }

    /// Reserves a request to the host of `url` that did not consent yet, and returns how long it has to wait; `Err` with the
    /// wait, and nothing reserved, if that is longer than `longest`.
    pub(super) fn reserve_within(&self, url: &str, longest: Duration) -> Result<Duration, Duration> {
        self.0.pace.reserve_within(url, self.0.started.elapsed(), longest)
    }

    /// Reserves a request to the host of `url`, and returns how long it has to wait.
    pub(super) fn reserve(&self, url: &str) -> Duration {
        self.0.pace.reserve(url, self.0.started.elapsed())
    }

    pub(super) fn now(&self) -> Micros {
        self.0.parts.clock.now().as_micros()
    }

    /// When the subscription needs a step, if at all.
    pub(super) fn next_step(&self, subscription: &Subscription) -> NextStep {
        let now = self.now();
        // Nothing is asked of a sink for events that will not be sent, or before the owner of the kanaal approved.
        if subscription.status.end().is_some() || subscription.held_by().is_some() {
            return NextStep::None;
        }
        let before = state::from_model(&subscription.consent);
        let step = self.timer(subscription, before.clone(), now);
        match step.action {
            Action::SendOptions => NextStep::At(now),
            Action::WaitUntil(moment) => NextStep::At(moment),
            Action::Nothing | Action::Reply(_) if step.state != before => NextStep::At(now),
            Action::Nothing | Action::Reply(_) => NextStep::None,
        }
    }

    /// The step that is due at this time without any input: a request, an expiry, or nothing.
    fn timer(&self, subscription: &Subscription, before: State, now: Micros) -> Step {
        let terms = self.0.defaults.of(subscription);
        let origin = terms.origin.clone();
        match (&subscription.validation, before) {
            (Validation::Handshake, before) => handshake::step(before, Input::Timer, &terms, now),
            // These sinks see no origin: it may change without asking them again.
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
        let due = self
            .record_with_retry(id, generation, |subscription, before, _, now| self.timer(subscription, before, now))
            .await;
        let Some((subscription, Step { action: Action::SendOptions, .. })) = due else { return };
        if subscription.validation == Validation::Probe {
            let outcome = self.probe(&subscription).await;
            self.record_with_retry(id, generation, |_, before, terms, now| {
                apply_probe(before, outcome.clone(), terms, now)
            })
            .await;
        } else {
            let input = self.ask(&subscription).await;
            self.record_with_retry(id, generation, |_, before, terms, now| {
                handshake::step(before, input.clone(), terms, now)
            })
            .await;
        }
    }

    /// The answer to a call of a subscription's callback URL; the caller has checked the secret. `None` when the
    /// subscription was deleted or has another generation.
    pub(super) async fn called_back(
        &self,
        subscription: &Subscription,
        input: Input,
    ) -> Result<Option<Action>, storage::Error> {
        let decide = |_: &Subscription, before: State, terms: &Terms, now: Micros| {
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

    /// [`Self::record`], repeated until storage accepts the outcome.
    async fn record_with_retry(
        &self,
        id: SubscriptionId,
        generation: u64,
        decide: impl Fn(&Subscription, State, &Terms, Micros) -> Step,
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
    /// subscription was deleted or has another generation.
    async fn record(
        &self,
        id: SubscriptionId,
        generation: u64,
        decide: impl Fn(&Subscription, State, &Terms, Micros) -> Step,
    ) -> Result<Option<(Arc<Subscription>, Step)>, storage::Error> {
        let _turn = self.turn(id).await;
        let subscription = self.registry().read().subscription(id).cloned();
        let Some(subscription) = subscription.filter(|subscription| subscription.generation == generation) else {
            return Ok(None);
        };
        let before = state::from_model(&subscription.consent);
        let step = decide(&subscription, before, &self.0.defaults.of(&subscription), self.now());
        let consent = state::to_model(&step.state).filter(|consent| *consent != subscription.consent);
        let Some(consent) = consent else { return Ok(Some((subscription, step))) };
        let command = Command::SetConsent { id, generation, consent: consent.clone() };
        match self.control().submit(&model::Actor::gateway(), command).await? {
            Ok(_) => {
                log_step(id, &consent);
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
        let url: Uri = match url_of(subscription).parse() {
            Ok(url) => url,
            Err(_) => return Input::Failed { problem: "the sink is not a URL".to_owned(), retry: false },
        };
        let defaults = &self.0.defaults;
        let callback = defaults.settings.public_url.as_ref().and_then(|base| {
            let secret = self.secret(subscription)?;
            HeaderValue::from_str(&format!("{base}/consent/{}", secret.path(&subscription.id.to_string()))).ok()
        });
        let question = Question {
            tls: self.tls(subscription, &url),
            url,
            origin: defaults.origin().clone(),
            request_rate: defaults.of(subscription).request_rate,
            callback,
        };
        let micros = u64::try_from(self.now()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        ask(&self.0.parts.egress, &question, self.limits(), now).await
    }

    async fn probe(&self, subscription: &Subscription) -> Result<(), ProbeError> {
        let unusable = |problem: &str| ProbeError::Unusable(problem.to_owned());
        let url: Uri = url_of(subscription).parse().map_err(|_| unusable("the sink is not a URL"))?;
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
        probe::run(egress, &url, authorization.as_ref(), tls, self.settings().accepted, self.limits()).await
    }

    fn tls(&self, subscription: &Subscription, url: &Uri) -> Option<Arc<str>> {
        let named = subscription.tls.as_deref().map(Arc::from);
        named.or_else(|| self.egress().profile_for(url, Owner::Applicatie(&subscription.owner)))
    }

    pub(super) fn egress(&self) -> &Egress {
        &self.0.parts.egress
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.defaults.settings
    }

    pub(super) fn limits(&self) -> Limits {
        Limits { total: self.settings().timeout, ..Limits::default() }
    }
}

/// The step that follows from the two probes of the Notificaties API.
fn apply_probe(before: State, outcome: Result<(), ProbeError>, terms: &Terms, now: Micros) -> Step {
    match outcome {
        Ok(()) => at_rest(State::Granted {
            origin: terms.origin.clone(),
            rate: terms.request_rate.map_or(webhook_validator::Rate::Unlimited, webhook_validator::Rate::PerMinute),
            at: now,
        }),
        Err(ProbeError::NoAnswer { label: SendError::OWN, problem, .. }) => {
            handshake::step(before, Input::NotSent { problem }, terms, now)
        }
        Err(ProbeError::NoAnswer { problem, .. }) => {
            handshake::step(before, Input::Failed { problem, retry: true }, terms, now)
        }
        Err(refused) => at_rest(State::Refused { reason: refused.to_string(), at: now }),
    }
}

/// The URL of the sink.
fn url_of(subscription: &Subscription) -> &str {
    let Sink::Webhook(url) = &subscription.sink;
    url
}

fn at_rest(state: State) -> Step {
    Step { state, action: Action::Nothing }
}

/// One line of log per transition, and a count; never a URL or a text of the sink.
fn log_step(id: SubscriptionId, consent: &Consent) {
    let outcome = match consent {
        Consent::Validating { .. } => "validating",
        Consent::PendingCallback { .. } => "pending-callback",
        Consent::Granted { .. } => "granted",
        Consent::Refused { .. } => "refused",
    };
    metrics::count_step(outcome);
    if let Consent::Granted { rate: Rate::PerMinute(rate), .. } = consent {
        tracing::info!(subscription = %id, outcome, rate_per_minute = rate.get(), "consent of a sink");
    } else {
        tracing::info!(subscription = %id, outcome, "consent of a sink");
    }
}
