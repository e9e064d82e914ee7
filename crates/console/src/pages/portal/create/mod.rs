//! A new subscription in four steps: where events go, which events, how, and a check with a preview before it is made.
//!
//! Every step is a form that passes on the fields of the others, so that nothing is stored before the last one. A credential is
//! asked for in the last step only, and never shown again.

mod draft;

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{
    Error,
    subscriptions::{Created, Preview, PreviewRequest, SubscriptionRequest},
};
use model::selection::Selection;

use self::draft::{Draft, Fault};
use super::credential_fields::{self, CredentialFields};
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::{receiver_report::Report, subscriptions},
};

/// The path of the form.
pub const PATH: &str = "/portaal/abonnementen/nieuw";

/// The path of the form that makes the subscription.
pub const MAKE: &str = "/portaal/abonnementen/nieuw/maken";

/// A step of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Where,
    What,
    How,
    Check,
}

impl Step {
    const ALL: [Self; 4] = [Self::Where, Self::What, Self::How, Self::Check];

    fn number(self) -> usize {
        self as usize + 1
    }

    fn of_number(text: &str) -> Self {
        Self::ALL.into_iter().find(|step| step.number().to_string() == text).unwrap_or(Self::Where)
    }

    fn next(self) -> Self {
        Self::ALL.get(self.number()).copied().unwrap_or(Self::Check)
    }

    fn previous(self) -> Self {
        self.number().checked_sub(2).and_then(|at| Self::ALL.get(at)).copied().unwrap_or(Self::Where)
    }
}

#[derive(Template)]
#[template(path = "portal_create.html")]
struct Create<'a> {
    view: &'a View,
    step: usize,
    step_title: &'static str,
    draft: &'a Draft,
    hidden: Vec<(&'static str, String)>,
    owners: Vec<Choice>,
    kanalen: Vec<Choice>,
    formats: Vec<Choice>,
    starts: Vec<Choice>,
    credential: CredentialFields,
    preview: Option<Preview>,
    report: Option<Report>,
    faults: Vec<Fault>,
}

impl Create<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault.as_str())
    }
}

/// What the last step shows beside the fields.
#[derive(Default)]
struct Checked {
    preview: Option<Preview>,
    report: Option<Report>,
}

/// The first step; `kanaal` and `type` fill the fields of the second.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    if let Some(form) = view.kept() {
        let (draft, step) = (Draft::of_form(form), Step::of_number(form.text("stap")));
        return show(&console, &view, step, &draft, form, Checked::default(), vec![]);
    }
    let draft = Draft {
        owner: own_clients(&view).first().cloned().unwrap_or_default(),
        kanalen: view.parameter("kanaal").into_iter().collect(),
        types: view.parameter("type").unwrap_or_default(),
        ..Draft::default()
    };
    show(&console, &view, Step::Where, &draft, &Form::default(), Checked::default(), vec![])
}

/// A step that was filled in: goes on, or back, or checks the receiver.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let (draft, step) = (Draft::of_form(&form), Step::of_number(form.text("stap")));
    if form.text("naar") == "terug" {
        return show(&console, &view, step.previous(), &draft, &form, Checked::default(), vec![]);
    }
    let request = match request(&console, &view, &draft) {
        Ok(request) => request,
        Err(faults) => {
            // Faults of later steps are shown when they are reached.
            let due: Vec<Fault> = faults.into_iter().filter(|(field, _)| Step::of_field(field) <= step).collect();
            return match due.first().map(|(field, _)| Step::of_field(field)) {
                Some(first) => show_faults(&console, &view, first, &draft, &form, due),
                None => show(&console, &view, step.next(), &draft, &form, Checked::default(), vec![]),
            };
        }
    };
    if step < Step::How {
        return show(&console, &view, step.next(), &draft, &form, Checked::default(), vec![]);
    }
    let preview = match preview(&console, &view, &request).await {
        Ok(preview) => preview,
        Err(error) => return refused(&console, &view, &draft, &form, error),
    };
    let mut checked = Checked { preview, report: None };
    if form.text("naar") == "controleren" {
        let management = &console.management;
        let credential = match credential_fields::read(&view, &form, &|url| management.receivers.check_url(url)) {
            Ok(credential) => Some(credential),
            Err(faults) => return show_faults(&console, &view, Step::Check, &draft, &form, faults),
        };
        let request = SubscriptionRequest { credential, ..request };
        match management.check_new_receiver(&view.actor, &draft.owner, request).await {
            Ok(report) => checked.report = Some(Report::new(&view, report)),
            Err(error) => return refused(&console, &view, &draft, &form, error),
        }
    }
    show(&console, &view, Step::Check, &draft, &form, checked, vec![])
}

/// Makes the subscription.
pub async fn make(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let draft = Draft::of_form(&form);
    let management = &console.management;
    let request = match request(&console, &view, &draft) {
        Ok(request) => request,
        Err(faults) => {
            let first = faults.first().map_or(Step::Where, |(field, _)| Step::of_field(field));
            return show_faults(&console, &view, first, &draft, &form, faults);
        }
    };
    let credential = match credential_fields::read(&view, &form, &|url| management.receivers.check_url(url)) {
        Ok(credential) => Some(credential),
        Err(faults) => return show_faults(&console, &view, Step::Check, &draft, &form, faults),
    };
    let request = SubscriptionRequest { credential, ..request };
    match management.create_subscription_for(&view.actor, &draft.owner, request).await {
        Ok(Created::New(made) | Created::Before(made)) => {
            Ok(see_other(&view, &subscriptions::path_of(made.id), "abonnement-gemaakt"))
        }
        Err(error) => refused(&console, &view, &draft, &form, error),
    }
}

/// The clients that the person acts for.
fn own_clients(view: &View) -> Vec<String> {
    view.actor.grants().map(|grants| grants.client_ids.clone()).unwrap_or_default()
}

fn request(console: &Console, view: &View, draft: &Draft) -> Result<SubscriptionRequest, Vec<Fault>> {
    let management = &console.management;
    let check_url = |url: &str| management.receivers.check_url(url);
    let is_kanaal = |naam: &str| management.find_kanaal(naam).is_ok();
    draft.request(view, management.settings.default_retry, &check_url, is_kanaal)
}

/// What the selection does with the newest events; `None` when that would be too much to examine.
async fn preview(console: &Console, view: &View, request: &SubscriptionRequest) -> Result<Option<Preview>, Error> {
    let Some(Selection::Native(selection)) = request.selection.clone() else { return Ok(None) };
    match console.management.preview_selection(&view.actor, PreviewRequest { selection, last: None }).await {
        Err(Error::TooBroad(_)) => Ok(None),
        preview => preview.map(Some),
    }
}

/// The form with the faults of a request that a use case refused; other errors are problems.
fn refused(console: &Console, view: &View, draft: &Draft, form: &Form, error: Error) -> PageResult {
    let Error::Invalid(found) = &error else { return Err(error.into()) };
    let faults: Option<Vec<Fault>> = found
        .iter()
        .map(|fault| {
            let member = fault.member.strip_prefix("selection.").unwrap_or(&fault.member);
            let field = draft::field_of(member)?;
            Some((field, (view.text.portal.create.member_wrong)(member, &fault.rule)))
        })
        .collect();
    let Some(faults) = faults else { return Err(error.into()) };
    let first = faults.first().map_or(Step::Where, |(field, _)| Step::of_field(field));
    show_faults(console, view, first, draft, form, faults)
}

fn show_faults(
    console: &Console,
    view: &View,
    step: Step,
    draft: &Draft,
    form: &Form,
    mut faults: Vec<Fault>,
) -> PageResult {
    faults.retain(|(field, _)| Step::of_field(field) == step);
    show(console, view, step, draft, form, Checked::default(), faults)
}

fn show(
    console: &Console,
    view: &View,
    step: Step,
    draft: &Draft,
    form: &Form,
    checked: Checked,
    faults: Vec<Fault>,
) -> PageResult {
    let text = &view.text.portal.create;
    let same = |name: String| (name.clone(), name);
    let kanalen = console.management.list_kanalen().into_iter().map(|kanaal| {
        let naam = kanaal.naam.to_string();
        Choice { is_chosen: draft.kanalen.contains(&naam), text: naam.clone(), value: naam }
    });
    let formats = [
        ("cloudevent", view.text.subscriptions.structured),
        ("binair", view.text.subscriptions.binary),
        ("notificatie", view.text.subscriptions.legacy),
    ];
    let starts = [("nu", text.start_now), ("begin", text.start_beginning), ("moment", text.start_moment)];
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Create {
            view,
            step: step.number(),
            step_title: match step {
                Step::Where => text.where_title,
                Step::What => text.what_title,
                Step::How => text.how_title,
                Step::Check => text.check_title,
            },
            hidden: draft.hidden(step),
            owners: Choice::list(own_clients(view).into_iter().map(same), &draft.owner),
            kanalen: kanalen.collect(),
            formats: Choice::list(formats, &draft.format),
            starts: Choice::list(starts, &draft.start),
            credential: CredentialFields::of(view, form),
            preview: checked.preview,
            report: checked.report,
            draft,
            faults,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_each_other() {
        assert_eq!(Step::ALL.map(Step::next), [Step::What, Step::How, Step::Check, Step::Check]);
        assert_eq!(Step::ALL.map(Step::previous), [Step::Where, Step::Where, Step::What, Step::How]);
        assert_eq!((Step::of_number("3"), Step::of_number("9")), (Step::How, Step::Where));
    }
}
