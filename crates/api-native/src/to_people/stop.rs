//! `DELETE /v1/people/mailings/{id}`: stops a mailing; what was sent stays sent (CH-94, CH-98).

use axum::extract::{Path, State};
use http::StatusCode;
use model::mailing::MailingId;
use people::administration::MailingStop;
use web::problem::{Problem, ProblemType};

use super::administration;
use crate::Api;

/// Stops a mailing: who was not sent to yet gets nothing.
///
/// A mailing whose event has `deliverafter` can be stopped before that moment as well: then nobody gets anything.
#[utoipa::path(
    delete, path = "/v1/people/mailings/{id}", tag = "people", operation_id = "stopMailing",
    params(("id" = u64, Path, description = "The number of the mailing")),
    responses(
        (status = 202, description = "It is stopped; what was being sent is not settled yet"),
        (status = 204, description = "It has ended, and nothing more is sent"),
        (status = 404, description = "No such mailing"),
        (status = 409, description = "It had ended before, or its channel is not configured"),
    ),
)]
pub async fn handler(State(api): State<Api>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let unknown = || Problem::not_found("There is no such mailing.");
    let id = MailingId(id.parse().map_err(|_| unknown())?);
    match administration(&api)?.stop_mailing(id).await? {
        MailingStop::Ended => Ok(StatusCode::NO_CONTENT),
        MailingStop::Ending => Ok(StatusCode::ACCEPTED),
        MailingStop::HadEnded => Err(Problem::new(ProblemType::MailingEnded, "The mailing has ended.")),
        MailingStop::NotHere => Err(Problem::new(
            ProblemType::MailingEnded,
            "The mailing does not go on here: its channel is not configured.",
        )),
        MailingStop::Unknown => Err(unknown()),
    }
}
