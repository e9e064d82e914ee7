//! The subscriptions of a run, one for each receiver, and how clients change them. Not what they got.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use super::books::TYPES;
use super::node::Node;
use super::receivers::{RECEIVERS, Receiver};
use crate::bench::messages::KANAAL;
use crate::workspace::Failure;

/// How long a change may be refused for now, or a new subscription wait for consent.
const PATIENCE: Duration = Duration::from_mins(2);

/// The number of the subscription whose filter changes; the first of [`TYPES`] is always selected.
const FILTERED: usize = 3;
/// The subscriptions that are paused now and then.
const PAUSED: [usize; 2] = [0, 2];
/// The one whose bound on requests changes.
const BOUNDED: usize = 4;

/// A change that a client makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Pauses an active one, and resumes a paused one.
    Pause(usize),
    /// Selects the first type and one other.
    Filter(usize),
    /// At most so many requests at once.
    InFlight(u32),
    /// Deliveries of one key in order, or not.
    Order(bool),
}

impl Change {
    pub const ALL: [Self; 9] = [
        Self::Pause(PAUSED[0]),
        Self::Pause(PAUSED[1]),
        Self::Filter(1),
        Self::Filter(2),
        Self::InFlight(1),
        Self::InFlight(8),
        Self::InFlight(64),
        Self::Order(true),
        Self::Order(false),
    ];
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pause(number) => write!(f, "pause or resume subscription {number}"),
            Self::Filter(other) => write!(f, "subscription {FILTERED} selects {} and {}", TYPES[0], TYPES[*other]),
            Self::InFlight(most) => write!(f, "subscription {BOUNDED} takes at most {most} requests at once"),
            Self::Order(true) => write!(f, "subscription {BOUNDED} keeps the order of each key"),
            Self::Order(false) => write!(f, "subscription {BOUNDED} keeps no order"),
        }
    }
}

pub struct Subscriptions {
    pub receivers: Vec<Arc<Receiver>>,
    /// By receiver.
    ids: Vec<String>,
    paused: [bool; RECEIVERS],
}

impl Subscriptions {
    /// Starts the receivers, and makes a subscription for each that begins with the first event.
    pub async fn create(node: &Node) -> Result<Self, Failure> {
        let (mut receivers, mut ids) = (Vec::new(), Vec::new());
        for number in 0..RECEIVERS {
            let receiver = Receiver::start().await?;
            let mut config = json!({ "kanalen": [KANAAL], "start": "beginning" });
            match number {
                1 => config["order"] = "key".into(),
                2 => {
                    config["format"] = "batch".into();
                    config["batch"] = json!({ "maxEvents": 20, "lingerMs": 100 });
                }
                _ => {}
            }
            let types = if number == FILTERED { vec![TYPES[0], TYPES[1]] } else { vec![] };
            let wish = json!({ "sink": receiver.url, "protocol": "HTTP", "types": types, "config": config });
            let made = node.client.call("POST", &format!("{}/v1/subscriptions", node.url), Some(&wish)).await?;
            ids.push(made["id"].as_str().ok_or_else(|| format!("a subscription without id: {made}"))?.to_owned());
            receivers.push(receiver);
        }
        let subscriptions = Self { receivers, ids, paused: [false; RECEIVERS] };
        for id in &subscriptions.ids {
            subscriptions.wait_granted(node, id).await?;
        }
        Ok(subscriptions)
    }

    async fn wait_granted(&self, node: &Node, id: &str) -> Result<(), Failure> {
        let since = Instant::now();
        loop {
            let now = node.client.call("GET", &format!("{}/v1/subscriptions/{id}", node.url), None).await?;
            match now["status"]["state"].as_str() {
                Some("granted") => return Ok(()),
                _ if since.elapsed() > PATIENCE => return Err(format!("not granted: {}", now["status"])),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Makes a change, again while it is refused for now.
    pub async fn change(&mut self, node: &Node, change: Change) -> Result<(), Failure> {
        match change {
            Change::Pause(number) => {
                let action = if self.paused[number] { "resume" } else { "pause" };
                self.send(node, "POST", number, &format!("/{action}"), &json!({})).await?;
                self.paused[number] = !self.paused[number];
                Ok(())
            }
            Change::Filter(other) => {
                let types = json!({ "types": [TYPES[0], TYPES[other]] });
                self.send(node, "PATCH", FILTERED, "", &types).await
            }
            Change::InFlight(most) => {
                self.send(node, "PATCH", BOUNDED, "", &json!({ "config": { "maxInFlight": most } })).await
            }
            Change::Order(keeps) => {
                let order = if keeps { "key" } else { "none" };
                self.send(node, "PATCH", BOUNDED, "", &json!({ "config": { "order": order } })).await
            }
        }
    }

    /// Resumes what is paused.
    pub async fn resume(&mut self, node: &Node) -> Result<(), Failure> {
        for number in PAUSED {
            if self.paused[number] {
                self.change(node, Change::Pause(number)).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, node: &Node, method: &str, number: usize, path: &str, body: &Value) -> Result<(), Failure> {
        let url = format!("{}/v1/subscriptions/{}{path}", node.url, self.ids[number]);
        let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let since = Instant::now();
        loop {
            let request = Request::builder().method(method).uri(&url).header("content-type", kind);
            let answer = node.client.send(request, Bytes::from(body.to_string())).await;
            let reason = match answer {
                Ok((status, _)) if status.is_success() => return Ok(()),
                Ok((StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, body)) => {
                    String::from_utf8_lossy(&body).into_owned()
                }
                Ok((status, body)) => {
                    return Err(format!("{method} {url}: {status} {}", String::from_utf8_lossy(&body)));
                }
                Err(reason) => reason,
            };
            if since.elapsed() > PATIENCE {
                return Err(format!("{method} {url}: {reason}"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether a subscription selects events of this type whatever its filter was.
    pub fn always_wants(number: usize, kind: usize) -> bool {
        number != FILTERED || kind == 0
    }

    /// How many dead letters without a subscription there are: records that cannot be read. Waits until there are this many, but not for
    /// ever.
    pub async fn count_unreadable(&self, node: &Node, expected: usize) -> Result<usize, Failure> {
        let url = format!("{}/v1/dead-letters?unreadable=true&pageSize=500", node.url);
        let since = Instant::now();
        loop {
            let answer = node.client.call("GET", &url, None).await?;
            let count = answer["results"].as_array().map_or(0, Vec::len);
            if count >= expected || since.elapsed() > PATIENCE {
                return Ok(count);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The ids of the events of which a subscription has a dead letter.
    pub async fn dead_letters(&self, node: &Node, number: usize) -> Result<Vec<String>, Failure> {
        let url = format!("{}/v1/subscriptions/{}/dead-letters", node.url, self.ids[number]);
        let mut found = Vec::new();
        for page in 1.. {
            let answer = node.client.call("GET", &format!("{url}?page={page}&pageSize=500"), None).await?;
            let rows = answer["results"].as_array().map(Vec::as_slice).unwrap_or_default();
            found.extend(rows.iter().filter_map(|row| row["event"]["id"].as_str()).map(str::to_owned));
            if answer["next"].is_null() {
                break;
            }
        }
        Ok(found)
    }
}
