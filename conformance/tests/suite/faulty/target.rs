//! A tiny event gateway in memory, just enough for the chosen scenarios, with a switch for one fault at a time.
//! It exists to show that the suite finds faults; it is no model of how to build a gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// What the gateway does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    AcceptsEverything,
    RefusesWithoutSayingWhy,
    StoresWhatItRefuses,
    DropsExtensions,
    TurnsNumbersIntoText,
    SendsBeforeConsent,
    TakesAnyOriginForConsent,
    IgnoresRetryAfter,
    IgnoresGone,
    NewIdPerAttempt,
    FollowsRedirects,
    ForgetsOrigin,
    DeliversTwice,
    ShowsItsTokenInTheHandshake,
    StoresTheGoodHalfOfABatch,
    DecodesTwice,
    ForgetsTheToken,
    NewIdPerSubscriber,
    KeepsNulls,
    ReordersJson,
    LosesBase64,
    MovesTime,
    SendsBatchesUnasked,
    RefusesEmptyBatches,
    MindsTheCaseOfMediaTypes,
    TakesRepeatsForOne,
    DescribesItselfCarelessly,
}

pub type Shared = Arc<Gateway>;

/// A command to a log outside the gateway, which confirms it when done and appends what it reads to the gateway.
#[cfg_attr(not(feature = "kafka"), expect(dead_code, reason = "only topics are such a log"))]
pub enum Entry {
    Kanaal(String),
    Events(String, Vec<Value>),
}

pub type Log = UnboundedSender<(Entry, oneshot::Sender<()>)>;

pub struct Gateway {
    fault: Fault,
    log: Option<Log>,
    client: reqwest::Client,
    made: AtomicUsize,
    notified: Mutex<BTreeSet<Bytes>>,
    subscriptions: Mutex<BTreeMap<String, Subscription>>,
}

struct Subscription {
    kanaal: String,
    state: &'static str,
    queue: UnboundedSender<Queued>,
}

/// An event to deliver, and the channel that closes when that is done.
type Queued = (Value, oneshot::Sender<()>);

struct Sink {
    url: String,
    token: Option<String>,
}

/// Type of the events made of notifications.
const MAPPED: &str = "nl.overheid.x";
const ORIGIN: &str = "gateway.example";

/// Starts it; returns its address. With a log its events go there.
pub async fn start(fault: Fault, log: Option<Log>) -> std::io::Result<(String, Shared)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let policy = match fault {
        Fault::FollowsRedirects => reqwest::redirect::Policy::limited(3),
        _ => reqwest::redirect::Policy::none(),
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().redirect(policy).build().map_err(std::io::Error::other)?;
    let gateway = Arc::new(Gateway {
        fault,
        log,
        client,
        made: AtomicUsize::new(0),
        notified: Mutex::default(),
        subscriptions: Mutex::default(),
    });
    let router = Router::new()
        .route("/v1/kanalen", post(make_kanaal))
        .route("/v1/subscriptions", post(subscribe))
        .route("/v1/subscriptions/{id}", get(show).delete(unsubscribe))
        .route("/v1/events", post(publish))
        .route("/api/v1/notificaties", post(notify))
        .route("/v1/openapi.json", get(describe))
        .with_state(Arc::clone(&gateway));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, gateway))
}

impl Gateway {
    async fn log(&self, entry: Entry) {
        let Some(log) = &self.log else { return self.keep(entry).await };
        let (done, answer) = oneshot::channel();
        if log.send((entry, done)).is_ok() {
            answer.await.ok();
        }
    }

    /// With the fault of sending before consent this waits for such deliveries, so that they come before any that is expected.
    async fn keep(&self, entry: Entry) {
        if let Entry::Events(kanaal, events) = entry {
            for event in events {
                for delivered in self.append(&kanaal, event) {
                    delivered.await.ok();
                }
            }
        }
    }

    /// Hands an event to the subscriptions of its kanaal. Returns the ends of deliveries that are wrong for want of consent.
    pub fn append(&self, kanaal: &str, event: Value) -> Vec<oneshot::Receiver<()>> {
        let mut wrong = vec![];
        let subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, subscription) in subscriptions.iter().filter(|(_, subscription)| subscription.kanaal == kanaal) {
            let mut event = event.clone();
            if self.fault == Fault::NewIdPerSubscriber && event["type"] == MAPPED {
                event["id"] = format!("{}-{id}", event["id"]).into();
            }
            let (delivered, end) = oneshot::channel();
            drop(subscription.queue.send((event, delivered)));
            if self.fault == Fault::SendsBeforeConsent && subscription.state != "granted" {
                wrong.push(end);
            }
        }
        wrong
    }

    fn set_state(&self, id: &str, state: &'static str) {
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subscription) = subscriptions.get_mut(id) {
            subscription.state = state;
        }
    }
}

/// An API description: one that keeps the rules, or one that breaks those for names, version and language.
async fn describe(State(gateway): State<Shared>) -> Response {
    let document = match gateway.fault {
        Fault::DescribesItselfCarelessly => json!({
            "servers": [{"url": "/"}],
            "paths": {"/get_event": {
                "get": {
                    "summary": "The list of the events",
                    "parameters": [{"in": "query", "name": "Page_Size"}],
                    "responses": {"200": {}},
                },
                "post": {},
            }},
        }),
        _ => json!({
            "servers": [{"url": "/v1"}],
            "paths": {"/subscriptions/{id}": {"get": {"summary": "Toon het abonnement", "responses": {"200": {}}}}},
        }),
    };
    axum::Json(document).into_response()
}

async fn make_kanaal(State(gateway): State<Shared>, body: Bytes) -> StatusCode {
    let kanaal: Value = serde_json::from_slice(&body).unwrap_or_default();
    gateway.log(Entry::Kanaal(kanaal["naam"].as_str().unwrap_or_default().to_owned())).await;
    StatusCode::CREATED
}

async fn subscribe(State(gateway): State<Shared>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (queue, waiting) = unbounded_channel();
    let id = {
        let mut subscriptions = gateway.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("s{}", gateway.made.fetch_add(1, Ordering::Relaxed));
        let kanaal = body["config"]["kanalen"][0].as_str().unwrap_or_default().to_owned();
        subscriptions.insert(id.clone(), Subscription { kanaal, state: "validating", queue });
        id
    };
    let sink = body["sink"].as_str().unwrap_or_default().to_owned();
    let token = body["sinkcredential"]["accesstoken"].as_str().map(str::to_owned);
    let sink = Sink { url: sink, token: token.filter(|_| gateway.fault != Fault::ForgetsTheToken) };
    tokio::spawn(serve(Arc::clone(&gateway), id.clone(), sink, waiting));
    (StatusCode::CREATED, axum::Json(json!({ "id": id }))).into_response()
}

async fn show(State(gateway): State<Shared>, Path(id): Path<String>) -> Response {
    let subscriptions = gateway.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
    match subscriptions.get(&id) {
        Some(subscription) => {
            axum::Json(json!({ "id": id, "status": { "state": subscription.state } })).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn unsubscribe(State(gateway): State<Shared>, Path(id): Path<String>) -> StatusCode {
    gateway.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    StatusCode::NO_CONTENT
}

async fn publish(
    State(gateway): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let events = read(gateway.fault, &headers, &body);
    let wrong: Vec<_> = events.iter().map(wrong).collect();
    let wrong = if gateway.fault == Fault::AcceptsEverything { vec![None; events.len()] } else { wrong };
    if events.is_empty() && gateway.fault == Fault::RefusesEmptyBatches {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let refused = wrong.iter().flatten().next().map(|name| refusal(gateway.fault, name, &wrong));
    let kanaal = query.get("kanaal").cloned().unwrap_or_default();
    let stores = |(event, wrong): (Value, &Option<String>)| match gateway.fault {
        Fault::StoresWhatItRefuses => Some(event),
        Fault::StoresTheGoodHalfOfABatch => Some(event).filter(|_| wrong.is_none()),
        _ => Some(event).filter(|_| refused.is_none()),
    };
    let events: Vec<_> = events.into_iter().zip(&wrong).filter_map(stores).collect();
    gateway.log(Entry::Events(kanaal, events)).await;
    refused.unwrap_or_else(|| StatusCode::ACCEPTED.into_response())
}

async fn notify(State(gateway): State<Shared>, body: Bytes) -> Response {
    let notification: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = format!("n{}", gateway.made.fetch_add(1, Ordering::Relaxed));
    let event = json!({ "specversion": "1.0", "id": id, "source": "urn:x", "type": MAPPED, "data": String::from_utf8_lossy(&body) });
    let is_new = gateway.notified.lock().unwrap_or_else(PoisonError::into_inner).insert(body);
    if is_new || gateway.fault != Fault::TakesRepeatsForOne {
        let kanaal = notification["kanaal"].as_str().unwrap_or_default().to_owned();
        gateway.log(Entry::Events(kanaal, vec![event])).await;
    }
    (StatusCode::CREATED, axum::Json(notification)).into_response()
}

/// The events of a request, in whatever mode it is. The member `data` holds JSON as it was written, as a text.
fn read(fault: Fault, headers: &HeaderMap, body: &[u8]) -> Vec<Value> {
    let written = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type =
        if fault == Fault::MindsTheCaseOfMediaTypes { written.to_owned() } else { written.to_ascii_lowercase() };
    let mut events = if media_type.starts_with("application/cloudevents-batch") {
        let events: Vec<Members> = serde_json::from_slice(body).unwrap_or_default();
        events.iter().map(event).collect()
    } else if media_type.starts_with("application/cloudevents") {
        vec![serde_json::from_slice(body).map_or(Value::Null, |members| event(&members))]
    } else {
        vec![binary(fault, headers, written, body)]
    };
    for event in events.iter_mut().filter_map(Value::as_object_mut).filter(|_| fault != Fault::KeepsNulls) {
        event.retain(|_, value| !value.is_null());
    }
    events
}

pub type Members = BTreeMap<String, Box<RawValue>>;

pub fn event(members: &Members) -> Value {
    let value = |name: &str, value: &RawValue| -> Value {
        if name == "data" { value.get().into() } else { serde_json::from_str(value.get()).unwrap_or_default() }
    };
    members.iter().map(|(name, raw)| (name.clone(), value(name, raw))).collect()
}

fn binary(fault: Fault, headers: &HeaderMap, media_type: &str, body: &[u8]) -> Value {
    let attributes = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix("ce-")?;
        let value = decoded(&String::from_utf8_lossy(value.as_bytes()));
        let value = if fault == Fault::DecodesTwice { decoded(&value) } else { value };
        Some((name.to_owned(), value.into()))
    });
    let mut event: Map<String, Value> = attributes.collect();
    event.insert("datacontenttype".to_owned(), media_type.into());
    match serde_json::from_slice::<&RawValue>(body) {
        Ok(_) => event.insert("data".to_owned(), String::from_utf8_lossy(body).into()),
        Err(_) => event.insert("data_base64".to_owned(), BASE64_STANDARD.encode(body).into()),
    };
    Value::Object(event)
}

/// An event as JSON, its data as it was written.
pub fn written(fault: Fault, event: &Value) -> String {
    let mut event = event.clone();
    let data = event.as_object_mut().and_then(|members| members.remove("data"));
    let Some(Value::String(data)) = data else { return event.to_string() };
    let data = match serde_json::from_str::<Value>(&data) {
        Ok(parsed) if fault == Fault::ReordersJson => parsed.to_string(),
        _ => data,
    };
    let attributes = event.to_string();
    let comma = if attributes == "{}" { "" } else { "," };
    format!("{}{comma}\"data\":{data}}}", attributes.trim_end_matches('}'))
}

/// A header value as text: a quoted string unquoted, percent sequences decoded once, the rest unchanged.
fn decoded(value: &str) -> String {
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = quoted.map_or_else(|| value.to_owned(), |inner| inner.replace("\\\"", "\""));
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let digits = others.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn wrong(event: &Value) -> Option<String> {
    let required = ["id", "source", "specversion", "type"];
    let absent = required.into_iter().find(|name| event[*name].as_str().is_none_or(str::is_empty));
    let absent = absent.or((event["specversion"] != "1.0").then_some("specversion"));
    let illegal = || {
        let members = event.as_object()?;
        let legal = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        members.keys().find(|name| !legal(name) && *name != "data_base64").cloned()
    };
    absent.map(str::to_owned).or_else(illegal)
}

fn refusal(fault: Fault, name: &str, wrong: &[Option<String>]) -> Response {
    let detail = if fault == Fault::RefusesWithoutSayingWhy { "no" } else { name };
    let verdict = |(index, wrong): (usize, &Option<String>)| json!({ "index": index, "valid": wrong.is_none() });
    let verdicts: Vec<_> = wrong.iter().enumerate().map(verdict).collect();
    let document = json!({ "type": "urn:x:invalid-event", "status": 400, "title": "invalid", "detail": detail,
        "verdicts": verdicts });
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::BAD_REQUEST, media_type, document.to_string()).into_response()
}

async fn serve(gateway: Shared, id: String, sink: Sink, mut waiting: UnboundedReceiver<Queued>) {
    let granted = consents(&gateway, &sink.url).await;
    gateway.set_state(&id, if granted { "granted" } else { "refused" });
    if !granted && gateway.fault != Fault::SendsBeforeConsent {
        return;
    }
    let mut number = 0;
    while let Some((event, _delivered)) = waiting.recv().await {
        number += 1;
        if deliver(&gateway, &sink, event, number).await == StatusCode::GONE && gateway.fault != Fault::IgnoresGone {
            gateway.set_state(&id, "gone");
            return;
        }
    }
}

async fn consents(gateway: &Gateway, sink: &str) -> bool {
    let mut request = gateway.client.request(reqwest::Method::OPTIONS, sink).header("WebHook-Request-Origin", ORIGIN);
    if gateway.fault == Fault::ShowsItsTokenInTheHandshake {
        request = request.header("Authorization", "Bearer x");
    }
    let Ok(answer) = request.send().await else { return false };
    let mut origins = answer.headers().get_all("WebHook-Allowed-Origin").iter();
    let (first, second) = (origins.next(), origins.next());
    let origin = first.and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    let rate = answer.headers().get("WebHook-Allowed-Rate").and_then(|value| value.to_str().ok()).unwrap_or("*");
    let fits = origin == "*" || origin.eq_ignore_ascii_case(ORIGIN);
    let fits = fits || gateway.fault == Fault::TakesAnyOriginForConsent && first.is_some();
    fits && second.is_none()
        && (rate == "*" || rate.parse::<u32>().is_ok_and(|rate| rate > 0))
        && !answer.status().is_server_error()
        && !answer.status().is_redirection()
}

/// Delivers until it is delivered or the sink is gone; returns the last status.
async fn deliver(gateway: &Gateway, sink: &Sink, mut event: Value, number: usize) -> StatusCode {
    spoil(gateway.fault, &mut event);
    let copies = if gateway.fault == Fault::DeliversTwice { 2 } else { 1 };
    let mut status = StatusCode::OK;
    for _ in 0..copies {
        for attempt in 0.. {
            if gateway.fault == Fault::NewIdPerAttempt && attempt > 0 {
                event["id"] = format!("attempt-{attempt}").into();
            }
            let Ok(answer) = request(gateway, sink, &event, number).send().await else { continue };
            status = answer.status();
            if status.is_success() || status == StatusCode::GONE {
                break;
            }
            let after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            match after.filter(|_| gateway.fault != Fault::IgnoresRetryAfter) {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
    status
}

fn request(gateway: &Gateway, sink: &Sink, event: &Value, number: usize) -> reqwest::RequestBuilder {
    let body = written(gateway.fault, event);
    let batched = gateway.fault == Fault::SendsBatchesUnasked && number.is_multiple_of(25);
    let (media_type, body) = if batched {
        ("application/cloudevents-batch+json", format!("[{body}]"))
    } else {
        ("application/cloudevents+json", body)
    };
    let mut request = gateway.client.post(&sink.url).header("Content-Type", media_type).body(body);
    if gateway.fault != Fault::ForgetsOrigin {
        request = request.header("WebHook-Request-Origin", ORIGIN);
    }
    if let Some(token) = &sink.token {
        request = request.bearer_auth(token);
    }
    request
}

/// Does to the event what the fault does.
fn spoil(fault: Fault, event: &mut Value) {
    let Some(members) = event.as_object_mut() else { return };
    match fault {
        Fault::DropsExtensions => {
            let core = ["id", "source", "specversion", "type", "subject", "time", "datacontenttype", "dataschema"];
            members.retain(|name, _| core.contains(&name.as_str()) || name.starts_with("data") && name != "dataref");
        }
        Fault::TurnsNumbersIntoText => {
            for (_, value) in members.iter_mut() {
                if value.is_number() || value.is_boolean() {
                    *value = value.to_string().into();
                }
            }
        }
        Fault::LosesBase64 => drop(members.remove("data_base64")),
        Fault::MovesTime if members.contains_key("time") => {
            members.insert("time".to_owned(), "2021-12-10T16:31:00Z".into());
        }
        _ => {}
    }
}
