//! `GET /v1/partitions`: how far the node that answers is behind in reading, by partition, and how that changed.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::lag_trend::{Direction, PartitionLag};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use crate::{Api, list::Query};

/// Most partitions of an answer.
const MOST: usize = 100;

/// Partitions with how far the node that answers is behind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Partitions)]
pub struct PartitionsView {
    /// How many partitions of the kanaal this node reads; null without a kanaal.
    pub total: Option<usize>,
    /// Of a kanaal its partitions by number, else those that are furthest behind or were behind in the last hour; at most 100.
    pub results: Vec<PartitionLagView>,
}

/// How far the node that answers is behind in a partition.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartitionLag)]
#[serde(rename_all = "camelCase")]
pub struct PartitionLagView {
    /// Its kanaal.
    pub kanaal: String,
    /// Its number.
    pub partition: u32,
    /// Records that are not read yet.
    pub lag_events: u64,
    /// Whether that is more, less or as much as some minutes ago: `up`, `down` or `level`; null when that is not known yet.
    #[schema(pattern = "^(up|down|level)$")]
    pub trend: Option<&'static str>,
    /// The moment that it is compared with.
    #[schema(format = "date-time")]
    pub compared_with: Option<String>,
    /// Records that were not read in the last hour, one number a minute, oldest first; the present is the last.
    pub samples: Vec<u64>,
}

impl PartitionLagView {
    fn new(lag: PartitionLag) -> Self {
        let trend = lag.change.map(|(direction, _)| match direction {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Level => "level",
        });
        Self {
            kanaal: lag.kanaal.to_string(),
            partition: lag.partition.0,
            lag_events: lag.lag,
            trend,
            compared_with: lag.change.map(|(_, at)| at.to_rfc3339()),
            samples: lag.samples,
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 6] = ["kanaal", "partition", "lagEvents", "trend", "comparedWith", "samples"];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        let samples: Vec<String> = self.samples.iter().map(u64::to_string).collect();
        vec![
            self.kanaal,
            self.partition.to_string(),
            self.lag_events.to_string(),
            self.trend.unwrap_or_default().to_owned(),
            self.compared_with.unwrap_or_default(),
            samples.join(" "),
        ]
    }
}

/// Lists partitions with how far the node that answers is behind, and how that changed in the last hour.
#[utoipa::path(
    get, path = "/v1/partitions", tag = "operations", operation_id = "listPartitions",
    params(("kanaal" = Option<String>, Query, description = "Only of this kanaal")),
    responses(
        (status = 200, description = "The partitions", content((PartitionsView = "application/json"), (String = "text/csv"))),
        (status = 404, description = "No such kanaal"),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal"])?;
    let (found, total) = match query.text("kanaal") {
        Some(naam) => {
            let kanaal = api.management.find_kanaal(naam)?;
            let (found, total) = api.management.lag_of_kanaal(&kanaal.naam, MOST);
            (found, Some(total))
        }
        None => (api.management.slowest_partitions(MOST), None),
    };
    let found = found.into_iter().map(PartitionLagView::new);
    if accept::prefers_csv(&headers) {
        let rows = found.map(PartitionLagView::cells);
        return csv::answer_rows(Form::Csv, "partitions", &PartitionLagView::COLUMNS, rows).await;
    }
    Ok(Json(PartitionsView { total, results: found.collect() }).into_response())
}
