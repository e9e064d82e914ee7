//! Sends a mailing again to those who failed (CH-94): a page that counts them by their failure, and its form, which does what was
//! counted. Those in doubt may get a message twice, so nothing chooses them but their own check box.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{
    audit::{Action, Object, ObjectKind},
    mailing::{Failure, MailingId},
};
use people::administration::{ResendCount, ResendRefusal, ResendRequest};
use web::Problem;

use super::{MAILINGS, administration};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
};

/// The check boxes.
const CHOICE: &str = "uitkomst";

/// What is in front of the outcome in the names of the fields with the numbers that were shown.
const COUNTED: &str = "geteld-";

#[derive(Template)]
#[template(path = "to_people_resend.html")]
struct Page<'a> {
    view: &'a View,
    title: String,
    action: String,
    /// What the mailing is about; `None` when it is not sent again.
    about: Option<About>,
    /// Why it is not sent again; empty when it can be.
    refusal: &'static str,
    choices: Vec<Choice>,
    is_changed: bool,
    faults: Vec<(&'static str, &'static str)>,
}

/// The mailing.
struct About {
    kanaal: String,
    channel: &'static str,
    event: String,
}

/// A failure that can be chosen.
struct Choice {
    value: &'static str,
    /// The name of the field with the number.
    field: String,
    count: u64,
    text: String,
    hint: &'static str,
    is_chosen: bool,
}

/// Shows the numbers.
pub async fn ask(State(console): State<Console>, Path(id): Path<String>, view: View) -> PageResult {
    let id = read(&id)?;
    let counted = administration(&console)?.count_resend(id).await?;
    // What is likely to succeed, and nobody gets twice.
    let chosen = BTreeSet::from([Failure::Temporary, Failure::Technical]);
    show(&view, id, counted, &chosen, StatusCode::OK, Vec::new())
}

/// Starts it, and records that.
pub async fn post(State(console): State<Console>, Path(id): Path<String>, view: View, form: Form) -> PageResult {
    let (id, administration) = (read(&id)?, administration(&console)?);
    let of_label = |label: &str| Failure::ALL.into_iter().find(|failure| failure.label() == label);
    let failures: BTreeSet<Failure> = form.all(CHOICE).filter_map(of_label).collect();
    if failures.is_empty() {
        let counted = administration.count_resend(id).await?;
        let faults = vec![(CHOICE, view.text.mailing_resend.nothing_chosen)];
        return show(&view, id, counted, &failures, StatusCode::UNPROCESSABLE_ENTITY, faults);
    }
    let number = |failure: Failure| form.text(&field(failure)).parse().unwrap_or(0);
    let counted = failures.iter().map(|failure| number(*failure)).fold(0, u64::saturating_add);
    let request = ResendRequest { id, failures: failures.clone(), counted: Some(counted) };
    match administration.resend(request).await? {
        Ok(_) => {}
        Err(ResendRefusal::CountChanged) => {
            let counted = administration.count_resend(id).await?;
            return show(&view, id, counted, &failures, StatusCode::CONFLICT, Vec::new());
        }
        Err(refusal) => return show(&view, id, Err(refusal), &failures, StatusCode::CONFLICT, Vec::new()),
    }
    let object = Object::new(ObjectKind::Mailing, id.0.to_string());
    console.web.recorder.record(&view.actor, Action::MailingResend, object).await?;
    Ok(see_other(&view, MAILINGS, "mailing-opnieuw"))
}

fn read(id: &str) -> Result<MailingId, Problem> {
    Ok(MailingId(id.parse().map_err(|_| unknown())?))
}

fn unknown() -> Problem {
    Problem::not_found("There is no such mailing.")
}

fn field(failure: Failure) -> String {
    format!("{COUNTED}{}", failure.label())
}

fn show(
    view: &View,
    id: MailingId,
    counted: Result<ResendCount, ResendRefusal>,
    chosen: &BTreeSet<Failure>,
    status: StatusCode,
    faults: Vec<(&'static str, &'static str)>,
) -> PageResult {
    let text = &view.text.mailing_resend;
    let mut page = Page {
        title: (text.title)(id.0),
        action: format!("{MAILINGS}/{}/opnieuw", id.0),
        about: None,
        refusal: "",
        choices: Vec::new(),
        is_changed: status == StatusCode::CONFLICT,
        faults,
        view,
    };
    let counted = match counted {
        Ok(counted) if counted.addressees.is_empty() => Err(ResendRefusal::Nobody),
        counted => counted,
    };
    match counted {
        Err(ResendRefusal::Unknown) => return Err(unknown()),
        Err(refusal) => (page.refusal, page.is_changed) = ((text.refused)(refusal), false),
        Ok(ResendCount { mailing, addressees }) => {
            let start = mailing.start;
            let choice = |(failure, count): (Failure, u64)| Choice {
                value: failure.label(),
                field: field(failure),
                count,
                text: (text.choice)(failure, &view.number(count)),
                hint: (text.hint)(failure, start.channel),
                is_chosen: chosen.contains(&failure),
            };
            page.choices = addressees.into_iter().map(choice).collect();
            page.about = Some(About {
                kanaal: start.event.kanaal.to_string(),
                channel: (view.text.to_people.channel)(start.channel),
                event: start.event.id,
            });
        }
    }
    page_with(status, &page)
}
