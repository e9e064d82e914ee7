//! The request to register a payload schema, by a publisher or by configuration.

use model::{KanaalName, PayloadSchema, SchemaName, Timestamp};

use super::{
    built_in,
    rules::{check_description, check_text, check_type, check_uri},
};
use crate::Fault;

/// Most types that one schema is for.
pub const MAX_TYPES: usize = 20;
/// A requested payload schema. The members are those of [`PayloadSchema`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRequest {
    /// Its name, which no built-in schema has.
    pub name: SchemaName,
    /// See [`PayloadSchema`]: an absolute URI.
    pub uri: String,
    /// See [`PayloadSchema`]: at most [`MAX_TYPES`].
    pub types: Vec<String>,
    /// See [`PayloadSchema`].
    pub kanaal: Option<KanaalName>,
    /// See [`PayloadSchema`].
    pub description: String,
    /// See [`PayloadSchema`].
    pub example: Option<String>,
    /// See [`PayloadSchema`].
    pub text: String,
}

impl SchemaRequest {
    /// Whether the name belongs to a schema that every gateway serves.
    pub fn is_built_in(&self) -> bool {
        built_in(self.name.as_str()).is_some()
    }

    /// Every rule that the request breaks, for publishers and configuration alike.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        faults.extend(check_uri(&self.uri).err().map(|rule| Fault::new("uri", rule)));
        if self.types.len() > MAX_TYPES || self.types.iter().any(String::is_empty) {
            let rule = format!("must be a list of at most {MAX_TYPES} texts that are not empty");
            faults.push(Fault::new("types", rule));
        }
        faults.extend(check_text(&self.text, self.example.as_deref()).err());
        faults
    }

    /// Every further rule that holds for what publishers register, and not for what configuration declares.
    pub(super) fn check_registered(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (at, kind) in self.types.iter().enumerate() {
            let fault = check_type(kind, &self.types[..at]).err();
            faults.extend(fault.map(|rule| Fault::new(format!("types[{at}]"), rule)));
        }
        faults.extend(check_description(&self.description).err().map(|rule| Fault::new("description", rule)));
        faults
    }

    /// The schema, once the request has been checked.
    pub(crate) fn build(self, owner: Option<String>, created: Timestamp) -> PayloadSchema {
        PayloadSchema {
            name: self.name,
            uri: self.uri,
            types: self.types,
            kanaal: self.kanaal,
            description: self.description,
            example: self.example,
            text: self.text,
            owner,
            created,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> SchemaRequest {
        SchemaRequest {
            name: SchemaName::new("zaak").unwrap(),
            uri: "https://gw.example/v1/schemas/zaak".into(),
            types: vec!["nl.a".into()],
            kanaal: None,
            description: String::new(),
            example: None,
            text: "true".into(),
        }
    }

    #[test]
    fn each_broken_rule_is_named() {
        let members = |request: &SchemaRequest| -> Vec<String> {
            let faults = request.check().into_iter().chain(request.check_registered());
            faults.map(|fault| fault.member).collect()
        };
        assert!(members(&request()).is_empty());
        let many = (0..21).map(|number| number.to_string()).collect();
        for (request, expected) in [
            (SchemaRequest { uri: "x".into(), ..request() }, "uri"),
            (SchemaRequest { uri: format!("https://x/{}", "x".repeat(1_000)), ..request() }, "uri"),
            (SchemaRequest { types: many, ..request() }, "types"),
            (SchemaRequest { types: vec![String::new()], ..request() }, "types"),
            (SchemaRequest { types: vec!["a".into(), "a".into()], ..request() }, "types[1]"),
            (SchemaRequest { types: vec!["x".repeat(1_001)], ..request() }, "types[0]"),
            (SchemaRequest { description: "x".repeat(1_001), ..request() }, "description"),
            (SchemaRequest { text: "{".into(), ..request() }, "schema"),
            (SchemaRequest { text: "false".into(), example: Some("1".into()), ..request() }, "example"),
        ] {
            assert_eq!(members(&request), [expected], "{request:?}");
        }
        assert!(!request().is_built_in());
        assert!(SchemaRequest { name: SchemaName::new("notificatie").unwrap(), ..request() }.is_built_in());
    }
}
