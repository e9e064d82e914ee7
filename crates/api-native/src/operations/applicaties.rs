//! `GET /v1/applicaties`: the clients of the gateway by `client_id`, with their rights and use, and never a secret.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use management::applicaties::{ApplicatieState, RightsSource};
use model::{Timestamp, applicatie::Scope};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    auth::Caller,
    csv::{self, Form},
    problem::Problem,
};

use crate::{
    Api,
    list::{List, Query},
};

/// A client of the gateway.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Applicatie)]
#[serde(rename_all = "camelCase")]
pub struct ApplicatieView {
    /// The `client_id` in its tokens.
    pub client_id: String,
    /// Where its rights come from: its declaration in the `configuration`, or the `autorisaties-api`.
    #[schema(pattern = "^(configuration|autorisaties-api)$")]
    pub rights_from: &'static str,
    /// Its scopes; null when the Autorisaties API knows no such applicatie or was not asked yet.
    pub scopes: Option<Vec<&'static str>>,
    /// The age of the answer of the Autorisaties API, in seconds.
    pub rights_age_seconds: Option<u64>,
    /// Why the last request to the Autorisaties API failed.
    pub rights_error: Option<String>,
    /// The default `source` of its notifications.
    pub source: Option<String>,
    /// The number of its secrets; two or more during a change of secret.
    pub secrets: usize,
    /// When this node last accepted a token of it; null for not since the node started.
    #[schema(format = "date-time")]
    pub last_used: Option<String>,
    /// Tokens in its name that this node refused in the last 24 hours, or since it started.
    pub refused_tokens_24h: u64,
}

fn labels(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.label()).collect()
}

impl ApplicatieView {
    /// Shows an applicatie.
    pub fn new(state: ApplicatieState) -> Self {
        let applicatie = &state.applicatie;
        let (rights_from, scopes, age, error) = match state.rights {
            RightsSource::Declared => ("configuration", Some(labels(&applicatie.scopes)), None, None),
            RightsSource::Asked(None) => ("autorisaties-api", None, None, None),
            RightsSource::Asked(Some(cached)) => {
                ("autorisaties-api", cached.scopes.as_deref().map(labels), cached.age, cached.error)
            }
        };
        Self {
            client_id: applicatie.client_id.clone(),
            rights_from,
            scopes,
            rights_age_seconds: age.map(|age| age.as_secs()),
            rights_error: error,
            source: applicatie.source.clone(),
            secrets: applicatie.secrets.len(),
            last_used: state.activity.last_used.map(Timestamp::to_rfc3339),
            refused_tokens_24h: state.activity.refused_last_day,
        }
    }
}

impl ApplicatieView {
    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 9] = [
        "clientId",
        "rightsFrom",
        "scopes",
        "rightsAgeSeconds",
        "rightsError",
        "source",
        "secrets",
        "lastUsed",
        "refusedTokens24h",
    ];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        vec![
            self.client_id,
            self.rights_from.to_owned(),
            self.scopes.unwrap_or_default().join(" "),
            self.rights_age_seconds.map(|age| age.to_string()).unwrap_or_default(),
            self.rights_error.unwrap_or_default(),
            self.source.unwrap_or_default(),
            self.secrets.to_string(),
            self.last_used.unwrap_or_default(),
            self.refused_tokens_24h.to_string(),
        ]
    }
}

/// Lists the clients of the gateway.
#[utoipa::path(
    get, path = "/v1/applicaties", tag = "operations", operation_id = "listApplicaties",
    params(
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "1 to 500"),
    ),
    responses(
        (status = 200, description = "A page", content((List<ApplicatieView> = "application/json"), (String = "text/csv"))),
    ),
)]
pub async fn handler(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["page", "pageSize"])?;
    let paging = query.paging()?;
    let applicaties = api.management.list_applicaties(&caller.actor());
    if accept::prefers_csv(&headers) {
        let rows = applicaties.into_iter().map(|state| ApplicatieView::new(state).cells());
        return csv::answer_rows(Form::Csv, "applicaties", &ApplicatieView::COLUMNS, rows).await;
    }
    let count = applicaties.len() as u64;
    let page = applicaties.into_iter().skip(paging.skip()).take(paging.take());
    Ok(Json(query.list(paging, page.map(ApplicatieView::new).collect(), Some(count))).into_response())
}
