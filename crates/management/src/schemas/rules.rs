//! Rules of single members of a requested schema. An API checks them while it reads a body, so that one answer names every
//! fault; the use cases check them again, whoever calls.

use model::{AttributeName, Value, event::check_attribute};
use publishing::payload::schema::{SchemaFault, check_example, compile};

use crate::Fault;

/// Longest URI in bytes, and longest type and description in characters.
const MAX_TEXT: usize = 1_000;

/// Checks that a text may be a `dataschema`.
///
/// # Errors
/// The rule it breaks.
pub fn check_uri(text: &str) -> Result<(), String> {
    let name = AttributeName::new("dataschema");
    let is_uri =
        name.is_ok_and(|name| Value::text(text).is_ok_and(|value| check_attribute(name.as_str(), &value).is_ok()));
    if !is_uri || text.len() > MAX_TEXT {
        return Err("must be an absolute URI (RFC 3986), as dataschema is".to_owned());
    }
    Ok(())
}

/// Checks a type that a publisher registers a schema for, after the types `before` it.
///
/// # Errors
/// The rule it breaks.
pub fn check_type<T: AsRef<str>>(text: &str, before: &[T]) -> Result<(), String> {
    if text.chars().nth(MAX_TEXT).is_some() || before.iter().any(|other| other.as_ref() == text) {
        return Err(format!("must be there once, with at most {MAX_TEXT} characters"));
    }
    Ok(())
}

/// Checks the description of a schema that a publisher registers.
///
/// # Errors
/// The rule it breaks.
pub fn check_description(text: &str) -> Result<(), String> {
    if text.chars().nth(MAX_TEXT).is_some() {
        return Err(format!("must have at most {MAX_TEXT} characters"));
    }
    Ok(())
}

/// Checks that `schema` is a JSON Schema that can be used, and that `example` fits it.
///
/// # Errors
/// The first rule that one of them breaks, with member `schema` or `example` and the place in it.
pub fn check_text(schema: &str, example: Option<&str>) -> Result<(), Fault> {
    let validator = compile(schema).map_err(|fault| named("schema", fault))?;
    let Some(example) = example else { return Ok(()) };
    check_example(&validator, example).map_err(|fault| named("example", fault))
}

fn named(member: &str, fault: SchemaFault) -> Fault {
    Fault::new(member, fault.rule).at(fault.pointer.unwrap_or_default())
}
