//! The form of an event or notificatie, its dry run, and publishing it.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{by_hand::Draft, types::TypeFilter};
use web::Problem;

use super::{
    cloudevent::{self, ATTRIBUTES, REQUIRED},
    notificatie::{self, MEMBERS},
    outcome::Outcome,
    problem, published,
};
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with},
    pages::events,
};

/// The value of the button that publishes; any other tries.
const PUBLISH: &str = "publiceren";

/// Most types to choose an example of.
const MOST_TYPES: usize = 500;

#[derive(Template)]
#[template(path = "publish.html")]
struct Publish<'a> {
    view: &'a View,
    is_notificatie: bool,
    kanaal: String,
    first_kanaal: &'static str,
    inputs: Vec<Input<'a>>,
    areas: Vec<Area<'a>>,
    kanalen: Vec<(String, String)>,
    types: Vec<(String, String)>,
    /// The type or kanaal that was filled in.
    example: String,
    /// The fields of a notificatie that are not shown.
    hidden: Vec<(&'static str, String)>,
    faults: Vec<(&'static str, String)>,
    /// Why the gateway refuses it, with the members.
    refusal: Option<(String, Vec<(String, String)>)>,
    outcome: Option<Outcome>,
    /// The page of the event that was published before.
    before: Option<String>,
}

/// A field of one line.
struct Input<'a> {
    name: &'static str,
    about: &'static str,
    value: &'a str,
    is_required: bool,
}

/// A field of several lines.
struct Area<'a> {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: &'a str,
    lines: usize,
}

/// What the form is about.
enum Fields {
    CloudEvent(cloudevent::Fields),
    Notificatie(notificatie::Fields),
}

impl Fields {
    fn read(console: &Console, view: &View, form: &Form) -> Self {
        match form.text("soort") {
            "notificatie" => Self::Notificatie(notificatie::Fields::read(form, console.random.uuid(), view.now)),
            _ => Self::CloudEvent(cloudevent::Fields::read(form)),
        }
    }

    fn draft(&self, view: &View) -> Result<Draft, Vec<(&'static str, String)>> {
        match self {
            Self::CloudEvent(fields) => fields.draft(view),
            Self::Notificatie(fields) => fields.draft(view),
        }
    }

    fn kanaal(&self) -> &str {
        match self {
            Self::CloudEvent(fields) => &fields.kanaal,
            Self::Notificatie(fields) => &fields.kanaal,
        }
    }

    fn inputs(&self, about: fn(&str) -> &'static str) -> Vec<Input<'_>> {
        let all: Vec<(&'static str, &String)> = match self {
            Self::CloudEvent(fields) => ATTRIBUTES.into_iter().zip(&fields.attributes).collect(),
            Self::Notificatie(fields) => MEMBERS.into_iter().zip(&fields.members).collect(),
        };
        let is_required = |name| matches!(self, Self::Notificatie(_)) || REQUIRED.contains(&name);
        all.into_iter()
            .map(|(name, value)| Input { name, about: about(name), value, is_required: is_required(name) })
            .collect()
    }

    fn areas(&self, view: &View) -> Vec<Area<'_>> {
        let text = &view.text.publish;
        let area = |name, (label, hint), value, lines| Area { name, label, hint, value, lines };
        match self {
            Self::CloudEvent(fields) => vec![
                area("uitbreidingen", (text.extensions, text.extensions_hint), &fields.extensions, 3),
                area("data", (text.data, text.data_hint), &fields.data, 12),
            ],
            Self::Notificatie(fields) => {
                vec![area("kenmerken", (text.kenmerken, text.kenmerken_hint), &fields.kenmerken, 5)]
            }
        }
    }
}

impl Publish<'_> {
    /// What is wrong with a field; empty for nothing.
    fn fault(&self, name: &str) -> &str {
        self.faults.iter().find(|(own, _)| *own == name).map_or("", |(_, text)| text)
    }

    fn has_fault(&self) -> bool {
        !self.faults.is_empty() || self.refusal.is_some()
    }
}

/// What is shown around the fields.
#[derive(Default)]
struct Around {
    faults: Vec<(&'static str, String)>,
    refusal: Option<Problem>,
    outcome: Option<Outcome>,
}

/// The form, with the example of a type or the kenmerken of a kanaal.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    if let Some(form) = view.kept() {
        return show(&console, &view, &Fields::read(&console, &view, form), Around::default());
    }
    let management = &console.management;
    let asked = |name: &str| view.parameter(name).unwrap_or_default();
    let fields = if asked("soort") == "notificatie" {
        let kanaal = view.parameter("kenmerken-van").map(|naam| management.find_kanaal(&naam)).transpose()?;
        Fields::Notificatie(notificatie::Fields::start(kanaal.as_deref(), console.random.uuid(), view.now))
    } else {
        let example = view.parameter("voorbeeld").map(|kind| management.find_type(&kind)).transpose()?;
        let id = console.random.uuid().to_string();
        Fields::CloudEvent(cloudevent::Fields::start(&view, id, example.as_ref()))
    };
    show(&console, &view, &fields, Around::default())
}

/// Tries or publishes what the form has.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let fields = Fields::read(&console, &view, &form);
    let draft = match fields.draft(&view) {
        Ok(draft) => draft,
        Err(faults) => return show(&console, &view, &fields, Around { faults, ..Around::default() }),
    };
    let management = &console.management;
    let refused = if form.text("stap") == PUBLISH {
        match management.publish_by_hand(&view.actor, &draft).await {
            Ok(examined) => return Ok(published(&view, &examined)),
            Err(error) => error,
        }
    } else {
        match management.dry_run_by_hand(&view.actor, &draft).await {
            Ok(run) => {
                let outcome = Some(Outcome::new(&console, &view, run));
                return show(&console, &view, &fields, Around { outcome, ..Around::default() });
            }
            Err(error) => error,
        }
    };
    let refusal = problem(refused, view.language);
    if refusal.status.is_server_error() {
        return Err(refusal);
    }
    show(&console, &view, &fields, Around { refusal: Some(refusal), ..Around::default() })
}

fn show(console: &Console, view: &View, fields: &Fields, around: Around) -> PageResult {
    let Around { faults, refusal, outcome } = around;
    let text = &view.text.publish;
    let status = match &refusal {
        Some(refusal) => refusal.status,
        None if faults.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let management = &console.management;
    let same = |name: String| (name.clone(), name);
    let types = management.list_types(&TypeFilter::default());
    let is_notificatie = matches!(fields, Fields::Notificatie(_));
    let example = view.parameter(if is_notificatie { "kenmerken-van" } else { "voorbeeld" });
    let before = view.parameter("bron").zip(view.parameter("id"));
    page_with(
        status,
        &Publish {
            is_notificatie,
            kanaal: fields.kanaal().to_owned(),
            first_kanaal: if is_notificatie { text.choose } else { text.any_kanaal },
            inputs: fields.inputs(text.about),
            areas: fields.areas(view),
            kanalen: management.list_kanalen().iter().map(|kanaal| same(kanaal.naam.to_string())).collect(),
            types: types.into_iter().take(MOST_TYPES).map(|found| same(found.kind)).collect(),
            example: example.unwrap_or_default(),
            hidden: match fields {
                Fields::CloudEvent(_) => vec![],
                Fields::Notificatie(own) => {
                    vec![("nummer", own.id.to_string()), ("gemaakt", own.made.to_rfc3339())]
                }
            },
            refusal: refusal.map(|problem| {
                let members = problem.errors.iter().map(|fault| (fault.member.clone(), fault.rule.clone()));
                (problem.detail.clone(), members.collect())
            }),
            before: before.map(|(source, id)| events::path_of(&source, &id)),
            faults,
            outcome,
            view,
        },
    )
}
