//! `/livez`, `/readyz` and `/metrics`, for operators; without a token.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use web::auth::Autorisaties;

use crate::{
    app::App,
    feeds,
    telemetry::{people, process, states},
};

/// Liveness: 200 as long as the process handles requests.
pub async fn live() -> &'static str {
    "ok\n"
}

/// Readiness: 200 when storage responds, the journal is written, connections out can be made and, on a node that delivers,
/// deliveries make progress; else 503. The body has the
/// result of each check.
pub async fn ready(State(app): State<App>) -> Response {
    let checks = app.management.check_readiness().await.into_iter();
    let mut checks: Vec<_> = checks.map(|(part, problem)| (part.label(), problem)).collect();
    if let Some(shortage) = app.egress.shortage() {
        checks.push(("egress", Some(format!("no connections out: {shortage}"))));
    }
    let reasons: Vec<&String> = checks.iter().filter_map(|(_, problem)| problem.as_ref()).collect();
    let each: Map<String, Value> =
        checks.iter().map(|(name, problem)| ((*name).to_owned(), problem.as_deref().unwrap_or("ok").into())).collect();
    let mut body = json!({"ready": reasons.is_empty(), "checks": each});
    // Not a reason to be unready: without notifications, changed rights are seen when the cache expires.
    if let Some(error) = app.web.autorisaties.as_deref().and_then(Autorisaties::registration_error) {
        body["remarks"]["autorisaties"] = json!(error);
    }
    for (name, remark) in app.management.remarks() {
        body["remarks"][name] = json!(remark);
    }
    if let Some(troubles) = feeds::remark(&app) {
        body["remarks"]["feeds"] = troubles;
    }
    // Nothing that is still there is refused or passed over.
    let lost = app.log.remarks();
    if !lost.is_empty() {
        body["remarks"]["logs"] = json!(lost);
    }
    if let Some(people) = people::health(&app).await {
        body["people"] = people;
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
    metrics::gauge!(states::NEAR_RETENTION).set(app.management.retention_risks() as f64);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let store = if app.config.kafka.is_some() { "kafka" } else { "embedded" };
    let text = app.metrics.render() + &app.samples.render() + &process::render(store);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
