//! `GET /v1/people`: the providers, what waits, and the numbers of addressees.

use axum::{Json, extract::State};
use http::{HeaderMap, Uri};
use model::consent::Rate;
use people::administration::{Addressees, Overview, ProviderShown, ProviderState};
use serde::Serialize;
use utoipa::ToSchema;
use web::problem::Problem;

use super::{administration, moment};
use crate::{Api, list::Query};

/// What there is of messages to people. It has no address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeopleOverview)]
#[serde(rename_all = "camelCase")]
pub struct OverviewView {
    /// The providers that send.
    pub providers: Vec<ProviderView>,
    /// Messages to one person: confirmations, notices and acknowledgements.
    pub outbox: OutboxView,
    /// Addressees by kanaal and channel.
    pub addressees: Vec<AddresseesView>,
}

/// A provider that sends messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
#[serde(rename_all = "camelCase")]
pub struct ProviderView {
    /// Its name: the host of a mail relay.
    pub name: String,
    /// The channel: `email`, `sms` or `inbox`.
    pub channel: &'static str,
    /// Most messages a minute; null for no limit.
    pub rate_per_minute: Option<u32>,
    /// Most messages at a time.
    pub slots: usize,
    /// What the node that answers knows of it: `unknown` while that node has sent nothing, `working` or `failing`.
    #[schema(pattern = "^(unknown|working|failing)$")]
    pub state: &'static str,
    /// Since when it fails.
    #[schema(format = "date-time")]
    pub failing_since: Option<String>,
    /// Why it fails.
    pub reason: Option<String>,
}

/// What waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeopleOutbox)]
#[serde(rename_all = "camelCase")]
pub struct OutboxView {
    /// Messages that wait, also for a later attempt.
    pub waiting: u64,
    /// When the oldest of them became due.
    #[schema(format = "date-time")]
    pub oldest: Option<String>,
    /// Messages that were given up.
    pub given_up: u64,
}

/// The numbers of addressees of a kanaal and channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddresseeCounts)]
pub struct AddresseesView {
    /// The name of the kanaal.
    pub kanaal: String,
    /// The channel: `email`, `sms` or `inbox`.
    pub channel: &'static str,
    /// Those that have not confirmed their address.
    pub unconfirmed: u64,
    /// Those that get messages.
    pub confirmed: u64,
    /// Those that have ended.
    pub ended: u64,
}

impl ProviderView {
    fn new(own: ProviderShown) -> Self {
        let (state, failing_since, reason) = match own.state {
            ProviderState::Unknown => ("unknown", None, None),
            ProviderState::Working => ("working", None, None),
            ProviderState::Failing { since, reason } => ("failing", Some(moment(since)), Some(reason)),
        };
        Self {
            name: own.name,
            channel: own.channel.label(),
            rate_per_minute: match own.rate {
                Rate::Unlimited => None,
                Rate::PerMinute(rate) => Some(rate.get()),
            },
            slots: own.slots,
            state,
            failing_since,
            reason,
        }
    }
}

impl OverviewView {
    fn new(overview: Overview) -> Self {
        let addressees = |own: Addressees| AddresseesView {
            kanaal: own.kanaal.to_string(),
            channel: own.channel.label(),
            unconfirmed: own.unconfirmed,
            confirmed: own.confirmed,
            ended: own.ended,
        };
        Self {
            providers: overview.providers.into_iter().map(ProviderView::new).collect(),
            outbox: OutboxView {
                waiting: overview.outbox.waiting,
                oldest: overview.outbox.oldest.map(moment),
                given_up: overview.outbox.given_up,
            },
            addressees: overview.addressees.into_iter().map(addressees).collect(),
        }
    }
}

/// Shows providers, outbox and numbers of addressees.
#[utoipa::path(
    get, path = "/v1/people", tag = "people", operation_id = "readPeople",
    responses(
        (status = 200, description = "What there is", body = OverviewView),
        (status = 404, description = "This gateway sends no messages to people"),
    ),
)]
pub async fn handler(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Json<OverviewView>, Problem> {
    Query::read(&api, &headers, &uri, &[])?;
    Ok(Json(OverviewView::new(administration(&api)?.overview().await?)))
}
