//! `/livez`, `/readyz`, `/metrics`: for whoever runs the gateway; no token.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use model::decide::Command;
use serde_json::{Map, Value, json};

use crate::{app::App, auth::Autorisaties, config::Role, telemetry::states};

/// How long storage may take to show that it can write.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a verdict holds, so that probes cannot keep storage busy.
const HOLDS: Duration = Duration::from_secs(1);

/// The process runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The gateway can do its work: storage answers, and deliveries go on where this node makes them. Says how each of these is.
pub async fn ready(State(app): State<App>) -> Response {
    let checks = app.readiness.checks(&app).await;
    let reasons: Vec<&String> = checks.iter().filter_map(|(_, problem)| problem.as_ref()).collect();
    let each: Map<String, Value> =
        checks.iter().map(|(name, problem)| ((*name).to_owned(), problem.as_deref().unwrap_or("ok").into())).collect();
    let mut body = json!({"ready": reasons.is_empty(), "checks": each});
    // Rights are asked for all the same, a little later.
    if let Some(trouble) = app.autorisaties.as_ref().and_then(Autorisaties::trouble) {
        body["remarks"] = json!({"autorisaties": trouble});
    }
    let status = if reasons.is_empty() {
        StatusCode::OK
    } else {
        body["reasons"] = json!(reasons);
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Metrics in the text form of Prometheus.
pub async fn metrics(State(app): State<App>) -> Response {
    states::set(&app.registry.read());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}

/// What was looked at, and what is wrong with it, if anything.
type Check = (&'static str, Option<String>);

/// What was found out last about readiness.
#[derive(Debug, Default)]
pub struct Readiness(tokio::sync::Mutex<Option<(model::Timestamp, Vec<Check>)>>);

impl Readiness {
    async fn checks(&self, app: &App) -> Vec<Check> {
        let mut last = self.0.lock().await;
        let now = app.clock.now();
        if let Some((at, checks)) = &*last
            && now.since(*at) < HOLDS
        {
            return checks.clone();
        }
        let mut checks = vec![("storage", storage(app).await)];
        if app.config.has(Role::Deliver) {
            checks.push(("deliveries", deliveries(app)));
        }
        *last = Some((now, checks.clone()));
        checks
    }
}

/// What is wrong with storage. On Kafka its brokers have to answer, and this node to follow control; that some node decides
/// on changes is no part of it, for events are taken in without.
async fn storage(app: &App) -> Option<String> {
    let tried = async {
        if app.config.kafka.is_some() {
            return app.control.catch_up().await;
        }
        // A change that changes nothing, but has to be written.
        let revision = app.registry.read().revision();
        app.control.submit(Command::Declare { revision }).await.map(drop)
    };
    match tokio::time::timeout(PATIENCE, tried).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("storage does not answer in time".to_owned()),
    }
}

/// What is wrong with deliveries. Of several nodes one may well have no shard.
fn deliveries(app: &App) -> Option<String> {
    let state = app.engine.state();
    let state = state.borrow();
    if let Some((shard, reason)) = state.failures.iter().min_by_key(|(shard, _)| **shard) {
        return Some(format!("shard {}: {reason}", shard.0));
    }
    let alone = app.config.kafka.is_none() && state.owned.is_empty();
    state.unlearned.clone().or_else(|| alone.then(|| "no shard is being delivered".to_owned()))
}
