//! `gateway schema`: what `schemas/` is generated from.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::Value;

use super::Failure;
use crate::{api::zgw, config, inbound::language::Language, openapi};

/// A generated schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// The OpenAPI document of the native API.
    NativeOpenapi,
    /// The OpenAPI document of the Notificaties API.
    NotificatiesOpenapi,
    /// The JSON Schema of the configuration.
    Config,
}

/// Prints it.
pub fn run(kind: Kind) -> Result<ExitCode, Failure> {
    let document = match kind {
        Kind::NativeOpenapi => openapi::document("", Language::Dutch),
        Kind::NotificatiesOpenapi => zgw::openapi::document("/"),
        Kind::Config => config::schema::document(),
    };
    println!("{}", serde_json::to_string_pretty(&sorted(serde_json::to_value(document)?))?);
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
