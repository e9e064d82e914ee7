//! The form that registers a schema for types of events. What is typed wrong stays, with what is wrong beside it.

use askama::Template;
use axum::extract::State;
use http::StatusCode;
use management::{
    Error, Fault,
    schemas::{RegisterSchema, rules},
};
use model::{KanaalName, SchemaName};

use super::NEW;
use crate::{
    Console, View,
    choice::Choice,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::types,
};

#[derive(Template)]
#[template(path = "schema_form.html")]
struct SchemaForm<'a> {
    view: &'a View,
    typed: &'a Typed,
    owners: Vec<Choice>,
    kanalen: Vec<Choice>,
    faults: Vec<(&'static str, String)>,
}

impl SchemaForm<'_> {
    /// What is wrong with a field; empty for nothing.
    fn fault(&self, field: &str) -> &str {
        self.faults.iter().find(|(own, _)| *own == field).map_or("", |(_, text)| text.as_str())
    }
}

/// What the fields contain.
#[derive(Debug, Clone, Default)]
struct Typed {
    name: String,
    owner: String,
    uri: String,
    /// One a line.
    types: String,
    kanaal: String,
    description: String,
    example: String,
    schema: String,
}

impl Typed {
    fn read(form: &Form) -> Self {
        let text = |name: &str| form.text(name).replace("\r\n", "\n");
        Self {
            name: text("naam"),
            owner: text("eigenaar"),
            uri: text("dataschema"),
            types: text("typen"),
            kanaal: text("kanaal"),
            description: text("omschrijving"),
            example: text("voorbeeld"),
            schema: text("schema"),
        }
    }

    /// The request, or what is wrong with the fields.
    fn request(&self, view: &View) -> Result<RegisterSchema, Vec<(&'static str, String)>> {
        let text = &view.text.schemas;
        let mut faults = Vec::new();
        let name = SchemaName::new(&self.name);
        if name.is_none() {
            faults.push(("naam", text.name_wrong.to_owned()));
        }
        let kanaal = KanaalName::new(&self.kanaal);
        if kanaal.is_none() && !self.kanaal.is_empty() {
            faults.push(("kanaal", view.text.events.kanaal_wrong.to_owned()));
        }
        let types: Vec<String> =
            self.types.lines().map(str::trim).filter(|kind| !kind.is_empty()).map(str::to_owned).collect();
        if types.is_empty() {
            faults.push(("typen", text.types_missing.to_owned()));
        }
        let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let example = filled(&self.example);
        if self.schema.is_empty() {
            faults.push(("schema", text.schema_missing.to_owned()));
        } else if let Err(fault) = rules::check_text(&self.schema, example.as_deref()) {
            faults.push(at_field(view, &fault));
        }
        match name {
            Some(name) if faults.is_empty() => Ok(RegisterSchema {
                name,
                uri: filled(&self.uri),
                types,
                kanaal,
                description: self.description.clone(),
                example,
                text: self.schema.clone(),
                served_below: format!("{}/v1/schemas/", view.head.public_url),
            }),
            _ => Err(faults),
        }
    }
}

/// The form.
pub async fn handler(State(console): State<Console>, view: View) -> PageResult {
    let typed = view.kept().map(Typed::read).unwrap_or_default();
    show(&console, &view, &typed, vec![])
}

/// Registers the schema.
pub async fn post(State(console): State<Console>, view: View, form: Form) -> PageResult {
    let typed = Typed::read(&form);
    let request = match typed.request(&view) {
        Ok(request) => request,
        Err(faults) => return show(&console, &view, &typed, faults),
    };
    match console.management.register_schema_for(&view.actor, &typed.owner, request).await {
        Ok(schema) => {
            let page = schema.types.first().map_or_else(|| types::PATH.to_owned(), |kind| types::path_of(kind));
            Ok(see_other(&view, &page, "schema-vastgelegd"))
        }
        Err(error) => show(&console, &view, &typed, refused(&view, error)?),
    }
}

/// What a use case refuses, at its field.
fn refused(view: &View, error: Error) -> Result<Vec<(&'static str, String)>, web::Problem> {
    if let Error::Invalid(faults) = &error {
        return Ok(faults.iter().map(|fault| at_field(view, fault)).collect());
    }
    let problem = web::Problem::from(error);
    if problem.status.is_server_error() {
        return Err(problem);
    }
    Ok(vec![("naam", (view.text.kanaal_form.refused)(&problem.detail))])
}

fn at_field(view: &View, fault: &Fault) -> (&'static str, String) {
    let field = match fault.member.as_str() {
        "owner" => "eigenaar",
        "uri" => "dataschema",
        "kanaal" => "kanaal",
        "description" => "omschrijving",
        "example" => "voorbeeld",
        "schema" => "schema",
        member if member.starts_with("types") => "typen",
        _ => "naam",
    };
    let place = if fault.place.is_empty() { String::new() } else { format!(" ({})", fault.place) };
    (field, (view.text.kanaal_form.refused)(&format!("{} {}{place}", fault.member, fault.rule)))
}

fn show(console: &Console, view: &View, typed: &Typed, faults: Vec<(&'static str, String)>) -> PageResult {
    let management = &console.management;
    let same = |name: String| (name.clone(), name);
    let clients = management.list_applicaties(&view.actor).into_iter().map(|own| own.applicatie.client_id.clone());
    let owners = clients.filter(|client_id| view.actor.may_manage(client_id)).map(same);
    let kanalen = management.list_kanalen().into_iter().map(|kanaal| same(kanaal.naam.to_string()));
    let by_routes = [(String::new(), view.text.schemas.by_routes.to_owned())];
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &SchemaForm {
            view: &view.at(NEW),
            typed,
            owners: Choice::list(owners, &typed.owner),
            kanalen: Choice::list(by_routes.into_iter().chain(kanalen), &typed.kanaal),
            faults,
        },
    )
}
