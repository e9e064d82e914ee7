//! The withdrawal of a schema: what it means, and its name typed as a confirmation.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use management::{Error, Resource, schemas::FoundSchema};
use model::PayloadSchema;
use web::Problem;

use super::withdrawal_of;
use crate::{
    Console, View,
    form::Form,
    page::{PageResult, page_with, see_other},
    pages::types,
};

#[derive(Template)]
#[template(path = "schema_withdraw.html")]
struct Withdraw<'a> {
    view: &'a View,
    schema: &'a PayloadSchema,
    path: String,
    typed: &'a str,
    faults: Vec<(&'static str, String)>,
}

/// The page.
pub async fn handler(State(console): State<Console>, Path(naam): Path<String>, view: View) -> PageResult {
    let schema = own_schema(&console, &view, &naam)?;
    show(&view, &schema, "", vec![])
}

/// Withdraws the schema when its name was typed.
pub async fn post(State(console): State<Console>, Path(naam): Path<String>, view: View, form: Form) -> PageResult {
    let schema = own_schema(&console, &view, &naam)?;
    let typed = form.text("bevestiging");
    if typed != schema.name.as_str() {
        let fault = view.text.schemas.confirm_wrong.to_owned();
        return show(&view, &schema, typed, vec![("bevestiging", fault)]);
    }
    console.management.delete_schema(&view.actor, &naam).await?;
    Ok(see_other(&view, types::PATH, "schema-ingetrokken"))
}

/// The registered schema with this name, if the person may withdraw it.
fn own_schema(console: &Console, view: &View, naam: &str) -> Result<Arc<PayloadSchema>, Problem> {
    match console.management.find_schema(naam)? {
        FoundSchema::Registered(schema) if schema.owner.as_ref().is_some_and(|own| view.actor.may_manage(own)) => {
            Ok(schema)
        }
        FoundSchema::Registered(_) | FoundSchema::BuiltIn(_) => Err(Error::NotFound(Resource::Schema).into()),
    }
}

fn show(view: &View, schema: &PayloadSchema, typed: &str, faults: Vec<(&'static str, String)>) -> PageResult {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let path = withdrawal_of(schema.name.as_str());
    page_with(status, &Withdraw { view: &view.at(&path), schema, path, typed, faults })
}
