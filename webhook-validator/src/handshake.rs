//! The handshake as a state machine: state and input in, new state and one action out.
//!
//! It opens no connection and reads no clock; `http` performs the action and returns the next input. What happens after
//! consent (pace, Retry-After, 410) belongs to delivery. A state belongs to one receiver URL and one origin: when
//! either changes, the caller must pass `Revalidate` and use a new callback secret (CE-WHV-27).

use std::num::NonZeroU32;
use std::time::Duration;

use ::http::Method;

use crate::headers::{Field, Origin};
use crate::rate::Rate;
use crate::reason::{self, Reason};

/// A timestamp in microseconds since 1970, by the caller's clock.
pub type Micros = i64;

/// The state of consent of one receiver. Only `Granted` and `Manual` permit deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The owner of the data has to approve first; the receiver is not asked yet.
    AwaitingApproval,
    /// An agreement between organisations replaces the handshake (NLG-WH-05).
    Manual {
        /// The agreement and where it is filed.
        agreement: String,
        /// When it was recorded.
        at: Micros,
    },
    /// A request to the receiver is in progress or will be made.
    Validating {
        /// Requests made without a decision.
        attempts: u32,
        /// The earliest time of the next request.
        not_before: Micros,
        /// The error of the last request.
        last: Option<String>,
    },
    /// The receiver did not answer yet and may consent by callback (CE-WHV-21).
    PendingCallback {
        /// When the callback URL expires.
        until: Micros,
        /// The answer of the receiver, unless it was a success.
        last: Option<String>,
    },
    /// The receiver has consented.
    Granted {
        /// The permitted origin.
        origin: Origin,
        /// The granted rate.
        rate: Rate,
        /// When it consented.
        at: Micros,
    },
    /// The receiver has not consented; only the owner of the subscription can ask again.
    Refused {
        /// The reason, in the words of [`Reason`].
        reason: String,
        /// When consent was refused.
        at: Micros,
    },
}

/// What the sender requests, and its time-outs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The origin that asks for consent.
    pub origin: Origin,
    /// The requested rate, if any.
    pub request_rate: Option<NonZeroU32>,
    /// Whether a callback URL is offered.
    pub callback: bool,
    /// Whether consent counts although the receiver ignored the requested rate, which is then used (CE-WHV-17).
    pub lenient_rate: bool,
    /// The rate if none was requested and none was granted (CE-WHV-18).
    pub default_rate: Rate,
    /// How long the callback URL is valid.
    pub callback_lifetime: Duration,
    /// After how long consent is requested again (NLG-WH-07); `None` for never.
    pub max_age: Option<Duration>,
    /// The number of requests without a decision after which the receiver counts as refusing.
    pub max_attempts: u32,
    /// The wait after the first of them; it doubles each time.
    pub first_wait: Duration,
    /// The longest wait between two requests, unless the receiver asks for a longer one.
    pub longest_wait: Duration,
}

impl Terms {
    /// Terms with which `origin` requests no rate and offers no callback; requests are repeated for about two hours.
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            request_rate: None,
            callback: false,
            lenient_rate: false,
            default_rate: Rate::Unlimited,
            callback_lifetime: Duration::from_hours(7 * 24),
            max_age: None,
            max_attempts: 16,
            first_wait: Duration::from_secs(2),
            longest_wait: Duration::from_mins(15),
        }
    }
}

/// The relevant parts of a response to `OPTIONS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `WebHook-Allowed-Origin`.
    pub origin: Field,
    /// `WebHook-Allowed-Rate`.
    pub rate: Field,
    /// How long the receiver asks to wait.
    pub retry_after: Option<Duration>,
}

/// An event that the state machine reacts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time has passed; also the first input after a start.
    Timer,
    /// The receiver responded to the request.
    Answered(Answer),
    /// The request got no response.
    Failed {
        /// The error of the request, as text.
        problem: String,
        /// Whether a retry can succeed.
        retry: bool,
    },
    /// We lack a resource to send the request, which says nothing about the receiver.
    NotSent {
        /// The resource that the gateway lacks.
        problem: String,
    },
    /// The callback URL was called with the right secret.
    CalledBack {
        /// The method of the call.
        method: Method,
        /// Its `WebHook-Allowed-Rate`.
        rate: Field,
    },
    /// The owner of the data has approved.
    Approved,
    /// The owner of the data has rejected.
    Rejected,
    /// Consent must be requested (again): the subscriber requested it, or the receiver is back after 410.
    Revalidate,
    /// An administrator has recorded an agreement.
    Agreed {
        /// The agreement and where it is filed.
        agreement: String,
    },
}

/// The response to a call of the callback URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackReply {
    /// 200: consent is recorded.
    Granted,
    /// 400: `WebHook-Allowed-Rate` cannot be parsed; nothing changed.
    BadRate,
    /// 405: only GET and POST give consent (CE-WHV-09).
    MethodNotAllowed,
    /// 410: no consent is pending.
    Gone,
}

/// The action that the caller must perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Do nothing until the next input.
    Nothing,
    /// Send `OPTIONS` and pass [`Input::Answered`], [`Input::Failed`] or [`Input::NotSent`]; no timer meanwhile.
    SendOptions,
    /// Pass [`Input::Timer`] at this time.
    WaitUntil(Micros),
    /// Respond to the callback.
    Reply(CallbackReply),
}

/// The result of [`step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The new state.
    pub state: State,
    /// The action to perform now.
    pub action: Action,
}

impl State {
    /// The initial state (CE-WHV-04, NLG-WH-06).
    pub fn start(needs_approval: bool, now: Micros) -> Self {
        if needs_approval { Self::AwaitingApproval } else { Self::asking(now) }
    }

    /// The rate at which `origin` may send now; `None` if it may not.
    pub fn allows(&self, origin: &Origin) -> Option<Rate> {
        match self {
            Self::Granted { origin: granted, rate, .. } if granted == origin => Some(*rate),
            Self::Manual { .. } => Some(Rate::Unlimited),
            _ => None,
        }
    }

    fn asking(now: Micros) -> Self {
        Self::Validating { attempts: 0, not_before: now, last: None }
    }

    fn refused(reason: &Reason, now: Micros) -> Self {
        Self::Refused { reason: reason.to_string(), at: now }
    }
}

/// The transition for one input. An input that does not apply to a state leaves it unchanged.
pub fn step(state: State, input: Input, terms: &Terms, now: Micros) -> Step {
    match input {
        Input::Timer => apply_timer(state, terms, now),
        Input::Answered(answer) => apply_answer(state, &answer, terms, now),
        Input::Failed { problem, retry } => apply_failure(state, problem, retry, terms, now),
        Input::NotSent { problem } => apply_not_sent(state, problem, terms, now),
        Input::CalledBack { method, rate } => apply_callback(state, &method, &rate, terms, now),
        Input::Approved if state == State::AwaitingApproval => ask(now),
        Input::Rejected if state == State::AwaitingApproval => refuse(&Reason::Rejected, now),
        Input::Revalidate if state != State::AwaitingApproval => ask(now),
        Input::Agreed { agreement } => at_rest(State::Manual { agreement, at: now }),
        Input::Approved | Input::Rejected | Input::Revalidate => at_rest(state),
    }
}

/// The rate granted by a response to `OPTIONS` under these terms, or why it is not consent. `Ok(None)`: the receiver
/// may consent by callback. Responses 5xx and 429 decide nothing: the caller must not pass
/// them.
pub fn evaluate(answer: &Answer, terms: &Terms) -> Result<Option<Rate>, Reason> {
    if (300..400).contains(&answer.status) {
        return Err(Reason::Redirect { status: answer.status });
    }
    match &answer.origin {
        Field::Absent if terms.callback => return Ok(None),
        Field::Absent => return Err(Reason::NotSupported { status: answer.status }),
        Field::Several => return Err(Reason::OriginRepeated),
        Field::One(text) if text == "*" || terms.origin.is(text) => {}
        Field::One(text) => {
            return Err(Reason::OtherOrigin { got: text.clone(), asked: terms.origin.to_string() });
        }
    }
    match (&answer.rate, terms.request_rate) {
        (Field::Several, _) => Err(Reason::RateRepeated),
        (Field::One(text), _) => match Rate::parse_allowed(text) {
            Some(rate) => Ok(Some(rate)),
            None => Err(Reason::BadRate { got: text.clone() }),
        },
        (Field::Absent, None) => Ok(Some(terms.default_rate)),
        (Field::Absent, Some(asked)) if terms.lenient_rate => Ok(Some(Rate::PerMinute(asked))),
        (Field::Absent, Some(_)) => Err(Reason::RateMissing),
    }
}

fn apply_timer(state: State, terms: &Terms, now: Micros) -> Step {
    match &state {
        State::Validating { not_before, .. } if now >= *not_before => Step { state, action: Action::SendOptions },
        State::Validating { not_before, .. } => wait(*not_before, state),
        State::PendingCallback { until, .. } if now >= *until => refuse(&Reason::CallbackExpired, now),
        State::PendingCallback { until, .. } => wait(*until, state),
        // Every delivery uses the origin of the handshake (CE-WH-06).
        State::Granted { origin, .. } if *origin != terms.origin => ask(now),
        State::Granted { at, .. } => match terms.max_age.map(|age| later(*at, age)) {
            Some(end) if now >= end => ask(now),
            Some(end) => wait(end, state),
            None => at_rest(state),
        },
        State::AwaitingApproval | State::Manual { .. } | State::Refused { .. } => at_rest(state),
    }
}

fn apply_answer(state: State, answer: &Answer, terms: &Terms, now: Micros) -> Step {
    let State::Validating { attempts, .. } = state else {
        // The callback, or an administrator, was faster than the response.
        return at_rest(state);
    };
    if answer.status >= 500 || answer.status == 429 {
        let problem = format!("the receiver answered {}", answer.status);
        return retry_later(attempts, problem, answer.retry_after, terms, now);
    }
    match evaluate(answer, terms) {
        Ok(Some(rate)) => grant(rate, terms, now),
        Ok(None) => {
            let until = later(now, terms.callback_lifetime);
            wait(until, State::PendingCallback { until, last: reason::awaiting_callback(answer.status) })
        }
        Err(reason) => refuse(&reason, now),
    }
}

fn apply_failure(state: State, problem: String, retry: bool, terms: &Terms, now: Micros) -> Step {
    match state {
        State::Validating { attempts, .. } if retry => retry_later(attempts, problem, None, terms, now),
        State::Validating { .. } => refuse(&Reason::Impossible(problem), now),
        other => at_rest(other),
    }
}

/// The step after a request that we could not send: it counts as no attempt.
fn apply_not_sent(state: State, problem: String, terms: &Terms, now: Micros) -> Step {
    match state {
        State::Validating { attempts, .. } => {
            let not_before = later(now, terms.first_wait);
            wait(not_before, State::Validating { attempts, not_before, last: Some(problem) })
        }
        other => at_rest(other),
    }
}

/// The step after a request without a decision.
fn retry_later(attempts: u32, problem: String, retry_after: Option<Duration>, terms: &Terms, now: Micros) -> Step {
    let attempts = attempts.saturating_add(1);
    if attempts >= terms.max_attempts {
        return refuse(&Reason::Unreachable { tries: attempts, last: problem }, now);
    }
    let doubled = 2_u32.checked_pow(attempts - 1).and_then(|factor| terms.first_wait.checked_mul(factor));
    let own = doubled.map_or(terms.longest_wait, |pause| pause.min(terms.longest_wait));
    let not_before = later(now, retry_after.map_or(own, |asked| asked.max(own)));
    wait(not_before, State::Validating { attempts, not_before, last: Some(problem) })
}

fn apply_callback(state: State, method: &Method, rate: &Field, terms: &Terms, now: Micros) -> Step {
    // Consent counts from the moment the request is sent, also if the callback precedes the response.
    let known = match &state {
        State::Validating { .. } => None,
        State::PendingCallback { until, .. } if now < *until => None,
        State::Granted { origin, rate, .. } if *origin == terms.origin => Some(*rate),
        State::PendingCallback { .. } => {
            return reply(State::refused(&Reason::CallbackExpired, now), CallbackReply::Gone);
        }
        State::Granted { .. } | State::AwaitingApproval | State::Manual { .. } | State::Refused { .. } => {
            return reply(state, CallbackReply::Gone);
        }
    };
    if !matches!(*method, Method::GET | Method::POST) {
        return reply(state, CallbackReply::MethodNotAllowed);
    }
    let rate = match rate {
        Field::Absent => known.or(terms.request_rate.map(Rate::PerMinute)).unwrap_or(terms.default_rate),
        Field::One(text) => match Rate::parse_allowed(text) {
            Some(rate) => rate,
            None => return reply(state, CallbackReply::BadRate),
        },
        Field::Several => return reply(state, CallbackReply::BadRate),
    };
    reply(grant(rate, terms, now).state, CallbackReply::Granted)
}

fn grant(rate: Rate, terms: &Terms, now: Micros) -> Step {
    apply_timer(State::Granted { origin: terms.origin.clone(), rate, at: now }, terms, now)
}

fn ask(now: Micros) -> Step {
    Step { state: State::asking(now), action: Action::SendOptions }
}

fn refuse(reason: &Reason, now: Micros) -> Step {
    at_rest(State::refused(reason, now))
}

/// Nothing to do until the next input.
fn at_rest(state: State) -> Step {
    Step { state, action: Action::Nothing }
}

fn wait(until: Micros, state: State) -> Step {
    Step { state, action: Action::WaitUntil(until) }
}

fn reply(state: State, reply: CallbackReply) -> Step {
    Step { state, action: Action::Reply(reply) }
}

fn later(moment: Micros, by: Duration) -> Micros {
    moment.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}
