//! What there is of one address. The address is in the body of a form only: no link, history or log has it. The use case records
//! the reason before anything is read.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use model::{
    Timestamp,
    addressee::{Outcome, StateKind},
};
use people::administration::{Found, MAX_REASON};

use super::administration;
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with},
};

#[derive(Template)]
#[template(path = "to_people_look_up.html")]
struct Page<'a> {
    view: &'a View,
    address: &'a str,
    reason: &'a str,
    faults: Vec<(&'static str, &'static str)>,
    found: Option<Shown>,
}

impl Page<'_> {
    fn fault(&self, field: &str) -> &'static str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
    }
}

/// What was found, in words.
struct Shown {
    address: String,
    is_complete: bool,
    subscriptions: Vec<SubscriptionRow>,
    evidence: Vec<EvidenceRow>,
}

/// A light subscription in the table.
struct SubscriptionRow {
    id: String,
    kanaal: String,
    channel: &'static str,
    language: &'static str,
    owner: String,
    state: &'static str,
    badge: &'static str,
    /// Why it ended; empty for one that has not.
    why: &'static str,
    requested: Timestamp,
    changed: Option<Timestamp>,
    bounces: usize,
}

/// What was sent, in the table.
struct EvidenceRow {
    kanaal: String,
    event: String,
    accepted: Timestamp,
    attempts: u32,
    outcome: &'static str,
    badge: &'static str,
    ended: Option<Timestamp>,
}

/// Asks for the address and the reason.
pub async fn ask(State(console): State<Console>, view: View) -> PageResult {
    administration(&console)?;
    show(&view, ("", ""), vec![], None)
}

/// Looks the address up.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let administration = administration(&console)?;
    let text = &view.text.to_people;
    let (address, reason) = (form.text("adres"), form.text("reden"));
    let mut faults = Vec::new();
    let parsed = people::parse_mailto(&format!("mailto:{address}"));
    if parsed.is_err() {
        faults.push(("adres", text.address_wrong));
    }
    if !(1..=MAX_REASON).contains(&reason.chars().count()) {
        faults.push(("reden", text.reason_wrong));
    } else if !address.is_empty() && reason.to_lowercase().contains(&address.to_lowercase()) {
        faults.push(("reden", text.reason_has_address));
    }
    match parsed {
        Ok(parsed) if faults.is_empty() => {
            let found = administration.look_up(&view.actor, &parsed, reason).await?;
            show(&view, ("", ""), faults, Some(shown(&view, found)))
        }
        _ => show(&view, (address, reason), faults, None),
    }
}

fn show(
    view: &View,
    (address, reason): (&str, &str),
    faults: Vec<(&'static str, &'static str)>,
    found: Option<Shown>,
) -> PageResult {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(status, &Page { view, address, reason, faults, found })
}

fn shown(view: &View, found: Found) -> Shown {
    let text = &view.text.to_people;
    let subscriptions = found.subscriptions.into_iter().map(|own| SubscriptionRow {
        id: own.id.to_string(),
        kanaal: own.kanaal.to_string(),
        channel: (text.channel)(own.channel),
        language: (text.language)(own.language),
        owner: own.owner.unwrap_or_else(|| view.text.common.none.to_owned()),
        state: (text.state)(own.state),
        badge: match own.state {
            StateKind::Unconfirmed => "warning",
            StateKind::Confirmed => "success",
            StateKind::Ended => "neutral",
        },
        why: own.ended.as_ref().map_or("", |reason| (text.ended_by)(reason)),
        requested: own.created,
        changed: own.changed,
        bounces: own.bounces,
    });
    let evidence = found.evidence.into_iter().map(|own| {
        let outcome = own.outcome.map(|(outcome, _)| outcome);
        EvidenceRow {
            kanaal: own.event.kanaal.to_string(),
            event: own.event.id,
            accepted: own.accepted,
            attempts: own.tried.map_or(0, |(attempts, _)| attempts),
            outcome: outcome.map_or(text.under_way, text.outcome),
            badge: match outcome {
                Some(Outcome::Sent | Outcome::Delivered) => "success",
                None | Some(Outcome::Expired | Outcome::Ended) => "neutral",
                Some(Outcome::InDoubt | Outcome::TemporaryFailure) => "warning",
                Some(Outcome::PermanentFailure | Outcome::TechnicalFailure) => "error",
            },
            ended: own.outcome.map(|(_, at)| at),
        }
    });
    Shown {
        subscriptions: subscriptions.collect(),
        evidence: evidence.collect(),
        address: found.address,
        is_complete: found.is_complete,
    }
}
