//! `POST /v1/subscriptions/{id}/replay`: delivers a part of the past again, beside the live stream.

use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use model::{
    KanaalName, Subscription, Timestamp,
    decide::Command,
    run::{Range, Run, RunId, RunSelection},
};
use storage::log::Point;

use super::{access, start};
use crate::{
    api::v1::{
        members::{self, Faults, Members},
        runs::RunView,
    },
    app::App,
    auth::Caller,
    inbound::body::Payload,
    problem::{Fault, Problem},
};

/// The body.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; it is read member by member")]
pub struct Replay {
    /// The first moment, RFC 3339.
    #[schema(format = "date-time")]
    from: String,
    /// Up to but not including this moment; now when absent.
    #[schema(format = "date-time")]
    until: Option<String>,
    /// Only these kanalen; all that the subscription covers when absent.
    kanalen: Option<Vec<String>>,
}

/// Starts a replay.
#[utoipa::path(
    post, path = "/v1/subscriptions/{id}/replay", tag = "subscriptions", operation_id = "replaySubscription",
    params(("id" = String, Path, description = "The subscription")),
    request_body = Replay,
    responses(
        (status = 202, description = "Started", body = RunView),
        (status = 400, description = "A member breaks a rule"),
        (status = 404, description = "No such subscription of this client"),
    ),
)]
pub async fn handler(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let subscription = access::find(&app, &caller, &id)?;
    let wanted = read(&body)?;
    let kanalen = chosen(&app, &subscription, &wanted.kanalen)?;
    let run = Run {
        id: RunId(app.random.uuid()),
        subscription: subscription.id,
        what: RunSelection::Replay(ranges(&app, kanalen, wanted.from, wanted.until).await?),
        asked_by: caller.client_id.to_string(),
        created: app.clock.now(),
    };
    app.control.submit(Command::StartRun(run.clone())).await??;
    Ok((StatusCode::ACCEPTED, Json(app.runs.started(&run, &subscription))))
}

struct Wanted {
    from: Timestamp,
    until: Option<Timestamp>,
    kanalen: Vec<String>,
}

fn read(body: &[u8]) -> Result<Wanted, Problem> {
    let object = members::object(body, false)?;
    let faults = Faults::default();
    let members = Members::new(&object, &faults);
    members.only(&["from", "until", "kanalen"]);
    if members.value("from").is_none() {
        members.fault("from", "is required");
    }
    let (from, until) = (members.moment("from"), members.moment("until"));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        members.fault("until", "must not be before from");
    }
    let kanalen = members.texts("kanalen", 256).into_iter().map(str::to_owned).collect();
    faults.check(Wanted { from: from.unwrap_or_default(), until, kanalen })
}

fn chosen(app: &App, subscription: &Subscription, kanalen: &[String]) -> Result<Vec<KanaalName>, Problem> {
    let covered = start::covered(&app.registry, &subscription.selection);
    if let Some(other) = kanalen.iter().find(|naam| !covered.iter().any(|own| own.as_str() == naam.as_str())) {
        let rule = format!("the subscription has no kanaal {other}");
        return Err(Problem::invalid(vec![Fault::new("kanalen", rule).at("/kanalen")]));
    }
    Ok(covered
        .into_iter()
        .filter(|naam| kanalen.is_empty() || kanalen.iter().any(|own| own == naam.as_str()))
        .collect())
}

async fn ranges(
    app: &App,
    kanalen: Vec<KanaalName>,
    from: Timestamp,
    until: Option<Timestamp>,
) -> Result<Vec<Range>, storage::Error> {
    let partitions = app.log.partitions_of(kanalen).await?;
    let from = app.log.marks(&partitions, Point::Since(from)).await?;
    let until = app.log.marks(&partitions, until.map_or(Point::End, Point::Since)).await?;
    let range = |((kanaal, partition), (from, until))| Range { kanaal, partition, from, until };
    let ranges = partitions.into_iter().zip(from.into_iter().zip(until)).map(range);
    Ok(ranges.filter(|range| range.from < range.until).collect())
}
