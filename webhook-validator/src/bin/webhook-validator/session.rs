//! One run against one receiver: it sends, keeps the granted rate, stops when the receiver wants to be left alone, and
//! looks at what holds for every answer. What a single exchange is to show is known to the checks.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use egress::{Request, retry_after};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Uri};
use webhook_validator::headers::REQUEST_ORIGIN;
use webhook_validator::http::AGENT;

use crate::arguments::{Arguments, Format};
use crate::clauses::{Clause, connection};
use crate::events::Message;
use crate::exchange::Exchange;
use crate::query;
use crate::report::{Report, Verdict};
use crate::text::{Said, Text};
use crate::wire::{Way, Wire};

/// Longest pause between two requests, whether by a low rate or by `Retry-After`; beyond it the rest is left out.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// About as many events are sent as this.
const EVENTS: u32 = 16;

/// The credential of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Whatever was given: a header, a token in the query, or neither.
    Given,
    /// None.
    Without,
    /// The token of the header in the query instead.
    Query,
    /// The token in the header and in the query.
    Both,
    /// The token of the query in the header instead.
    Header,
}

/// Everything that lasts as long as the run.
pub struct Session<'a> {
    pub arguments: &'a Arguments,
    pub url: Uri,
    pub report: Report,
    /// The way requests usually go; HTTP/1.1 when the receiver cannot keep its promise of HTTP/2.
    pub usual: Way,
    pub wire: Wire,
    pause: Duration,
    stopped: Option<Said>,
    posted: bool,
}

impl<'a> Session<'a> {
    pub fn new(arguments: &'a Arguments, url: Uri, wire: Wire, report: Report) -> Self {
        let (pause, stopped, posted) = (Duration::ZERO, None, false);
        Self { arguments, url, report, usual: Way::Usual, wire, pause, stopped, posted }
    }

    /// Keeps this time between two events from now on.
    pub fn pace(&mut self, pause: Duration) {
        self.pause = pause;
    }

    /// Tells whoever waits how long it will take, when that is long.
    pub fn foretell(&self) {
        let time = self.pause * EVENTS;
        if time > Duration::from_secs(5) && self.pause <= LONGEST_PAUSE {
            let time = time.as_secs();
            let said = Said::new(
                format!("at the granted rate this takes about {time} s"),
                format!("met het toegestane tempo duurt dit ongeveer {time} s"),
            );
            eprintln!("webhook-validator: {}", said.to(self.arguments.lang));
        }
    }

    /// Sends no more events.
    pub fn stop(&mut self, why: Said) {
        self.stopped.get_or_insert(why);
    }

    /// Sends a request of any kind.
    pub async fn send(&mut self, request: Request, purpose: Text, way: Way) -> Rc<Exchange> {
        let way = if way == Way::Usual { self.usual } else { way };
        let exchange = Rc::new(self.wire.send(request, purpose, way).await);
        self.report.keep(&exchange);
        self.look(&exchange);
        exchange
    }

    /// Sends an event as soon as the rate allows; nothing when the receiver wants no more.
    pub async fn post(&mut self, message: Message, purpose: Text, way: Way) -> Option<Rc<Exchange>> {
        self.post_as(message, purpose, way, Credential::Given).await
    }

    /// The same with another credential.
    pub async fn post_as(
        &mut self,
        message: Message,
        purpose: Text,
        way: Way,
        credential: Credential,
    ) -> Option<Rc<Exchange>> {
        if self.stopped.is_some() {
            return None;
        }
        if self.posted {
            if self.pause > LONGEST_PAUSE {
                self.stop(Said::new(
                    "the granted rate is too low to try more",
                    "het toegestane tempo is te laag voor meer",
                ));
                return None;
            }
            tokio::time::sleep(self.pause).await;
        }
        self.posted = true;
        let request = self.request(message, credential);
        let exchange = self.send(request, purpose, way).await;
        self.heed(&exchange).await;
        Some(exchange)
    }

    fn request(&self, message: Message, credential: Credential) -> Request {
        let (mut headers, mut url) = (message.headers, self.url.clone());
        headers.insert(USER_AGENT, AGENT);
        if self.arguments.format != Format::Legacy
            && let Ok(origin) = HeaderValue::from_str(self.arguments.origin.as_str())
        {
            headers.insert(REQUEST_ORIGIN, origin);
        }
        let header = || self.arguments.authorization.clone();
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

    /// The token of `--authorization`, when it is a Bearer token.
    pub fn bearer_token(&self) -> Option<String> {
        let text = self.arguments.authorization.as_ref()?.to_str().ok()?;
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    }

    /// What holds for every answer.
    fn look(&mut self, exchange: &Rc<Exchange>) {
        let Some(answer) = exchange.answer() else { return };
        let status = answer.status.as_u16();
        let seen = || Said::plain(exchange.received.line());
        let report = &mut self.report;
        report.judge(&connection::NO_REDIRECT, !answer.status.is_redirection(), exchange, seen());
        let limit = self.arguments.slow_after;
        let took = Said::plain(format!("{} ms", exchange.took.as_millis()));
        report.judge(&connection::IN_TIME, exchange.took <= limit, exchange, took);
        if status == 429 {
            report.judge(&connection::RETRY_AFTER, says_when(&answer.headers), exchange, seen());
        }
        let post = exchange.sent.start.starts_with("POST");
        if post && answer.status.is_success() && !answer.body.is_empty() {
            let typed = answer.headers.contains_key(CONTENT_TYPE);
            report.judge(&connection::PAYLOAD, typed && matches!(status, 200 | 201), exchange, seen());
        }
    }

    /// Does as a receiver of events asks: 410 ends all, 429 and 503 with `Retry-After` make wait (CE-WH-15, CE-WH-16).
    async fn heed(&mut self, exchange: &Exchange) {
        let Some(answer) = exchange.answer() else { return };
        let wait = retry_after(&answer.headers, SystemTime::UNIX_EPOCH);
        match (answer.status.as_u16(), wait) {
            (410, _) => {
                self.stop(Said::new("after 410 a sender sends nothing more", "na 410 stuurt een afzender niets meer"));
            }
            (429 | 503, Some(wait)) if wait <= LONGEST_PAUSE => tokio::time::sleep(wait).await,
            (429, _) | (503, Some(_)) => self.stop(Said::new(
                "the receiver was busy and wanted to be left alone",
                "de ontvanger was bezet en wilde met rust gelaten worden",
            )),
            _ => {}
        }
    }

    /// Judges a clause by whether an event was accepted; a receiver that is busy says nothing about it.
    pub fn accepted(&mut self, clause: &'static Clause, exchange: Option<&Rc<Exchange>>) {
        let Some(exchange) = exchange else { return self.unseen(clause) };
        let seen = Said::plain(exchange.received.line());
        match exchange.status().map(|status| status.as_u16()) {
            Some(429) => self.report.add(clause, Verdict::NotObserved, Some(exchange), seen),
            Some(status) => self.report.judge(clause, (200..300).contains(&status), exchange, seen),
            None => self.report.judge(clause, false, exchange, seen),
        }
    }

    /// Judges a clause by whether something was refused as the sender's mistake; to accept it is merely unwise.
    pub fn refused(&mut self, clause: &'static Clause, exchange: Option<&Rc<Exchange>>) {
        let Some(exchange) = exchange else { return self.unseen(clause) };
        let verdict = match exchange.status().map(|status| status.as_u16()) {
            Some(429) => Verdict::NotObserved,
            Some(400..=499) => Verdict::Pass,
            Some(200..=299) => Verdict::Warn,
            _ => Verdict::Fail,
        };
        self.report.add(clause, verdict, Some(exchange), Said::plain(exchange.received.line()));
    }

    /// Notes why a clause was not seen.
    pub fn unseen(&mut self, clause: &'static Clause) {
        let why = self.stopped.clone().unwrap_or_else(|| Said::new("there was no occasion", "er was geen aanleiding"));
        self.report.not_observed(&[clause], &why);
    }
}

/// Whether `Retry-After` is there and readable; zero is a way of saying now.
fn says_when(headers: &HeaderMap) -> bool {
    let zero = headers.get(RETRY_AFTER).is_some_and(|value| value.as_bytes() == b"0");
    zero || retry_after(headers, SystemTime::UNIX_EPOCH).is_some()
}

fn bearer(token: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("Bearer {token}")).ok()
}
