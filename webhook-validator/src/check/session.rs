//! One run against one receiver: sends requests, keeps to the granted rate, stops when the receiver asks for it, and
//! checks what applies to every response. The purpose of an exchange is known only to the checks.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::headers::REQUEST_ORIGIN;
use crate::http::AGENT;
use egress::{Request, retry_after};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};
use tokio::time::Instant;

use crate::check::clauses::{Clause, connection};
use crate::check::events::Message;
use crate::check::exchange::Exchange;
use crate::check::options::{Format, Options};
use crate::check::query;
use crate::check::report::{Report, Verdict};
use crate::check::text::{Said, Text};
use crate::check::wire::{Way, Wire};

/// The longest pause between two requests, whether by a low rate or by `Retry-After`; beyond it the remaining events
/// are skipped.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The approximate number of events.
const EVENTS: u32 = 16;

/// The credential of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// As given on the command line: a header, a token in the query, or neither.
    Given,
    /// No credential.
    Without,
    /// The token of the header, in the query instead.
    Query,
    /// The token in the header and in the query.
    Both,
    /// The token of the query, in the header instead.
    Header,
}

/// The state of a run.
pub struct Session<'a> {
    pub options: &'a Options,
    pub url: Uri,
    pub report: Report,
    /// The usual protocol of requests; HTTP/1.1 if the receiver negotiates HTTP/2 and does not support it.
    pub usual: Way,
    pub wire: Wire,
    pause: Duration,
    stopped: Option<Said>,
    posted: bool,
}

impl<'a> Session<'a> {
    pub fn new(options: &'a Options, url: Uri, wire: Wire, report: Report) -> Self {
        let (pause, stopped, posted) = (Duration::ZERO, None, false);
        Self { options, url, report, usual: Way::Usual, wire, pause, stopped, posted }
    }

    /// Sets the pause between events.
    pub fn pace(&mut self, pause: Duration) {
        self.pause = pause;
    }

    /// Remarks on the expected duration if it is long.
    pub fn announce_duration(&self) {
        let time = self.pause * EVENTS;
        if time > Duration::from_secs(5) && self.pause <= LONGEST_PAUSE {
            let time = time.as_secs();
            (self.options.remark)(&Said::new(
                format!("at the granted rate this takes about {time} s"),
                format!("met het toegestane tempo duurt dit ongeveer {time} s"),
            ));
        }
    }

    /// The time that is left for the next request.
    fn left(&self) -> Duration {
        let left = self.options.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        left.unwrap_or(Duration::MAX).min(self.options.timeout)
    }

    /// Waits, unless the time of the run is over before; then it stops.
    async fn wait(&mut self, pause: Duration) {
        if self.options.deadline.is_some_and(|end| Instant::now() + pause >= end) {
            self.stop(Said::new("the time of the check was over", "de tijd van de controle was om"));
        } else {
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends no more events.
    pub fn stop(&mut self, why: Said) {
        self.stopped.get_or_insert(why);
    }

    /// Sends a request of any kind.
    pub async fn send(&mut self, request: Request, purpose: Text, way: Way) -> Arc<Exchange> {
        let way = if way == Way::Usual { self.usual } else { way };
        let left = self.left();
        let exchange = Arc::new(self.wire.send(request, purpose, way, left).await);
        self.report.keep(&exchange);
        self.check_response(&exchange);
        exchange
    }

    /// Sends an event as soon as the rate permits; `None` if the receiver has asked to stop.
    pub async fn post(&mut self, message: Message, purpose: Text, way: Way) -> Option<Arc<Exchange>> {
        self.post_as(message, purpose, way, Credential::Given).await
    }

    /// As [`Session::post`], with another credential.
    pub async fn post_as(
        &mut self,
        message: Message,
        purpose: Text,
        way: Way,
        credential: Credential,
    ) -> Option<Arc<Exchange>> {
        if self.stopped.is_some() {
            return None;
        }
        if self.posted && self.pause > LONGEST_PAUSE {
            self.stop(Said::new(
                "the granted rate is too low to try more",
                "het toegestane tempo is te laag voor meer",
            ));
            return None;
        }
        self.wait(if self.posted { self.pause } else { Duration::ZERO }).await;
        if let Err(why) = (self.options.turn)().await {
            self.stop(why);
        }
        if self.stopped.is_some() {
            return None;
        }
        self.posted = true;
        let request = self.request(message, credential);
        let exchange = self.send(request, purpose, way).await;
        self.obey(&exchange).await;
        Some(exchange)
    }

    fn request(&self, message: Message, credential: Credential) -> Request {
        let (mut headers, mut url) = (message.headers, self.url.clone());
        for (name, value) in &self.options.headers {
            headers.insert(name, value.clone());
        }
        headers.insert(USER_AGENT, AGENT);
        if self.options.format != Format::Legacy
            && let Ok(origin) = HeaderValue::from_str(self.options.origin.as_str())
        {
            headers.insert(REQUEST_ORIGIN, origin);
        }
        let header = || self.options.authorization.clone();
        let in_header = match credential {
            Credential::Given | Credential::Both => header(),
            Credential::Without | Credential::Query => None,
            Credential::Header => query::token(&url).and_then(|token| bearer(&token)),
        };
        match credential {
            Credential::Given => {}
            Credential::Without | Credential::Header => url = query::without_token(&url),
            Credential::Query | Credential::Both => {
                if let Some(token) = self.bearer_token() {
                    url = query::with_token(&url, &token);
                }
            }
        }
        if let Some(value) = in_header {
            headers.insert(AUTHORIZATION, value);
        }
        if query::token(&url).is_some() {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Request { method: Method::POST, url, headers, body: message.body, tls: None }
    }

    /// The token of `--authorization`, if it is a Bearer token.
    pub fn bearer_token(&self) -> Option<String> {
        let text = self.options.authorization.as_ref()?.to_str().ok()?;
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    }

    /// Checks what applies to every response.
    fn check_response(&mut self, exchange: &Arc<Exchange>) {
        let Some(answer) = exchange.answer() else { return };
        let status = answer.status.as_u16();
        let seen = || Said::plain(exchange.received.line());
        let report = &mut self.report;
        report.add_check(&connection::NO_REDIRECT, !answer.status.is_redirection(), exchange, seen());
        let limit = self.options.slow_after;
        let took = Said::plain(format!("{} ms", exchange.took.as_millis()));
        report.add_check(&connection::IN_TIME, exchange.took <= limit, exchange, took);
        if status == 429 {
            report.add_check(&connection::RETRY_AFTER, has_retry_after(&answer.headers), exchange, seen());
        }
        let post = exchange.sent.start.starts_with("POST");
        if post && answer.status.is_success() && !answer.body.is_empty() {
            let typed = answer.headers.contains_key(CONTENT_TYPE);
            report.add_check(&connection::PAYLOAD, typed && matches!(status, 200 | 201), exchange, seen());
        }
    }

    /// Reacts to a response: 410 stops all events, 429 and 503 with `Retry-After` add a pause (CE-WH-15, CE-WH-16).
    async fn obey(&mut self, exchange: &Exchange) {
        let Some(answer) = exchange.answer() else { return };
        let wait = retry_after(&answer.headers, SystemTime::UNIX_EPOCH);
        match (answer.status.as_u16(), wait) {
            (410, _) => {
                self.stop(Said::new("after 410 a sender sends nothing more", "na 410 stuurt een afzender niets meer"));
            }
            (429 | 503, Some(wait)) if wait <= LONGEST_PAUSE => self.wait(wait).await,
            (429, _) | (503, Some(_)) => self.stop(Said::new(
                "the receiver was busy and wanted to be left alone",
                "de ontvanger was bezet en wilde met rust gelaten worden",
            )),
            _ => {}
        }
    }

    /// Reports on a clause by whether an event was accepted; a busy receiver gives no verdict.
    pub fn accepted(&mut self, clause: &'static Clause, exchange: Option<&Arc<Exchange>>) {
        let Some(exchange) = exchange else { return self.not_observed(clause) };
        let seen = Said::plain(exchange.received.line());
        match exchange.status().map(|status| status.as_u16()) {
            Some(429) => self.report.add(clause, Verdict::NotObserved, Some(exchange), seen),
            Some(status) => self.report.add_check(clause, (200..300).contains(&status), exchange, seen),
            None => self.report.add_check(clause, false, exchange, seen),
        }
    }

    /// Reports on a clause by whether a message was rejected as a client error; accepting it is only inadvisable.
    pub fn refused(&mut self, clause: &'static Clause, exchange: Option<&Arc<Exchange>>) {
        let Some(exchange) = exchange else { return self.not_observed(clause) };
        let verdict = match exchange.status().map(|status| status.as_u16()) {
            Some(429) => Verdict::NotObserved,
            Some(400..=499) => Verdict::Pass,
            Some(200..=299) => Verdict::Warn,
            _ => Verdict::Fail,
        };
        self.report.add(clause, verdict, Some(exchange), Said::plain(exchange.received.line()));
    }

    /// Notes why a clause was not observed.
    pub fn not_observed(&mut self, clause: &'static Clause) {
        let why = self.stopped.clone().unwrap_or_else(|| Said::new("there was no occasion", "er was geen aanleiding"));
        self.report.not_observed(&[clause], &why);
    }
}

/// Whether `Retry-After` is present and valid; zero counts.
fn has_retry_after(headers: &HeaderMap) -> bool {
    let zero = headers.get(RETRY_AFTER).is_some_and(|value| value.as_bytes() == b"0");
    zero || retry_after(headers, SystemTime::UNIX_EPOCH).is_some()
}

fn bearer(token: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("Bearer {token}")).ok()
}
