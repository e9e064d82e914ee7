//! `GET /v1/people/bounces`: light subscriptions with hard bounces or a complaint, with addresses masked (CH-118).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use model::{KanaalName, addressee::Channel};
use people::administration::{Bounced, BouncesPage, BouncesWanted};
use serde::Serialize;
use utoipa::ToSchema;
use web::{accept, csv, problem::Problem};

use super::{administration, moment};
use crate::{
    Api,
    list::{List, Query, page_of_people},
};

/// A light subscription with hard bounces or a complaint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bounce)]
pub struct BounceView {
    /// The id of the light subscription.
    #[schema(format = "uuid")]
    pub id: String,
    /// The kanaal.
    pub kanaal: String,
    /// The address or number, masked; null when it was erased.
    pub sink: Option<String>,
    /// `undeliverable`: hard bounces ended it; `complaint`: a complaint did; `counting`: it has hard bounces that count.
    #[schema(pattern = "^(undeliverable|complaint|counting)$")]
    pub reason: &'static str,
    /// When it ended.
    #[schema(format = "date-time")]
    pub ended: Option<String>,
    /// The number of failures for good.
    pub bounces: usize,
    /// The first of them.
    #[schema(format = "date-time")]
    pub first: Option<String>,
    /// The last of them.
    #[schema(format = "date-time")]
    pub last: Option<String>,
}

impl BounceView {
    fn new(own: Bounced, scheme: &str) -> Self {
        Self {
            id: own.id.to_string(),
            kanaal: own.kanaal.to_string(),
            sink: own.address.map(|address| format!("{scheme}:{address}")),
            reason: own.reason.label(),
            ended: own.ended.map(moment),
            bounces: own.bounces.len(),
            first: own.bounces.first().copied().map(moment),
            last: own.bounces.last().copied().map(moment),
        }
    }

    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 8] = ["id", "kanaal", "sink", "reason", "ended", "bounces", "first", "last"];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        vec![
            self.id,
            self.kanaal,
            self.sink.unwrap_or_default(),
            self.reason.to_owned(),
            self.ended.unwrap_or_default(),
            self.bounces.to_string(),
            self.first.unwrap_or_default(),
            self.last.unwrap_or_default(),
        ]
    }
}

/// A page of the list.
async fn page(api: &Api, wanted: &BouncesWanted) -> Result<BouncesPage, Problem> {
    page_of_people(administration(api)?.bounces(wanted).await)
}

/// Lists addresses that messages do not reach.
///
/// A page may have few rows or none although there are more: follow `next` until it is null.
#[utoipa::path(
    get, path = "/v1/people/bounces", tag = "people", operation_id = "listBounces",
    params(
        ("kanaal" = Option<String>, Query, description = "Only of this kanaal"),
        ("channel" = Option<String>, Query, description = "`email` (default) or `sms`"),
        ("state" = Option<String>, Query, description = "`ended` (default): by bounces or a complaint; `counting`: with bounces that count"),
        ("cursor" = Option<String>, Query, description = "Where the page begins; from the link to it"),
        ("pageSize" = Option<u32>, Query, description = "Rows on a page, 1 to 500; 100 when absent"),
    ),
    responses(
        (status = 200, description = "A page of them", content((List<BounceView> = "application/json"), (String = "text/csv"))),
        (status = 404, description = "This gateway sends no messages to people"),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal", "channel", "state", "cursor", "pageSize"])?;
    let channel = query.typed("channel", "must be email or sms", |word| match word {
        "email" => Some(Channel::Email),
        "sms" => Some(Channel::Sms),
        _ => None,
    })?;
    let have_ended = query.typed("state", "must be ended or counting", |word| match word {
        "ended" => Some(true),
        "counting" => Some(false),
        _ => None,
    })?;
    let channel = channel.unwrap_or(Channel::Email);
    let wanted = BouncesWanted {
        kanaal: query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?,
        channel,
        have_ended: have_ended.unwrap_or(true),
        cursor: query.text("cursor").map(str::to_owned),
        size: query.paging()?.size(),
    };
    let scheme = if channel == Channel::Sms { "sms" } else { "mailto" };
    if accept::prefers_csv(&headers) {
        return csv::answer_by_cursor("bounces", &BounceView::COLUMNS, move |cursor, limit| {
            let (api, wanted) = (api.clone(), BouncesWanted { cursor, size: limit as usize, ..wanted.clone() });
            async move {
                let BouncesPage { rows, next } = page(&api, &wanted).await?;
                Ok((rows.into_iter().map(|own| BounceView::new(own, scheme).cells()).collect(), next))
            }
        })
        .await;
    }
    let page = page(&api, &wanted).await?;
    let rows = page.rows.into_iter().map(|own| BounceView::new(own, scheme)).collect();
    Ok(Json(query.list_from(rows, page.next.as_deref())).into_response())
}
