//! `gateway schema`: what `schemas/` is generated from.

use std::process::ExitCode;

use clap::ValueEnum;

use super::Failure;
use crate::{config, openapi};

/// A generated schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// The OpenAPI document of the native API.
    NativeOpenapi,
    /// The JSON Schema of the configuration.
    Config,
}

/// Prints it.
pub fn run(kind: Kind) -> Result<ExitCode, Failure> {
    let document = match kind {
        Kind::NativeOpenapi => openapi::document(),
        Kind::Config => config::schema::document(),
    };
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}
