//! Stops a mailing for good (CH-94), also one that waits for the moment of its event (CH-98).

use axum::extract::{Path, State};
use model::{
    audit::{Action, Object, ObjectKind},
    mailing::MailingId,
};
use people::administration::MailingStop;
use web::Problem;

use super::{MAILINGS, administration};
use crate::{
    Console, View,
    page::{PageResult, see_other},
};

/// Stops it, and records that.
pub async fn handler(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let unknown = || Problem::not_found("There is no such mailing.");
    let id = MailingId(id.parse().map_err(|_| unknown())?);
    let notice = match administration(&console)?.stop_mailing(id).await? {
        MailingStop::Ended => "mailing-gestopt",
        MailingStop::Ending => "mailing-stopt",
        MailingStop::HadEnded => return Ok(see_other(&view, MAILINGS, "mailing-was-klaar")),
        MailingStop::NotHere => return Ok(see_other(&view, MAILINGS, "mailing-elders")),
        MailingStop::Unknown => return Err(unknown()),
    };
    let object = Object::new(ObjectKind::Mailing, id.0.to_string());
    console.web.recorder.record(&view.actor, Action::MailingStop, object).await?;
    Ok(see_other(&view, MAILINGS, notice))
}
