//! `GET /v1/kanalen/{naam}/statistics`: the events of a kanaal by day, what the rules find in its newest events, and which of their
//! types have no schema, for its owner. Deliveries are in `GET /v1/statistics`.

use axum::{
    Json,
    extract::{Path, State},
};
use http::{HeaderMap, Uri};
use management::kanalen::{KanaalStatistics, RuleFindings, UndeclaredType};
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{auth::Caller, problem::Problem};

use crate::{Api, events::report::Texts, list::Query};

/// The events of a kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KanaalStatistics)]
#[serde(rename_all = "camelCase")]
pub struct KanaalStatisticsView {
    /// Periods of 24 hours, oldest first; the last one is not over yet. Null while the log of the kanaal does not answer.
    pub days: Option<Vec<DayView>>,
    /// How many events of the last 24 hours were checked: at most 200 of each partition, and 1,000 in all.
    pub checked: usize,
    /// The rules that checked events do not follow, those with most events first.
    pub findings: Vec<RuleView>,
    /// How many types of checked events have no schema.
    pub types_without_schema: usize,
    /// These types, those with most events first, at most 50.
    pub types: Vec<TypeWithoutSchemaView>,
}

/// The events of 24 hours.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KanaalDay)]
pub struct DayView {
    /// Its start.
    #[schema(format = "date-time")]
    pub at: String,
    /// How many events were accepted in it and are still kept.
    pub accepted: u64,
}

/// A rule that events do not follow.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KanaalRule)]
pub struct RuleView {
    /// The rule.
    pub rule: &'static str,
    /// What it says about one of the events.
    pub text: Texts,
    /// How many of the checked events do not follow it.
    pub events: usize,
    /// The newest of these events, at most three.
    pub examples: Vec<ExampleView>,
}

/// A type of events without a schema.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TypeWithoutSchema)]
pub struct TypeWithoutSchemaView {
    /// `type` of the events.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many of the checked events have it.
    pub events: usize,
    /// When the newest of them was accepted.
    #[schema(format = "date-time")]
    pub newest: String,
    /// That event.
    pub example: ExampleView,
}

/// An event by its identity.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventIdentity)]
pub struct ExampleView {
    /// `source`.
    pub source: String,
    /// `id`.
    pub id: String,
}

impl KanaalStatisticsView {
    fn new(starts: &[Timestamp], statistics: KanaalStatistics) -> Self {
        let KanaalStatistics { volumes, findings } = statistics;
        let day = |(at, accepted): (&Timestamp, u64)| DayView { at: at.to_rfc3339(), accepted };
        Self {
            days: volumes.map(|volumes| starts.iter().zip(volumes).map(day).collect()),
            checked: findings.checked,
            findings: findings.rules.into_iter().map(RuleView::new).collect(),
            types_without_schema: findings.undeclared_types,
            types: findings.undeclared.into_iter().map(TypeWithoutSchemaView::new).collect(),
        }
    }
}

impl RuleView {
    fn new(found: RuleFindings) -> Self {
        let RuleFindings { finding, events, examples } = found;
        Self {
            rule: finding.rule,
            text: Texts { en: finding.text_en.into_owned(), nl: finding.text_nl.into_owned() },
            events,
            examples: examples.into_iter().map(ExampleView::new).collect(),
        }
    }
}

impl TypeWithoutSchemaView {
    fn new(found: UndeclaredType) -> Self {
        let UndeclaredType { kind, events, newest, example } = found;
        Self { kind, events, newest: newest.to_rfc3339(), example: ExampleView::new(example) }
    }
}

impl ExampleView {
    fn new((source, id): (String, String)) -> Self {
        Self { source, id }
    }
}

/// Shows the events of a kanaal by day, and what is found in its newest events.
#[utoipa::path(
    get, path = "/v1/kanalen/{naam}/statistics", tag = "kanalen", operation_id = "readKanaalStatistics",
    params(
        ("naam" = String, Path, description = "The kanaal"),
        ("from" = Option<String>, Query,
         description = "When the first period of 24 hours begins, at most 31 days ago; absent: the last seven days in UTC"),
    ),
    responses(
        (status = 200, description = "The figures", body = KanaalStatisticsView),
        (status = 400, description = "A query parameter breaks a rule"),
        (status = 403, description = "Not the owner of the kanaal"),
        (status = 404, description = "No such kanaal"),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    Path(naam): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<KanaalStatisticsView>, Problem> {
    let query = Query::read(&api, &headers, &uri, &["from"])?;
    let starts = api.management.days_from(query.timestamp("from")?)?;
    let statistics = api.management.kanaal_statistics(&caller.actor(), &naam, &starts).await?;
    Ok(Json(KanaalStatisticsView::new(&starts, statistics)))
}
