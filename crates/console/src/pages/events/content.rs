//! The payload of an event: hidden until a person with the right asks for it with a purpose. Each view is recorded before the
//! payload is shown. Numbers that may be a BSN stay hidden until they are asked for, which is recorded too.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use model::{
    audit::{Action, Object, ObjectKind},
    event::Data,
};

use super::path_of;
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    mask::masked,
    page::{PageResult, page_with},
};

/// The field that asks for a file.
const DOWNLOAD: &str = "download";

/// Most characters of an explanation.
const MAX_EXPLANATION: usize = 500;

/// Most characters of a payload on a page.
const MAX_SHOWN: usize = 100_000;

#[derive(Template)]
#[template(path = "event_content.html")]
struct Content<'a> {
    view: &'a View,
    path: String,
    id: &'a str,
    purposes: Vec<Choice>,
    purpose: &'a str,
    explanation: &'a str,
    faults: Vec<(&'static str, String)>,
    payload: Option<Payload>,
    /// Whether numbers that may be a BSN are shown.
    is_unmasked: bool,
}

impl Content<'_> {
    /// What is wrong with a field; empty for nothing.
    fn fault(&self, name: &str) -> &str {
        self.faults.iter().find(|(own, _)| *own == name).map_or("", |(_, text)| text)
    }
}

/// A payload as shown.
enum Payload {
    /// There is none, or the person does not get it.
    Absent,
    /// So many bytes that are no text.
    Binary(usize),
    /// Text.
    Text { text: String, masked: usize, is_cut: bool },
}

/// Asks for the purpose.
pub async fn ask(State(console): State<Console>, Path((source, id)): Path<(String, String)>, view: View) -> PageResult {
    console.management.read_event(&view.actor, &id, Some(source.clone())).await?;
    let typed = |name| view.kept().map_or("", |form| form.text(name));
    show(&view, (&source, &id), (typed("doel"), typed("toelichting")), vec![], None, false)
}

/// Records the view and shows the payload.
pub async fn post(
    State(console): State<Console>,
    Path((source, id)): Path<(String, String)>,
    view: View,
    form: Form,
) -> PageResult {
    let shown = console.management.read_event(&view.actor, &id, Some(source.clone())).await?;
    let text = &view.text.event_content;
    let (purpose, explanation) = (form.text("doel"), form.text("toelichting"));
    let mut faults = Vec::new();
    if !text.purposes.iter().any(|(value, _)| *value == purpose) {
        faults.push(("doel", text.purpose_wrong.to_owned()));
    }
    if explanation.is_empty() || explanation.chars().nth(MAX_EXPLANATION).is_some() {
        faults.push(("toelichting", text.explanation_wrong.to_owned()));
    }
    if !faults.is_empty() {
        return show(&view, (&source, &id), (purpose, explanation), faults, None, false);
    }
    let unmask = form.is_ticked("onverborgen");
    let suffix = if unmask { " (onverborgen)" } else { "" };
    let download = if form.is_ticked(DOWNLOAD) { " (download)" } else { "" };
    let reason = format!("{purpose}: {explanation}{suffix}{download}");
    let object = Object::new(ObjectKind::Event, &id);
    console.web.recorder.record_with_reason(&view.actor, Action::EventView, object, &reason).await?;
    if form.is_ticked(DOWNLOAD) {
        return Ok(file(shown.accepted.event.data(), unmask));
    }
    let payload = match shown.accepted.event.data() {
        None => Payload::Absent,
        Some(Data::Binary(bytes)) => Payload::Binary(bytes.len()),
        Some(Data::Json(bytes) | Data::Text(bytes)) => text_of(&String::from_utf8_lossy(bytes), unmask),
    };
    show(&view, (&source, &id), (purpose, explanation), vec![], Some(payload), unmask)
}

/// The payload as a file. Numbers that may be a BSN are hidden in it as they are on the page.
fn file(data: Option<&Data>, unmask: bool) -> Response {
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if unmask { text.into_owned() } else { masked(&text).0 }
    };
    let (name, bytes) = match data {
        None => ("inhoud.txt", vec![]),
        Some(Data::Json(bytes)) => ("inhoud.json", text(bytes).into_bytes()),
        Some(Data::Text(bytes)) => ("inhoud.txt", text(bytes).into_bytes()),
        Some(Data::Binary(bytes)) => ("inhoud.bin", bytes.to_vec()),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "application/octet-stream".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

fn text_of(text: &str, unmask: bool) -> Payload {
    let (text, masked) = if unmask { (text.to_owned(), 0) } else { masked(text) };
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => Payload::Text { text: text[..at].to_owned(), masked, is_cut: true },
        None => Payload::Text { text, masked, is_cut: false },
    }
}

fn show(
    view: &View,
    (source, id): (&str, &str),
    (purpose, explanation): (&str, &str),
    faults: Vec<(&'static str, String)>,
    payload: Option<Payload>,
    is_unmasked: bool,
) -> PageResult {
    let text = &view.text.event_content;
    let choose = [("", text.choose)];
    let purposes = Choice::list(choose.into_iter().chain(text.purposes.iter().copied()), purpose);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &Content { view, path: path_of(source, id), id, purposes, purpose, explanation, faults, payload, is_unmasked },
    )
}
