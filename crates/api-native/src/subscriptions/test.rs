//! `POST /v1/subscriptions/{id}/test`: sends one test event to the sink of a subscription, and shows the answer.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
};
use management::subscriptions::TestDelivery;
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Caller, body::Payload, problem::Problem};

use super::{access, check::texts};
use crate::{
    Api,
    events::report::Texts,
    members::{self, Faults, Members},
};

/// Longest `type`, in characters.
const MAX_TYPE: usize = 256;

/// The body; may be left out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct TestRequest {
    /// `type` of the test event; `nl.gov-event-gateway.test` when absent.
    #[serde(rename = "type")]
    #[schema(max_length = 256)]
    kind: Option<String>,
}

/// A test event and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestDelivery)]
#[serde(rename_all = "camelCase")]
pub struct TestView {
    /// The event that was sent.
    pub event: TestEvent,
    /// `accepted`, `refused`, `format-refused`, `retry-later`, `failed`, `no-answer`, `not-sent` or `gone`.
    #[schema(pattern = "^(accepted|refused|format-refused|retry-later|failed|no-answer|not-sent|gone)$")]
    pub outcome: &'static str,
    /// The same in words.
    pub text: Texts,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The start of the answer.
    pub excerpt: Option<String>,
    /// Why there was no answer, or why nothing was sent.
    pub failure: Option<String>,
    /// The transaction id that FSC logs it under (`Fsc-Transaction-Id`); absent without FSC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub fsc_transaction_id: Option<String>,
    /// When the request started.
    #[schema(format = "date-time")]
    pub at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// A test event. It is on no log.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestEvent {
    /// Its `id`.
    pub id: String,
    /// Its `source`.
    pub source: &'static str,
    /// Its `type`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Sends a test event.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/test", tag = "subscriptions", operation_id = "testSubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body = Option<TestRequest>,
    responses(
        (status = 200, description = "A test event was sent, or could not be; the outcome says which", body = TestView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
        (status = 409, description = "Nothing may be sent to the sink now, or another test or check of it is under way"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Json<TestView>, Problem> {
    let (actor, id) = (caller.actor(), access::id_of(&id)?);
    api.management.find_subscription(&actor, id)?;
    let test = api.management.test_subscription(&actor, id, read(&body)?).await?;
    Ok(Json(TestView::new(test)))
}

fn read(body: &[u8]) -> Result<Option<String>, Problem> {
    let object = members::object(body, true)?;
    let faults = Faults::default();
    let top = Members::new(&object, &faults);
    top.only(&["type"]);
    faults.check(top.bounded("type", MAX_TYPE).map(str::to_owned))
}

impl TestView {
    fn new(test: TestDelivery) -> Self {
        let (outcome, text) = (test.outcome.word(), texts(&test.explanation()));
        Self {
            event: TestEvent { id: test.id, source: test.source, kind: test.kind },
            outcome,
            text,
            status: test.status,
            excerpt: test.excerpt,
            failure: test.failure,
            fsc_transaction_id: test.fsc_transaction.map(|id| id.to_string()),
            at: test.at.to_rfc3339(),
            duration_ms: milliseconds(test.duration),
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}
