//! Declares payload schemas, and withdraws those that are no longer declared. Schemas that publishers registered are left
//! alone.

use model::{PayloadSchema, Registry, SchemaName, Timestamp, decide::Command};

use super::{Declaration, DeclareError, SchemaFault};
use crate::{Fault, schemas::SchemaRequest};

impl Declaration<'_> {
    /// The schemas must have been checked.
    pub(super) async fn declare_schemas(&self, declared: &[SchemaRequest]) -> Result<(), DeclareError> {
        let now = self.clock.now();
        let commands = commands(&self.control.registry().read(), declared, now);
        for command in commands {
            self.submit(command).await?;
        }
        Ok(())
    }
}

/// Checks declared schemas; the first rule that one breaks.
pub fn check(declared: &[SchemaRequest]) -> Result<(), SchemaFault> {
    for (at, schema) in declared.iter().enumerate() {
        let fault = if declared[..at].iter().any(|earlier| earlier.name == schema.name) {
            Some(Fault::new("name", "is there twice"))
        } else if schema.is_built_in() {
            Some(Fault::new("name", "is the one of a schema of the gateway itself"))
        } else {
            schema.check().into_iter().next()
        };
        if let Some(fault) = fault {
            return Err(SchemaFault { name: schema.name.to_string(), fault });
        }
    }
    Ok(())
}

/// The commands after which the registry holds these declared schemas and no others.
fn commands(registry: &Registry, declared: &[SchemaRequest], now: Timestamp) -> Vec<Command> {
    let is_declared = |name: &SchemaName| declared.iter().any(|schema| schema.name == *name);
    let withdrawn = registry.schemas().filter(|present| present.owner.is_none() && !is_declared(&present.name));
    let mut commands: Vec<Command> = withdrawn.map(|present| Command::DeleteSchema(present.name.clone())).collect();
    commands.extend(declared.iter().filter_map(|schema| {
        let present = registry.schema(schema.name.as_str());
        let created = present.map_or(now, |present| present.created);
        let schema: PayloadSchema = schema.clone().build(None, created);
        let is_same = present.is_some_and(|present| **present == schema);
        (!is_same).then(|| Command::DeclareSchema(Box::new(schema)))
    }));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> SchemaRequest {
        SchemaRequest {
            name: SchemaName::new("zaak").unwrap(),
            uri: "https://gw.example/v1/schemas/zaak".into(),
            types: vec!["nl.a".into()],
            kanaal: None,
            description: String::new(),
            example: None,
            text: text.into(),
        }
    }

    #[test]
    fn declaring_again_changes_nothing_and_what_is_gone_is_withdrawn() {
        let mut registry = Registry::default();
        let mut declare = |declared: &[SchemaRequest], at: i64| {
            let commands = commands(&registry, declared, Timestamp::from_seconds(at));
            for command in commands.clone() {
                for change in model::decide::decide(&registry, command).unwrap() {
                    registry.apply(&change);
                }
            }
            commands.len()
        };
        let one = [declared(r#"{"type": "object"}"#)];
        assert_eq!((declare(&one, 1), declare(&one, 2)), (1, 0));
        assert_eq!(declare(&[declared(r#"{"type": "array"}"#)], 3), 1, "another text replaces what was declared");
        assert_eq!(declare(&[], 4), 1);
        assert_eq!(registry.schemas().len(), 0);
    }
}
