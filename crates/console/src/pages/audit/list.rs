//! The list: entries by actor, action, object, result and days, newest first. Who sees the whole trail and who only its
//! own entries is decided by the use case.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{
    Error, Right,
    audit::{AuditQuery, Line},
};
use model::{
    Timestamp,
    audit::{Action, Object, ObjectKind, Verdict},
};

use crate::{
    Console, View, curl,
    days::{self, Days},
    page::{PageResult, page_with},
    paging::{self, Paging},
};

/// The path of the page.
pub const PATH: &str = "/beheer/logboek";

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit<'a> {
    view: &'a View,
    sees_all: bool,
    /// The query of the filter, for those who may export what it matches.
    export: Option<String>,
    asked: Asked,
    actions: Vec<(String, String)>,
    results: Vec<(String, &'static str)>,
    faults: Vec<(&'static str, &'static str)>,
    is_too_broad: bool,
    lines: Vec<Line>,
    paging: Paging,
    curl: String,
}

impl Audit<'_> {
    fn fault(&self, field: &str) -> &'static str {
        self.faults.iter().find(|(name, _)| *name == field).map_or("", |(_, fault)| fault)
    }

    fn badge(result: &str) -> &'static str {
        match result {
            "accepted" => "success",
            "failed" => "error",
            _ => "warning",
        }
    }
}

/// The fields of the filter, as they were filled in.
pub(super) struct Asked {
    actor: String,
    action: String,
    object: String,
    result: String,
    from: String,
    until: String,
}

impl Asked {
    pub(super) fn read(view: &View) -> Self {
        let text = |name| view.parameter(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        Self {
            actor: text("actor"),
            action: text("actie"),
            object: text("object"),
            result: text("uitkomst"),
            from: text("van"),
            until: text("tot"),
        }
    }

    /// The fields as the query of a link.
    fn link(&self) -> String {
        let fields = [
            ("actor", &self.actor),
            ("actie", &self.action),
            ("object", &self.object),
            ("uitkomst", &self.result),
            ("van", &self.from),
            ("tot", &self.until),
        ];
        let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish()
    }

    /// The query, or the fields with a fault.
    pub(super) fn query(&self, view: &View) -> Result<AuditQuery, Vec<(&'static str, &'static str)>> {
        let texts = &view.text.audit;
        let mut faults = Vec::new();
        if !self.action.is_empty() && !actions().contains(self.action.as_str()) {
            faults.push(("actie", texts.not_in_list));
        }
        if !self.result.is_empty() && !Verdict::LABELS.contains(&self.result.as_str()) {
            faults.push(("uitkomst", texts.not_in_list));
        }
        let Days { from, until } = days::days(view, (&self.from, &self.until), &mut faults);
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let query = AuditQuery {
            actor: text(&self.actor),
            action: text(&self.action),
            object: text(&self.object),
            object_kind: None,
            result: text(&self.result),
            from,
            until,
        };
        if faults.is_empty() { Ok(query) } else { Err(faults) }
    }
}

/// The labels of all actions, and the words before their dots.
fn actions() -> BTreeSet<&'static str> {
    let labels = Action::ALL.into_iter().map(Action::label);
    labels.flat_map(|label| [Some(label), label.split_once('.').map(|(group, _)| group)]).flatten().collect()
}

/// The text of the choice of an action.
fn choice(view: &View, code: &str) -> String {
    view.text.audit_words.actions(code).map_or_else(|| code.to_owned(), |words| format!("{words} ({code})"))
}

/// The same list of the native API.
fn command(view: &View, asked: &Asked) -> String {
    let Days { from, until } = days::days(view, (&asked.from, &asked.until), &mut Vec::new());
    let moment = |moment: Option<Timestamp>| moment.map(Timestamp::to_rfc3339).unwrap_or_default();
    let (from, until) = (moment(from), moment(until));
    let parameters = [
        ("actor", asked.actor.as_str()),
        ("action", asked.action.as_str()),
        ("object", asked.object.as_str()),
        ("result", asked.result.as_str()),
        ("from", from.as_str()),
        ("until", until.as_str()),
    ];
    curl::command(view, "/v1/audit", &parameters)
}

/// The page.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let asked = Asked::read(&view);
    let (mut lines, mut is_too_broad, mut faults) = (Vec::new(), false, Vec::new());
    match asked.query(&view) {
        Ok(query) => match console.management.list_audit(&view.actor, &query, paging::page(&view)).await {
            Ok(found) => lines = found,
            Err(Error::TooBroad(_)) => is_too_broad = true,
            Err(error) => return Err(error.into()),
        },
        Err(found) => faults = found,
    }
    if faults.is_empty() && !is_too_broad {
        let object = Object::new(ObjectKind::Audit, "");
        console.web.recorder.record(&view.actor, Action::AuditView, object).await?;
    }
    let paging = Paging::of(&view, &mut lines);
    let status = if faults.is_empty() && !is_too_broad { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let texts = &view.text.audit;
    let curl = command(&view, &asked);
    page_with(
        status,
        &Audit {
            view: &view,
            sees_all: view.may(Right::SeeAudit),
            export: view.may(Right::ExportAudit).then(|| asked.link()),
            asked,
            actions: actions().into_iter().map(|code| (code.to_owned(), choice(&view, code))).collect(),
            results: Verdict::LABELS.into_iter().map(|label| (label.to_owned(), (texts.verdict)(label))).collect(),
            faults,
            is_too_broad,
            lines,
            paging,
            curl,
        },
    )
}
