//! The text of an import plan, in Dutch, for the administrator.

use std::fmt::Write;

use super::{
    plan::{Change, Plan, Step},
    source::{Abonnement, Auth, Kanaal},
};

/// The plan, line by line, then what cannot be carried over; `done` when it was applied.
pub fn report(plan: &Plan, notes: &[String], done: bool) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Kanalen ({})", plan.kanalen.len());
    for Step { found: Kanaal { naam, .. }, change } in &plan.kanalen {
        let _ = writeln!(text, "  {:<13} {naam}{}", label(change, done), detail(change));
    }
    let _ = writeln!(text, "Abonnementen ({})", plan.abonnementen.len());
    for Step { found, change } in &plan.abonnementen {
        let Abonnement { uuid, callback_url, .. } = found;
        let _ = writeln!(text, "  {:<13} {uuid} naar {callback_url}{}", label(change, done), detail(change));
    }
    let unknown =
        plan.abonnementen.iter().filter(|step| step.change == Change::Create && step.found.auth == Auth::Unknown);
    let unknown = unknown.count();
    if !notes.is_empty() || unknown > 0 {
        text.push_str("Let op\n");
    }
    for note in notes {
        let _ = writeln!(text, "  {note}");
    }
    if unknown > 0 {
        let _ = writeln!(
            text,
            "  {unknown} abonnement(en) zonder auth: de API van Open Notificaties geeft die niet prijs. Geef het \
             set-up-bestand mee, of zet auth later met PATCH; tot die tijd weigeren ontvangers."
        );
    }
    text
}

fn label(change: &Change, done: bool) -> &'static str {
    match (change, done) {
        (Change::Create, false) => "maken",
        (Change::Create, true) => "gemaakt",
        (Change::Update(_), false) => "bijwerken",
        (Change::Update(_), true) => "bijgewerkt",
        (Change::Same, _) => "ongewijzigd",
        (Change::Refused(_), _) => "KAN NIET",
    }
}

fn detail(change: &Change) -> String {
    match change {
        Change::Update(parts) => format!(" ({})", parts.join(", ")),
        Change::Refused(why) => format!(": {why}"),
        Change::Create | Change::Same => String::new(),
    }
}
