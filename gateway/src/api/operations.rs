//! `/livez`, `/readyz`, `/metrics`: for whoever runs the gateway; no token.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use model::decide::Command;
use serde_json::json;

use crate::{app::App, telemetry::states};

/// How long storage may take to show that it can write.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a verdict holds, so that probes cannot keep storage busy.
const HOLDS: Duration = Duration::from_secs(1);

/// The process runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The gateway can do its work: storage takes changes and deliveries go on.
pub async fn ready(State(app): State<App>) -> Response {
    let reasons = app.readiness.reasons(&app).await;
    if reasons.is_empty() {
        return ([(header::CONTENT_TYPE, "application/json")], json!({"ready": true}).to_string()).into_response();
    }
    let body = json!({"ready": false, "reasons": reasons}).to_string();
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Metrics in the text form of Prometheus.
pub async fn metrics(State(app): State<App>) -> Response {
    states::set(&app.registry.read());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.render()).into_response()
}

/// What was found out last about readiness.
#[derive(Debug, Default)]
pub struct Readiness(tokio::sync::Mutex<Option<(model::Timestamp, Vec<String>)>>);

impl Readiness {
    /// What stands in the way of work; nothing when ready.
    async fn reasons(&self, app: &App) -> Vec<String> {
        let mut last = self.0.lock().await;
        let now = app.clock.now();
        if let Some((at, reasons)) = &*last
            && now.since(*at) < HOLDS
        {
            return reasons.clone();
        }
        let reasons = look(app).await;
        *last = Some((now, reasons.clone()));
        reasons
    }
}

async fn look(app: &App) -> Vec<String> {
    if !app.engine.is_delivering() {
        return vec!["no shard is being delivered".to_owned()];
    }
    // A change that changes nothing, but has to be written.
    let revision = app.registry.read().revision();
    match tokio::time::timeout(PATIENCE, app.control.submit(Command::Declare { revision })).await {
        Ok(Ok(_)) => Vec::new(),
        Ok(Err(error)) => vec![error.to_string()],
        Err(_) => vec!["storage does not answer in time".to_owned()],
    }
}
