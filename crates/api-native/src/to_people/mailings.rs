//! `GET /v1/people/mailings`: mailings with their progress.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use model::{
    KanaalName,
    mailing::{Counts, End, Skip},
};
use people::administration::{Mailing, MailingList, MailingState};
use serde::Serialize;
use utoipa::ToSchema;
use web::{
    accept,
    csv::{self, Form},
    problem::Problem,
};

use super::{administration, moment};
use crate::{Api, list::Query};

/// Mailings: those that go on, oldest first, at most 100; then those that have ended, newest first, at most 400.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailingList)]
pub struct MailingListView {
    /// Whether these are all that the gateway keeps.
    pub complete: bool,
    /// The mailings.
    pub results: Vec<MailingView>,
}

/// One event to the addressees of its kanaal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mailing)]
#[serde(rename_all = "camelCase")]
pub struct MailingView {
    /// Its number.
    pub id: u64,
    /// The kanaal.
    pub kanaal: String,
    /// The channel: `email`, `sms` or `inbox`.
    pub channel: &'static str,
    /// `source` of the event.
    pub source: String,
    /// `id` of the event.
    pub event: String,
    /// When the event was accepted.
    #[schema(format = "date-time")]
    pub accepted: String,
    /// `scheduled` for the moment `due`, `held` by a pause or trial of its kanaal, `walking` over the
    /// addressees, `finishing` with retries, `suspended`, `stopped` or `ended`.
    #[schema(pattern = "^(scheduled|held|walking|finishing|suspended|stopped|ended)$")]
    pub state: &'static str,
    /// The moment of a scheduled one: `deliverafter` of its event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    pub due: Option<String>,
    /// When it ended.
    #[schema(format = "date-time")]
    pub ended: Option<String>,
    /// The mailing that it sends again to those who failed; absent for one that goes to all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resend_of: Option<u64>,
    /// How its addressees ended.
    pub counts: MailingCountsView,
}

/// The counts of a mailing: candidates are the sum of all others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailingCounts)]
#[serde(rename_all = "camelCase")]
pub struct MailingCountsView {
    /// Addressees that were met so far.
    pub candidates: u64,
    /// Those of them that have not ended.
    pub open: u64,
    /// Those whose message the provider took.
    pub sent: u64,
    /// Those whose address does not exist, or refuses for good.
    pub bounced: u64,
    /// Those that failed otherwise, or are in doubt.
    pub failed: u64,
    /// Those whose filter does not match the event.
    pub not_wanted: u64,
    /// Those whose attributes the filter of the sender does not match.
    pub not_selected: u64,
    /// Those for whom a filter could not be evaluated, so that they get nothing.
    pub filter_failed: u64,
    /// Those who are not on the test list: the event is of a trial.
    pub not_on_test_list: u64,
    /// Those that were skipped for another reason.
    pub skipped: u64,
}

impl MailingCountsView {
    fn new(counts: &Counts) -> Self {
        let bounced = counts.of(End::PermanentFailure);
        let [not_wanted, not_selected, filter_failed, not_on_test_list] =
            [Skip::Filter, Skip::SenderFilter, Skip::FilterError, Skip::Trial]
                .map(|skip| counts.of(End::Skipped(skip)));
        Self {
            candidates: counts.candidates,
            open: counts.open,
            sent: counts.sent(),
            bounced,
            failed: counts.failed().saturating_sub(bounced),
            not_wanted,
            not_selected,
            filter_failed,
            not_on_test_list,
            skipped: counts.skipped().saturating_sub(not_wanted + not_selected + filter_failed + not_on_test_list),
        }
    }
}

impl MailingView {
    /// Shows a mailing.
    pub fn new(own: Mailing) -> Self {
        let (state, ended) = match own.state {
            MailingState::Scheduled(_) => ("scheduled", None),
            MailingState::Held => ("held", None),
            MailingState::Walking => ("walking", None),
            MailingState::Finishing => ("finishing", None),
            MailingState::Suspended => ("suspended", None),
            MailingState::Stopped => ("stopped", None),
            MailingState::Ended(at) => ("ended", Some(moment(at))),
        };
        let due = match own.state {
            MailingState::Scheduled(due) => Some(moment(due)),
            _ => None,
        };
        Self {
            due,
            id: own.id.0,
            kanaal: own.start.event.kanaal.to_string(),
            channel: own.start.channel.label(),
            source: own.start.event.source,
            event: own.start.event.id,
            accepted: moment(own.start.accepted),
            state,
            ended,
            resend_of: own.start.resend.map(|resend| resend.of.0),
            counts: MailingCountsView::new(&own.counts),
        }
    }
}

impl MailingView {
    /// The columns of [`Self::cells`].
    const COLUMNS: [&str; 20] = [
        "id",
        "kanaal",
        "channel",
        "source",
        "event",
        "accepted",
        "state",
        "due",
        "ended",
        "resendOf",
        "candidates",
        "open",
        "sent",
        "bounced",
        "failed",
        "notWanted",
        "notSelected",
        "filterFailed",
        "notOnTestList",
        "skipped",
    ];

    /// A row of the list as CSV.
    fn cells(self) -> csv::Row {
        let counts = self.counts;
        let numbers = [
            counts.candidates,
            counts.open,
            counts.sent,
            counts.bounced,
            counts.failed,
            counts.not_wanted,
            counts.not_selected,
            counts.filter_failed,
            counts.not_on_test_list,
            counts.skipped,
        ];
        let mut row = vec![
            self.id.to_string(),
            self.kanaal,
            self.channel.to_owned(),
            self.source,
            self.event,
            self.accepted,
            self.state.to_owned(),
            self.due.unwrap_or_default(),
            self.ended.unwrap_or_default(),
            self.resend_of.map(|id| id.to_string()).unwrap_or_default(),
        ];
        row.extend(numbers.map(|number| number.to_string()));
        row
    }
}

impl MailingListView {
    /// These mailings, and no others.
    pub fn of(mailings: Vec<Mailing>) -> Self {
        Self { complete: true, results: mailings.into_iter().map(MailingView::new).collect() }
    }

    fn new(list: MailingList) -> Self {
        Self { complete: list.is_complete, results: list.mailings.into_iter().map(MailingView::new).collect() }
    }
}

/// Lists mailings.
#[utoipa::path(
    get, path = "/v1/people/mailings", tag = "people", operation_id = "listMailings",
    params(("kanaal" = Option<String>, Query, description = "Only of this kanaal")),
    responses(
        (status = 200, description = "The mailings", content((MailingListView = "application/json"), (String = "text/csv"))),
        (status = 404, description = "This gateway sends no messages to people"),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let query = Query::read(&api, &headers, &uri, &["kanaal"])?;
    let kanaal = query.typed("kanaal", "must be the name of a kanaal", KanaalName::new)?;
    let list = administration(&api)?.mailings(kanaal.as_ref()).await?;
    if accept::prefers_csv(&headers) {
        let rows = list.mailings.into_iter().map(|mailing| MailingView::new(mailing).cells());
        return csv::answer_rows(Form::Csv, "mailings", &MailingView::COLUMNS, rows).await;
    }
    Ok(Json(MailingListView::new(list)).into_response())
}
