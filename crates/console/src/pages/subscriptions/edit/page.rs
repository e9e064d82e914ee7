//! The page with the form.

use askama::Template;
use http::StatusCode;
use model::{Subscription, Timestamp};
use web::Problem;

use super::{
    super::{LIST, path_of},
    event_test::{self, Tested},
    faults::Faults,
    fields::{CHECK, Control, Item, Maker, Section},
    preview::{self, preview},
    read::Reading,
    typed::{SECRETS, Typed},
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with},
    pages::{conflict::Conflict, receiver_report::Report},
    text::subscription_form::Field,
};

#[derive(Template)]
#[template(path = "subscription_form.html")]
struct FormPage<'a> {
    view: &'a View,
    title: &'static str,
    /// Where the form is posted to.
    action: String,
    /// The page to go back to.
    back: String,
    /// The version that is changed.
    version: Option<i64>,
    /// The id of the subscription in the configuration, which may not be changed here.
    declared: Option<&'a str>,
    sections: Vec<Section>,
    faults: Vec<(String, String)>,
    conflict: Option<Conflict>,
    preview: Option<preview::Shown>,
    tested: Option<Tested>,
    /// The id of the event that was tested, and what is wrong with it.
    tested_id: (String, String),
    report: Option<Report>,
}

/// What is shown in the form.
pub struct Shown<'a> {
    /// The subscription that is changed, and the version that the form is made of.
    pub present: Option<(&'a Subscription, Timestamp)>,
    /// The values.
    pub typed: &'a Typed,
    /// The faults.
    pub faults: Faults,
    /// The names of the secrets that were typed.
    pub dropped: Vec<&'static str>,
    /// A change of somebody else meanwhile.
    pub conflict: Option<Conflict>,
    /// What the selection does.
    pub preview: Option<preview::Shown>,
    /// What the selection does with one event.
    pub tested: Option<Tested>,
    /// The id of that event.
    pub tested_id: String,
    /// What a check of the receiver found.
    pub report: Option<Report>,
    /// The rows of which another one was asked for.
    pub more: String,
    /// The status without faults.
    pub status: StatusCode,
}

impl<'a> Shown<'a> {
    /// A form that was not posted.
    pub fn new(typed: &'a Typed) -> Self {
        Self {
            present: None,
            typed,
            faults: Faults::default(),
            dropped: vec![],
            conflict: None,
            preview: None,
            tested: None,
            tested_id: String::new(),
            report: None,
            more: String::new(),
            status: StatusCode::OK,
        }
    }

    /// A posted form that is shown again.
    pub fn again(form: &Form, typed: &'a Typed) -> Self {
        let names = SECRETS.into_iter().chain([Field::HeaderValue]).map(Field::name);
        let is_typed = |name: &&str| form.all(name).any(|value| !value.is_empty());
        let tested_id = form.text(event_test::NAME).to_owned();
        Self { dropped: names.filter(is_typed).collect(), tested_id, ..Self::new(typed) }
    }

    /// A posted form with what its button asked for.
    pub async fn redrawn(
        console: &Console,
        view: &View,
        form: &Form,
        typed: &'a Typed,
        present: Option<(&'a Subscription, Timestamp)>,
    ) -> PageResult {
        let mut shown = Self { present, more: form.text("knop").to_owned(), ..Self::again(form, typed) };
        if shown.more == "voorbeeld" {
            let present = present.map(|(present, _)| present);
            shown.preview = preview((console, view), (form, typed), present, &shown.faults).await?;
        } else if shown.more == event_test::NAME {
            let present = present.map(|(present, _)| present);
            shown.tested = event_test::test((console, view), (form, typed), present, &shown.faults).await?;
        } else if shown.more == CHECK && present.is_none() {
            shown.report = check(console, view, (form, typed), &shown.faults).await?;
        }
        show(console, view, shown)
    }
}

/// Checks the receiver of a form for a new subscription; `None` when it has faults, which are added. No event is sent, and nothing
/// is stored.
async fn check(
    console: &Console,
    view: &View,
    (form, typed): (&Form, &Typed),
    faults: &Faults,
) -> Result<Option<Report>, Problem> {
    let request = Reading { console, view, form, typed, present: None, faults }.request();
    if !faults.is_empty() {
        return Ok(None);
    }
    match console.management.check_new_receiver(&view.actor, typed.get(Field::Owner), request).await {
        Ok(checked) => Ok(Some(Report::new(view, checked))),
        Err(error) => faults.add_error(&view.text.subscription_form, typed, error).map(|()| None),
    }
}

/// The page.
pub fn show(console: &Console, view: &View, shown: Shown<'_>) -> PageResult {
    let text = &view.text.subscription_form;
    let present = shown.present.map(|(present, _)| present);
    let maker = Maker {
        console,
        view,
        present,
        typed: shown.typed,
        faults: &shown.faults,
        dropped: &shown.dropped,
        more: &shown.more,
    };
    let sections = maker.sections();
    let tested_fault = shown.faults.of(event_test::NAME);
    let back = present.map_or_else(|| LIST.to_owned(), |own| path_of(own.id));
    let status = if shown.faults.is_empty() { shown.status } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &FormPage {
            view,
            title: if present.is_some() { text.change } else { text.new },
            action: if present.is_some() { format!("{back}/wijzigen") } else { format!("{LIST}/nieuw") },
            back,
            version: shown.present.map(|(_, version)| version.as_micros()),
            declared: present.and_then(|own| console.management.declared_as(own.id)),
            sections,
            faults: shown.faults.into_list(),
            conflict: shown.conflict,
            preview: shown.preview,
            tested: shown.tested,
            tested_id: (shown.tested_id, tested_fault),
            report: shown.report,
        },
    )
}
