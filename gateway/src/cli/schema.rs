//! `gateway schema`: prints a schema as JSON, or a page of `docs/` as Markdown: problem types, outcomes of deliveries, sizing. The
//! generated files of `schemas/` and `docs/` come from it; the description of the Notificaties API is written by hand and only converted here.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::Value;
use web::language::Language;

use super::Failure;
use crate::cli::output::{out, outln};
use crate::config;

/// A schema that can be printed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// The OpenAPI document of the native API.
    NativeOpenapi,
    /// The OpenAPI document of the Notificaties API.
    NotificatiesOpenapi,
    /// The JSON Schema of the configuration.
    Config,
    /// The list of problem types, in Markdown.
    ProblemTypes,
    /// What follows from each answer of a webhook, in Markdown.
    DeliveryOutcomes,
    /// What loads need, with the formula, in Markdown.
    Sizing,
}

/// Prints it.
pub fn run(kind: Kind) -> Result<ExitCode, Failure> {
    let document = match kind {
        Kind::NativeOpenapi => api_native::openapi::document("", Language::Dutch),
        Kind::NotificatiesOpenapi => api_zgw::openapi::document("/"),
        Kind::Config => config::schema::document(),
        Kind::ProblemTypes => {
            out!("{}", web::problem::kind::table());
            return Ok(ExitCode::SUCCESS);
        }
        Kind::DeliveryOutcomes => {
            out!("{}", channel_webhook::outcomes::page());
            return Ok(ExitCode::SUCCESS);
        }
        Kind::Sizing => {
            outln!("{}", sizing::page());
            return Ok(ExitCode::SUCCESS);
        }
    };
    outln!("{}", serde_json::to_string_pretty(&sorted(serde_json::to_value(document)?))?);
    Ok(ExitCode::SUCCESS)
}

/// The document with members in order of name, whatever order the JSON library was built to keep.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}
