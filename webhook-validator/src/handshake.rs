//! The handshake as a pure machine: state and input in, new state and one action out.
//!
//! It opens no connection and reads no clock; `http` performs the action and brings back the input. What happens after
//! consent (pace, Retry-After, 410) belongs to delivery. One state belongs to one receiver URL and one origin: when either
//! changes, the caller brings `Revalidate` and offers a new callback secret (CE-WHV-27).

use std::num::NonZeroU32;
use std::time::Duration;

use ::http::Method;

use crate::headers::{Field, Origin};
use crate::rate::Rate;
use crate::reason::Reason;

/// A moment in microseconds since 1970, by the caller's clock.
pub type Moment = i64;

/// Where the conversation with one receiver stands. Only `Granted` and `Manual` let anything be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The owner of the data has to approve first; nothing is asked yet.
    AwaitingApproval,
    /// An agreement between organisations replaces the handshake (NLG-WH-05).
    Manual {
        /// What was agreed and where it is filed.
        agreement: String,
        /// When it was recorded.
        at: Moment,
    },
    /// The receiver is asked, or will be.
    Validating {
        /// Requests made without a decision.
        attempts: u32,
        /// No request before this moment.
        not_before: Moment,
        /// What the last request met.
        last: Option<String>,
    },
    /// The receiver withheld its answer and may consent by callback (CE-WHV-21).
    PendingCallback {
        /// When the offer lapses.
        until: Moment,
    },
    /// The receiver consents.
    Granted {
        /// To this origin.
        origin: Origin,
        /// At this rate.
        rate: Rate,
        /// Since.
        at: Moment,
    },
    /// The receiver does not consent; only its owner can ask again.
    Refused {
        /// Why, in the words of [`Reason`].
        reason: String,
        /// Since.
        at: Moment,
    },
}

/// What the sender asks for, and how patient it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Who asks.
    pub origin: Origin,
    /// The rate asked for, if any.
    pub request_rate: Option<NonZeroU32>,
    /// Whether a callback URL goes along.
    pub callback: bool,
    /// Whether consent counts although the rate asked for was not answered; it is then used as asked (CE-WHV-17).
    pub lenient_rate: bool,
    /// The rate when none was asked for and none was answered (CE-WHV-18).
    pub default_rate: Rate,
    /// How long consent by callback stays open.
    pub callback_lifetime: Duration,
    /// After how long consent is asked again (NLG-WH-07).
    pub max_age: Option<Duration>,
    /// Requests without a decision before the receiver counts as refusing.
    pub max_attempts: u32,
    /// Wait after the first of them; doubles each time.
    pub first_wait: Duration,
    /// Longest wait between two of them, unless the receiver asks for longer.
    pub longest_wait: Duration,
}

impl Terms {
    /// Terms under which `origin` asks for no rate and offers no callback; about two hours of patience.
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

/// The parts of an answer to `OPTIONS` that matter.
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

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time passed; also the first input after start or restart.
    Timer,
    /// The receiver answered the request.
    Answered(Answer),
    /// The request met no answer.
    Failed {
        /// What went wrong.
        problem: String,
        /// Whether trying again can help.
        retry: bool,
    },
    /// Somebody used the callback URL, with the right secret.
    CalledBack {
        /// The method of the request.
        method: Method,
        /// Its `WebHook-Allowed-Rate`.
        rate: Field,
    },
    /// The owner of the data approves.
    Approved,
    /// The owner of the data rejects.
    Rejected,
    /// The receiver must be asked (again): the subscriber wants it, or the receiver came back after 410.
    Revalidate,
    /// An administrator records an agreement.
    Agreed {
        /// What was agreed and where it is filed.
        agreement: String,
    },
}

/// How a call of the callback URL is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackReply {
    /// 200: consent is on record.
    Granted,
    /// 400: `WebHook-Allowed-Rate` is unreadable; nothing changed.
    BadRate,
    /// 405: only GET and POST consent (CE-WHV-09).
    MethodNotAllowed,
    /// 410: there is no open question any more.
    Gone,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing, until something happens.
    Nothing,
    /// Send `OPTIONS` and bring back [`Input::Answered`] or [`Input::Failed`]; no timer meanwhile.
    SendOptions,
    /// Bring [`Input::Timer`] at this moment.
    WaitUntil(Moment),
    /// Answer the callback.
    Reply(CallbackReply),
}

/// The outcome of [`step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The new state.
    pub state: State,
    /// What is to be done now.
    pub action: Action,
}

impl State {
    /// The start of a conversation (CE-WHV-04, NLG-WH-06).
    pub fn start(needs_approval: bool, now: Moment) -> Self {
        if needs_approval { Self::AwaitingApproval } else { Self::asking(now) }
    }

    /// The rate at which `origin` may send now; nothing when it may not.
    pub fn allows(&self, origin: &Origin) -> Option<Rate> {
        match self {
            Self::Granted { origin: granted, rate, .. } if granted == origin => Some(*rate),
            Self::Manual { .. } => Some(Rate::Unlimited),
            _ => None,
        }
    }

    fn asking(now: Moment) -> Self {
        Self::Validating { attempts: 0, not_before: now, last: None }
    }

    fn refused(reason: &Reason, now: Moment) -> Self {
        Self::Refused { reason: reason.to_string(), at: now }
    }
}

/// One step of the conversation. Inputs that do not belong to a state leave it as it is.
pub fn step(state: State, input: Input, terms: &Terms, now: Moment) -> Step {
    match input {
        Input::Timer => timer(state, terms, now),
        Input::Answered(answer) => answered(state, &answer, terms, now),
        Input::Failed { problem, retry } => failed(state, problem, retry, terms, now),
        Input::CalledBack { method, rate } => called_back(state, &method, &rate, terms, now),
        Input::Approved if state == State::AwaitingApproval => ask(now),
        Input::Rejected if state == State::AwaitingApproval => refuse(&Reason::Rejected, now),
        Input::Revalidate if state != State::AwaitingApproval => ask(now),
        Input::Agreed { agreement } => at_rest(State::Manual { agreement, at: now }),
        Input::Approved | Input::Rejected | Input::Revalidate => at_rest(state),
    }
}

/// What an answer to `OPTIONS` means under these terms, or why it is no consent. `Ok(None)`: the receiver keeps its
/// answer for the callback. Answers 5xx and 429 decide nothing and must not come here.
pub fn judge(answer: &Answer, terms: &Terms) -> Result<Option<Rate>, Reason> {
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

fn timer(state: State, terms: &Terms, now: Moment) -> Step {
    match &state {
        State::Validating { not_before, .. } if now >= *not_before => Step { state, action: Action::SendOptions },
        State::Validating { not_before, .. } => wait(*not_before, state),
        State::PendingCallback { until } if now >= *until => refuse(&Reason::CallbackExpired, now),
        State::PendingCallback { until } => wait(*until, state),
        // The origin in every delivery is the one of the handshake (CE-WH-06).
        State::Granted { origin, .. } if *origin != terms.origin => ask(now),
        State::Granted { at, .. } => match terms.max_age.map(|age| later(*at, age)) {
            Some(end) if now >= end => ask(now),
            Some(end) => wait(end, state),
            None => at_rest(state),
        },
        State::AwaitingApproval | State::Manual { .. } | State::Refused { .. } => at_rest(state),
    }
}

fn answered(state: State, answer: &Answer, terms: &Terms, now: Moment) -> Step {
    let State::Validating { attempts, .. } = state else {
        // The callback was quicker than the answer, or an administrator was.
        return at_rest(state);
    };
    if answer.status >= 500 || answer.status == 429 {
        let problem = format!("the receiver answered {}", answer.status);
        return again(attempts, problem, answer.retry_after, terms, now);
    }
    match judge(answer, terms) {
        Ok(Some(rate)) => granted(rate, terms, now),
        Ok(None) => {
            let until = later(now, terms.callback_lifetime);
            wait(until, State::PendingCallback { until })
        }
        Err(reason) => refuse(&reason, now),
    }
}

fn failed(state: State, problem: String, retry: bool, terms: &Terms, now: Moment) -> Step {
    match state {
        State::Validating { attempts, .. } if retry => again(attempts, problem, None, terms, now),
        State::Validating { .. } => refuse(&Reason::Impossible(problem), now),
        other => at_rest(other),
    }
}

/// After a request that decided nothing.
fn again(attempts: u32, problem: String, retry_after: Option<Duration>, terms: &Terms, now: Moment) -> Step {
    let attempts = attempts.saturating_add(1);
    if attempts >= terms.max_attempts {
        return refuse(&Reason::Unreachable { tries: attempts, last: problem }, now);
    }
    let doubled = 2_u32.checked_pow(attempts - 1).and_then(|factor| terms.first_wait.checked_mul(factor));
    let own = doubled.map_or(terms.longest_wait, |pause| pause.min(terms.longest_wait));
    let not_before = later(now, retry_after.map_or(own, |asked| asked.max(own)));
    wait(not_before, State::Validating { attempts, not_before, last: Some(problem) })
}

fn called_back(state: State, method: &Method, rate: &Field, terms: &Terms, now: Moment) -> Step {
    // Consent counts from the moment the question is out, also when it overtakes the answer to it.
    let known = match &state {
        State::Validating { .. } => None,
        State::PendingCallback { until } if now < *until => None,
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
    reply(granted(rate, terms, now).state, CallbackReply::Granted)
}

fn granted(rate: Rate, terms: &Terms, now: Moment) -> Step {
    timer(State::Granted { origin: terms.origin.clone(), rate, at: now }, terms, now)
}

fn ask(now: Moment) -> Step {
    Step { state: State::asking(now), action: Action::SendOptions }
}

fn refuse(reason: &Reason, now: Moment) -> Step {
    at_rest(State::refused(reason, now))
}

fn at_rest(state: State) -> Step {
    Step { state, action: Action::Nothing }
}

fn wait(until: Moment, state: State) -> Step {
    Step { state, action: Action::WaitUntil(until) }
}

fn reply(state: State, reply: CallbackReply) -> Step {
    Step { state, action: Action::Reply(reply) }
}

fn later(moment: Moment, by: Duration) -> Moment {
    moment.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}
