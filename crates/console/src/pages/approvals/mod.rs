//! The requests for approval on the kanalen of a person: the list, and one to approve or reject, with what is disclosed and what
//! would leave of the newest event.

mod disclosure;
mod preview;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{
    Error, Precondition, Resource,
    kanalen::{ApprovalFilter, ApprovalTarget, DisclosureRequest, MAX_REASON},
};
use model::{
    Actor, Subscription, SubscriptionId, Timestamp,
    approval::{ApprovalDecision, ApprovalState, Disclosure},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::{Problem, csv};

use self::{
    disclosure::{Fields, NAMES},
    preview::{Preview, preview},
};
use super::{
    conflict::{Conflict, Member},
    subscriptions::{
        self,
        seen::{self, Seen},
    },
};
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    list_file::{self, Files},
    page::{PageResult, page, page_with, see_other},
    paging::{self, Paging},
    sink_text::sink_text,
};

/// The path of the list.
const LIST: &str = "/beheer/goedkeuringen";

#[derive(Template)]
#[template(path = "approvals.html")]
struct List<'a> {
    view: &'a View,
    rows: Vec<Request>,
    paging: Paging,
    files: Files,
}

/// The columns of the file.
const COLUMNS: [&str; 8] = ["subscription", "kanaal", "name", "sink", "owner", "contact", "selection", "since"];

#[derive(Template)]
#[template(path = "approval.html")]
struct Detail<'a> {
    view: &'a View,
    request: Request,
    state: &'static str,
    badge: &'static str,
    decision: Option<(String, Timestamp, Option<String>)>,
    /// What leaves: empty for everything.
    attributes: Option<String>,
    has_data: bool,
    seen: Seen,
    /// Which decision was shown, see [`decided`].
    decided: String,
    choices: Vec<Choice>,
    /// The names of attributes that were filled in.
    names: &'a str,
    typed: &'a Typed,
    faults: Vec<Fault>,
    conflict: Option<Conflict>,
    preview: Option<Preview>,
}

impl Detail<'_> {
    /// What is wrong with a field; empty for nothing.
    fn fault(&self, name: &str) -> &str {
        self.faults.iter().find(|(own, _)| *own == name).map_or("", |(_, text)| text.as_str())
    }
}

/// The name of a field, and what is wrong with it.
type Fault = (&'static str, String);

/// Why a form is shown again.
#[derive(Default)]
struct Refused {
    faults: Vec<Fault>,
    /// The subscription was changed, or decided about, after the form was made.
    conflict: Option<Conflict>,
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self { faults, conflict: None }
    }
}

/// What was filled in.
#[derive(Default)]
struct Typed {
    reason: String,
    /// What is disclosed; `None` for a form that was not posted.
    fields: Option<Fields>,
}

impl Typed {
    fn of_form(form: &Form) -> Self {
        Self { reason: form.text("reden").to_owned(), fields: Some(Fields::of_form(form)) }
    }

    /// The reason, if there is one.
    fn reason(&self) -> Option<String> {
        Some(self.reason.clone()).filter(|reason| !reason.is_empty())
    }

    /// What is wrong with the length of the reason.
    fn check_reason(&self, view: &View) -> Option<Fault> {
        self.reason.chars().nth(MAX_REASON).map(|_| ("reden", view.text.approvals.reason_long.to_owned()))
    }

    /// What to disclose, or what is wrong with the names.
    fn disclosure(&self, view: &View) -> Result<DisclosureRequest, Fault> {
        let fields = self.fields.clone().unwrap_or_default();
        fields.request().map_err(|name| (NAMES, (view.text.approvals.names_wrong)(&name)))
    }
}

/// A request for approval.
struct Request {
    id: SubscriptionId,
    path: String,
    kanaal: String,
    subscription_path: String,
    receiver: String,
    name: Option<String>,
    contact: Option<String>,
    owner: String,
    selection: String,
    changed: Timestamp,
}

impl Request {
    fn new(view: &View, kanaal: &str, own: &Subscription) -> Self {
        Self {
            id: own.id,
            path: path_of(kanaal, own.id),
            kanaal: kanaal.to_owned(),
            subscription_path: subscriptions::path_of(own.id),
            receiver: sink_text(&own.sink),
            name: own.name.clone(),
            contact: own.contact.clone(),
            owner: own.owner.clone(),
            selection: view.text.selection.selection(&own.selection),
            changed: own.changed,
        }
    }
}

fn path_of(kanaal: &str, id: SubscriptionId) -> String {
    format!("{LIST}/{}/{id}", utf8_percent_encode(kanaal, NON_ALPHANUMERIC))
}

/// The requests that wait for a decision of the person, the oldest first.
pub async fn list(State(console): State<Console>, view: View) -> PageResult {
    let management = &console.management;
    let mut found: Vec<(Timestamp, Request)> = Vec::new();
    for kanaal in management.list_kanalen() {
        let naam = kanaal.naam.as_str();
        let awaiting = Some(ApprovalFilter::Awaiting);
        match management.list_subscriptions_of_kanaal(&view.actor, naam, awaiting) {
            Ok((_, own)) => found.extend(own.iter().map(|own| (own.changed, Request::new(&view, naam, own)))),
            // The kanaal belongs to somebody else, or was deleted meanwhile.
            Err(Error::Forbidden(_) | Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    found.sort_by_key(|(changed, _)| *changed);
    let found = found.into_iter().map(|(_, request)| request);
    if let Some(form) = list_file::form(&view)? {
        return csv::answer_rows(form, "goedkeuringen", &COLUMNS, found.map(cells)).await;
    }
    let mut rows = paging::part(&view, found);
    let paging = Paging::of(&view, &mut rows);
    page(&List { files: Files::of(&view), view: &view, rows, paging })
}

fn cells(request: Request) -> csv::Row {
    vec![
        request.id.to_string(),
        request.kanaal,
        request.name.unwrap_or_default(),
        request.receiver,
        request.owner,
        request.contact.unwrap_or_default(),
        request.selection,
        request.changed.to_rfc3339(),
    ]
}

/// One request.
pub async fn detail(
    State(console): State<Console>,
    Path((kanaal, id)): Path<(String, String)>,
    view: View,
) -> PageResult {
    let Some(form) = view.kept() else {
        return show(&console, &view, (&kanaal, &id), &Typed::default(), Refused::default()).await;
    };
    let own = find(&console, &view.actor, &kanaal, &id)?;
    let conflict = conflict((&console, &view), &own, &target(&kanaal, &id, form)?, form).await;
    show(&console, &view, (&kanaal, &id), &Typed::of_form(form), conflict.unwrap_or_default()).await
}

/// Shows what would leave with the choice of the form. Nothing is stored.
pub async fn try_out(
    State(console): State<Console>,
    Path((kanaal, id)): Path<(String, String)>,
    view: View,
    form: Form,
) -> PageResult {
    let typed = Typed::of_form(&form);
    let faults: Vec<Fault> = typed.disclosure(&view).err().into_iter().collect();
    show(&console, &view, (&kanaal, &id), &typed, faults.into()).await
}

/// Approves it, with what the form discloses.
pub async fn approve(
    State(console): State<Console>,
    Path((kanaal, id)): Path<(String, String)>,
    view: View,
    form: Form,
) -> PageResult {
    let own = find(&console, &view.actor, &kanaal, &id)?;
    let typed = Typed::of_form(&form);
    let target = target(&kanaal, &id, &form)?;
    if let Some(conflict) = conflict((&console, &view), &own, &target, &form).await {
        return show(&console, &view, (&kanaal, &id), &typed, conflict).await;
    }
    let disclosure = match (typed.check_reason(&view), typed.disclosure(&view)) {
        (None, Ok(disclosure)) => disclosure,
        (fault, disclosure) => {
            let faults: Vec<Fault> = fault.into_iter().chain(disclosure.err()).collect();
            return show(&console, &view, (&kanaal, &id), &typed, faults.into()).await;
        }
    };
    console.management.approve_subscription(&view.actor, &target, disclosure, typed.reason()).await?;
    Ok(see_other(&view, LIST, "goedgekeurd"))
}

/// Rejects it with a reason for the subscriber.
pub async fn reject(
    State(console): State<Console>,
    Path((kanaal, id)): Path<(String, String)>,
    view: View,
    form: Form,
) -> PageResult {
    let own = find(&console, &view.actor, &kanaal, &id)?;
    let typed = Typed::of_form(&form);
    let target = target(&kanaal, &id, &form)?;
    if let Some(conflict) = conflict((&console, &view), &own, &target, &form).await {
        return show(&console, &view, (&kanaal, &id), &typed, conflict).await;
    }
    let missing = || ("reden", view.text.approvals.reason_missing.to_owned());
    let fault = if typed.reason.is_empty() { Some(missing()) } else { typed.check_reason(&view) };
    if let Some(fault) = fault {
        return show(&console, &view, (&kanaal, &id), &typed, vec![fault].into()).await;
    }
    console.management.reject_subscription(&view.actor, &target, typed.reason).await?;
    Ok(see_other(&view, LIST, "afgekeurd"))
}

/// The request as the form showed it: a change after that is refused.
fn target(kanaal: &str, id: &str, form: &Form) -> Result<ApprovalTarget, Problem> {
    let expected = Precondition::Versions(vec![seen::version(form)?]);
    Ok(ApprovalTarget { kanaal: kanaal.to_owned(), subscription: subscriptions::id_of(id)?, expected })
}

/// The conflict of a form with what somebody changed or decided after it was made; `None` without one.
async fn conflict(
    (console, view): (&Console, &View),
    own: &Subscription,
    target: &ApprovalTarget,
    form: &Form,
) -> Option<Refused> {
    let what = view.text.conflict.not_decided;
    let (_, _, decision) = state(view, own, &target.kanaal);
    let versions = seen::versions(form, members(view, own, &target.kanaal));
    let conflict = if target.expected.check(own.changed, true).is_err() {
        Conflict::of_subscription((console, view), own, what, versions).await
    } else if form.text("besluit") != decided(decision) {
        Conflict::of_decision((console, view), own, decision, (what, versions)).await
    } else {
        return None;
    };
    Some(Refused { faults: vec![], conflict: Some(conflict) })
}

/// The moment of a decision, by which a form notices another one; empty for none.
fn decided(decision: Option<&ApprovalDecision>) -> String {
    decision.map(|decision| decision.at.as_micros().to_string()).unwrap_or_default()
}

/// The members that the form shows, with the decision.
fn members(view: &View, own: &Subscription, kanaal: &str) -> Vec<Member> {
    let text = &view.text.approvals;
    let (state, _, decision) = state(view, own, kanaal);
    let decision = decision.map(|own| format!("{} {}", own.by, view.moment(own.at).text));
    let mut members = seen::members(view, own);
    members.push((text.state, state.to_owned()));
    members.push((text.decided_by, decision.unwrap_or_default()));
    members
}

/// The state of an approval in words, its badge, and the decision.
fn state<'a>(
    view: &View,
    own: &'a Subscription,
    kanaal: &str,
) -> (&'static str, &'static str, Option<&'a ApprovalDecision>) {
    let text = &view.text.approvals;
    match own.approvals.iter().find(|entry| entry.kanaal.as_str() == kanaal).map(|entry| &entry.state) {
        None | Some(ApprovalState::Awaiting) => (text.awaiting, "warning", None),
        Some(ApprovalState::Approved(decision)) => (text.approved, "success", Some(decision)),
        Some(ApprovalState::Rejected(decision)) => (text.rejected, "error", Some(decision)),
    }
}

/// The subscription with an approval on a kanaal of the actor. What belongs to others is not there.
fn find(console: &Console, actor: &Actor, kanaal: &str, id: &str) -> Result<Arc<Subscription>, Problem> {
    let id = subscriptions::id_of(id)?;
    let found = console.management.list_subscriptions_of_kanaal(actor, kanaal, None);
    let (kanaal, found) = found.map_err(|error| match error {
        Error::Forbidden(_) => Error::NotFound(Resource::Kanaal),
        other => other,
    })?;
    let asked = |own: &Arc<Subscription>| own.id == id && own.approval(&kanaal.naam).is_some();
    found.into_iter().find(asked).ok_or_else(|| Error::NotFound(Resource::KanaalSubscription).into())
}

async fn show(
    console: &Console,
    view: &View,
    (kanaal, id): (&str, &str),
    typed: &Typed,
    Refused { faults, conflict }: Refused,
) -> PageResult {
    let own = find(console, &view.actor, kanaal, id)?;
    let view = &view.at(&path_of(kanaal, own.id));
    let entry = own.approvals.iter().find(|entry| entry.kanaal.as_str() == kanaal);
    let (state, badge, decision) = state(view, &own, kanaal);
    let disclosed = entry.and_then(|entry| entry.disclose.as_ref());
    let names = |names: &Vec<model::AttributeName>| {
        names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let fields = typed.fields.clone().unwrap_or_else(|| Fields::of(disclosed));
    let tried = match fields.request() {
        Ok(DisclosureRequest::Only(tried)) => tried,
        Ok(DisclosureRequest::Keep) | Err(_) => disclosed.cloned().unwrap_or(Disclosure::ALL),
        Ok(DisclosureRequest::Everything) => Disclosure::ALL,
    };
    let status = match &conflict {
        Some(_) => StatusCode::PRECONDITION_FAILED,
        None if faults.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page_with(
        status,
        &Detail {
            request: Request::new(view, kanaal, &own),
            state,
            badge,
            decision: decision.map(|one| (one.by.clone(), one.at, one.reason.clone())),
            attributes: disclosed.and_then(|disclosed| disclosed.attributes.as_ref()).map(names),
            has_data: disclosed.is_none_or(|disclosed| disclosed.data),
            seen: Seen::with(&own, &members(view, &own, kanaal)),
            decided: decided(decision),
            choices: fields.choices(view),
            names: &fields.names,
            preview: preview(console, view, kanaal, &tried).await?,
            typed,
            faults,
            conflict,
            view,
        },
    )
}
