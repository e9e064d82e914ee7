//! A tiny event gateway in memory, just enough for the chosen scenarios, with a switch for one fault at a time.
//! It exists to show that the suite finds faults; it is no model of how to build a gateway.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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
}

type Shared = Arc<Gateway>;

struct Gateway {
    fault: Fault,
    client: reqwest::Client,
    made: AtomicUsize,
    subscriptions: Mutex<BTreeMap<String, Subscription>>,
}

struct Subscription {
    kanaal: String,
    state: &'static str,
    queue: UnboundedSender<Value>,
}

const ORIGIN: &str = "gateway.example";

/// Starts it; returns its address.
pub async fn start(fault: Fault) -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let policy = match fault {
        Fault::FollowsRedirects => reqwest::redirect::Policy::limited(3),
        _ => reqwest::redirect::Policy::none(),
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().redirect(policy).build().map_err(std::io::Error::other)?;
    let gateway = Arc::new(Gateway { fault, client, made: AtomicUsize::new(0), subscriptions: Mutex::default() });
    let router = Router::new()
        .route("/v1/kanalen", post(|| async { StatusCode::CREATED }))
        .route("/v1/subscriptions", post(subscribe))
        .route("/v1/subscriptions/{id}", get(show).delete(unsubscribe))
        .route("/v1/events", post(publish))
        .with_state(gateway);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

impl Gateway {
    fn set_state(&self, id: &str, state: &'static str) {
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(subscription) = subscriptions.get_mut(id) {
            subscription.state = state;
        }
    }
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
    let event = read(&headers, &body);
    let wrong = if gateway.fault == Fault::AcceptsEverything { None } else { wrong(&event) };
    let refused = wrong.map(|name| refusal(gateway.fault, name));
    if refused.is_none() || gateway.fault == Fault::StoresWhatItRefuses {
        let kanaal = query.get("kanaal").cloned().unwrap_or_default();
        let subscriptions = gateway.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        for subscription in subscriptions.values().filter(|subscription| subscription.kanaal == kanaal) {
            drop(subscription.queue.send(event.clone()));
        }
    }
    refused.unwrap_or_else(|| StatusCode::ACCEPTED.into_response())
}

fn read(headers: &HeaderMap, body: &[u8]) -> Value {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.starts_with("application/cloudevents") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    let mut event = Map::new();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix("ce-") {
            event.insert(name.to_owned(), value.to_str().unwrap_or_default().into());
        }
    }
    event.insert("datacontenttype".to_owned(), media_type.into());
    event.insert("data".to_owned(), serde_json::from_slice(body).unwrap_or_default());
    Value::Object(event)
}

fn wrong(event: &Value) -> Option<String> {
    let required = ["id", "source", "specversion", "type"];
    let absent = required.into_iter().find(|name| event[*name].as_str().is_none_or(str::is_empty));
    let illegal = || {
        let members = event.as_object()?;
        let legal = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        members.keys().find(|name| !legal(name) && *name != "data_base64").cloned()
    };
    absent.map(str::to_owned).or_else(illegal)
}

fn refusal(fault: Fault, name: String) -> Response {
    let detail = if fault == Fault::RefusesWithoutSayingWhy { "no" } else { name.as_str() };
    let document = json!({ "type": "urn:x:invalid-event", "status": 400, "title": "invalid", "detail": detail });
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::BAD_REQUEST, media_type, document.to_string()).into_response()
}

async fn serve(gateway: Shared, id: String, sink: String, mut waiting: UnboundedReceiver<Value>) {
    let granted = consents(&gateway, &sink).await;
    gateway.set_state(&id, if granted { "granted" } else { "refused" });
    if !granted && gateway.fault != Fault::SendsBeforeConsent {
        return;
    }
    while let Some(event) = waiting.recv().await {
        if deliver(&gateway, &sink, event).await == StatusCode::GONE && gateway.fault != Fault::IgnoresGone {
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
async fn deliver(gateway: &Gateway, sink: &str, mut event: Value) -> StatusCode {
    match gateway.fault {
        Fault::DropsExtensions => {
            if let Some(members) = event.as_object_mut() {
                let core =
                    ["id", "source", "specversion", "type", "subject", "time", "datacontenttype", "dataschema", "data"];
                members.retain(|name, _| core.contains(&name.as_str()));
            }
        }
        Fault::TurnsNumbersIntoText => {
            for (_, value) in event.as_object_mut().into_iter().flatten().filter(|(name, _)| *name != "data") {
                if value.is_number() || value.is_boolean() {
                    *value = value.to_string().into();
                }
            }
        }
        _ => {}
    }
    let copies = if gateway.fault == Fault::DeliversTwice { 2 } else { 1 };
    let mut status = StatusCode::OK;
    for _ in 0..copies {
        for attempt in 0.. {
            if gateway.fault == Fault::NewIdPerAttempt && attempt > 0 {
                event["id"] = format!("attempt-{attempt}").into();
            }
            let mut request = gateway.client.post(sink).header("Content-Type", "application/cloudevents+json");
            if gateway.fault != Fault::ForgetsOrigin {
                request = request.header("WebHook-Request-Origin", ORIGIN);
            }
            let Ok(answer) = request.body(event.to_string()).send().await else { continue };
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
