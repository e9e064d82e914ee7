//! Rules of single members of a requested kanaal. An API checks them while it reads a body, so that one answer names every
//! fault; the use cases check them again, whoever calls.

use model::{
    AttributeName, Event, Value,
    kanaal::{Filterkenmerk, RESERVED_ATTRIBUTES},
};

use super::FilterRequest;

/// Longest `source`, in characters.
const MAX_SOURCE: usize = 1_000;
/// Longest `client_id` of an owner, in characters.
const MAX_OWNER: usize = 100;
/// Longest name of a filter, in characters.
const MAX_FILTER: usize = 100;

/// Checks the name of a kenmerk.
///
/// # Errors
/// The rule it breaks.
pub fn check_filter_name(naam: &str) -> Result<(), String> {
    if naam.is_empty() || naam.chars().nth(MAX_FILTER).is_some() {
        return Err(format!("must have 1 to {MAX_FILTER} characters"));
    }
    Ok(())
}

/// Gives a requested kenmerk its attribute, after the kenmerken `before` it.
///
/// # Errors
/// The rule it breaks: a name that leaves no attribute, an attribute that is reserved or belongs to an earlier kenmerk
/// (MAP-12).
pub fn kenmerk(request: &FilterRequest, before: &[Filterkenmerk]) -> Result<Filterkenmerk, String> {
    let naam = &request.naam;
    check_filter_name(naam)?;
    let Some(attribute) = request.attribute.clone().or_else(|| AttributeName::from_free_text(naam)) else {
        return Err("leaves no letter or digit for an attribute: give an alias".to_owned());
    };
    if RESERVED_ATTRIBUTES.contains(&attribute.as_str()) {
        return Err(format!("becomes the attribute {attribute}, which has a meaning of its own: give an alias"));
    }
    if before.iter().any(|other| other.attribute.as_ref() == Some(&attribute)) {
        return Err(format!("becomes the attribute {attribute}, as an earlier filter does: give an alias"));
    }
    Ok(Filterkenmerk { naam: naam.clone(), attribute: Some(attribute) })
}

/// Checks what fills in `source` of events, by the rule for that attribute.
///
/// # Errors
/// The rule it breaks.
pub fn check_source(text: &str) -> Result<(), String> {
    let attributes = [("id", "1"), ("source", text), ("type", "t")];
    let attributes = attributes.map(|(name, text)| Some((AttributeName::new(name).ok()?, Value::text(text).ok()?)));
    let attributes = attributes.into_iter().collect::<Option<Vec<_>>>();
    let is_source = attributes.is_some_and(|attributes| Event::new(attributes, None).is_ok());
    if !is_source || text.chars().nth(MAX_SOURCE).is_some() {
        return Err("must be a URI-reference (RFC 3986)".to_owned());
    }
    Ok(())
}

/// Checks the `client_id` of an owner.
///
/// # Errors
/// The rule it breaks.
pub fn check_owner(owner: &str) -> Result<(), String> {
    if owner.chars().nth(MAX_OWNER).is_some() {
        return Err(format!("must have at most {MAX_OWNER} characters"));
    }
    Ok(())
}
