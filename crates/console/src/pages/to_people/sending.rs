//! Pauses what a kanaal sends to people, resumes it, or tries it on a test list (CH-132). Addresses are in the form only; nothing
//! shows them again once it was accepted.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::Right;
use model::{
    audit::{Action, Object, ObjectKind},
    mailing::{SendingChange, SendingState},
};
use people::administration::{Administration, KanaalSending, TrialFault};

use super::{administration, sending_path};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
};

/// The choice.
const CHOICE: &str = "versturen";

/// The addresses of a trial.
const ADDRESSES: &str = "adressen";

/// The box that confirms it.
const CONFIRMATION: &str = "bevestiging";

#[derive(Template)]
#[template(path = "to_people_sending.html")]
struct Page<'a> {
    view: &'a View,
    title: String,
    action: String,
    sending: KanaalSending,
    state: &'static str,
    badge: &'static str,
    may_change: bool,
    choices: Vec<Choice>,
    addresses: String,
    faults: Vec<(&'static str, String)>,
}

impl Page<'_> {
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
    }
}

/// A state that can be chosen.
struct Choice {
    value: &'static str,
    text: &'static str,
    hint: &'static str,
    is_chosen: bool,
}

/// Shows how it sends.
pub async fn ask(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let kanaal = console.management.find_kanaal(&naam)?.naam.clone();
    let sending = administration(&console)?.sending(&kanaal).await?;
    let chosen = Some(sending.state);
    show(&view, sending, chosen, "", Vec::new())
}

/// Changes it, and records that.
pub async fn post(State(console): State<Console>, Path(naam): Path<String>, view: View, form: Form) -> PageResult {
    let kanaal = console.management.find_kanaal(&naam)?.naam.clone();
    let administration = administration(&console)?;
    let (text, typed) = (&view.text.sending, form.text(ADDRESSES));
    let chosen = SendingState::ALL.into_iter().find(|state| state.label() == form.text(CHOICE));
    let mut faults = Vec::new();
    let change = match chosen {
        None => Err((CHOICE, text.nothing_chosen.to_owned())),
        Some(SendingState::Open) => Ok(SendingChange::Open),
        Some(SendingState::Paused) => Ok(SendingChange::Pause),
        Some(SendingState::Trial) => list(administration, typed).map_err(|fault| (ADDRESSES, (text.fault)(&fault))),
    };
    if !form.is_ticked(CONFIRMATION) {
        faults.push((CONFIRMATION, text.not_confirmed.to_owned()));
    }
    let change = match change {
        Ok(change) if faults.is_empty() => change,
        other => {
            faults.extend(other.err());
            let sending = administration.sending(&kanaal).await?;
            return show(&view, sending, chosen, typed, faults);
        }
    };
    let state = administration.change_sending(&kanaal, change).await?.state;
    let object = Object::new(ObjectKind::Kanaal, kanaal.to_string());
    console.web.recorder.record(&view.actor, Action::KanaalSending, object).await?;
    let notice = match state {
        SendingState::Open => "versturen-open",
        SendingState::Paused => "versturen-pauze",
        SendingState::Trial => "versturen-proef",
    };
    Ok(see_other(&view, &sending_path(kanaal.as_str()), notice))
}

/// One address a line.
fn list(administration: &Administration, typed: &str) -> Result<SendingChange, TrialFault> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    administration.trial_list(lines).map(SendingChange::Trial)
}

fn show(
    view: &View,
    sending: KanaalSending,
    chosen: Option<SendingState>,
    typed: &str,
    faults: Vec<(&'static str, String)>,
) -> PageResult {
    let text = &view.text.sending;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |state: SendingState| Choice {
        value: state.label(),
        text: (text.choice)(state),
        hint: (text.hint)(state),
        is_chosen: chosen == Some(state),
    };
    page_with(
        status,
        &Page {
            title: (text.title)(sending.kanaal.as_str()),
            action: sending_path(sending.kanaal.as_str()),
            state: (text.state)(sending.state),
            badge: if sending.state == SendingState::Open { "success" } else { "warning" },
            may_change: view.may(Right::Purge),
            choices: SendingState::ALL.map(choice).into(),
            addresses: typed.to_owned(),
            sending,
            faults,
            view,
        },
    )
}
