//! The payload schemas that configuration declares: read from their files and checked. What is not declared any more is
//! withdrawn; schemas that publishers registered are left alone.

use std::{collections::BTreeSet, path::PathBuf};

use model::{KanaalName, PayloadSchema, Registry, SchemaName, Timestamp, decide::Command};

use crate::{
    api::v1::schemas::{
        input::{MAX_TYPES, check, is_uri},
        read,
    },
    config::{self, Config},
    inbound::public_url::own_url,
    problem::Fault,
};

/// Why a declared schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A file cannot be read.
    #[error("schema {name}: {}: {source}", path.display())]
    File {
        /// Whose.
        name: String,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The schema or its example breaks a rule.
    #[error("schema {name}: {member} {rule} (at {place:?})")]
    Unusable {
        /// Which.
        name: String,
        /// `schema` or `example`.
        member: String,
        /// The rule.
        rule: String,
        /// The place, as a JSON pointer that begins with the member.
        place: String,
    },
    /// Another member breaks a rule.
    #[error("schema {name:?}: {why}")]
    Member {
        /// Which.
        name: String,
        /// The rule.
        why: String,
    },
}

/// Every declared schema, registered at this moment.
pub fn schemas(config: &Config, now: Timestamp) -> Result<Vec<PayloadSchema>, SchemaError> {
    let mut names = BTreeSet::new();
    config
        .schema
        .iter()
        .map(|declared| {
            if !names.insert(&declared.name) {
                return Err(member(declared, "its name is there twice"));
            }
            one(config, declared, now)
        })
        .collect()
}

/// What has to be changed for the registry to hold these declared schemas and no others.
pub fn commands(registry: &Registry, wanted: Vec<PayloadSchema>) -> Vec<Command> {
    let is_declared = |name: &SchemaName| wanted.iter().any(|schema| schema.name == *name);
    let withdrawn = registry.schemas().filter(|present| present.owner.is_none() && !is_declared(&present.name));
    let mut commands: Vec<Command> = withdrawn.map(|present| Command::DeleteSchema(present.name.clone())).collect();
    for mut schema in wanted {
        if let Some(present) = registry.schema(schema.name.as_str()) {
            schema.created = present.created;
            if **present == schema {
                continue;
            }
        }
        commands.push(Command::DeclareSchema(Box::new(schema)));
    }
    commands
}

fn one(config: &Config, declared: &config::Schema, now: Timestamp) -> Result<PayloadSchema, SchemaError> {
    let name = SchemaName::new(&declared.name).filter(|name| read::own(name.as_str()).is_none());
    let name = name.ok_or_else(|| member(declared, "its name is not legal, or is one of the gateway's own schemas"))?;
    let uri = declared.uri.clone().unwrap_or_else(|| format!("{}/v1/schemas/{name}", own_url(config)));
    if !is_uri(&uri) {
        return Err(member(declared, "uri must be an absolute URI"));
    }
    if declared.types.len() > MAX_TYPES || declared.types.iter().any(String::is_empty) {
        return Err(member(declared, &format!("types must hold at most {MAX_TYPES}, none empty")));
    }
    let kanaal = declared
        .kanaal
        .as_deref()
        .map(|naam| KanaalName::new(naam).ok_or_else(|| member(declared, "kanaal must have 1 to 50 characters")));
    let file = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|source| SchemaError::File {
            name: declared.name.clone(),
            path: path.clone(),
            source,
        })
    };
    let text = file(&declared.file)?;
    let example = declared.example_file.as_ref().map(file).transpose()?;
    check(&text, example.as_deref()).map_err(|Fault { member, rule, pointer }| SchemaError::Unusable {
        name: declared.name.clone(),
        member,
        rule,
        place: pointer.unwrap_or_default(),
    })?;
    Ok(PayloadSchema {
        name,
        uri,
        types: declared.types.clone(),
        kanaal: kanaal.transpose()?,
        description: declared.description.clone(),
        example,
        text,
        owner: None,
        created: now,
    })
}

fn member(declared: &config::Schema, why: &str) -> SchemaError {
    SchemaError::Member { name: declared.name.clone(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(dir: &std::path::Path, more: &str) -> Config {
        let file = dir.join("s.json");
        config::parse(&format!(
            "public_url = \"https://gw.example\"\n[[schema]]\nname = \"zaak\"\nfile = {file:?}\n{more}"
        ))
        .unwrap()
    }

    #[test]
    fn declaring_again_changes_nothing_and_what_is_gone_is_withdrawn() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s.json"), r#"{"type": "object"}"#).unwrap();
        let config = declared(dir.path(), "types = [\"nl.a\"]");
        let mut registry = Registry::default();
        let mut declare = |config: &Config, at: i64| {
            let commands = commands(&registry, schemas(config, Timestamp::from_seconds(at)).unwrap());
            for command in commands.clone() {
                for change in model::decide::decide(&registry, command).unwrap() {
                    registry.apply(&change);
                }
            }
            commands.len()
        };
        assert_eq!((declare(&config, 1), declare(&config, 2)), (1, 0));
        std::fs::write(dir.path().join("s.json"), r#"{"type": "array"}"#).unwrap();
        assert_eq!(declare(&config, 3), 1, "a changed file replaces what was declared");
        assert_eq!(declare(&Config::default(), 4), 1);
        assert_eq!(registry.schemas().len(), 0);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.json");
        let example = dir.path().join("e.json");
        std::fs::write(&example, "1").unwrap();
        let with_example = format!("example_file = {example:?}");
        let twice = format!("[[schema]]\nname = \"zaak\"\nfile = {file:?}");
        for (text, more, said) in [
            (r#"{"type": "object"}"#, "", None),
            (r#"{"type": "text"}"#, "", Some("/schema/type")),
            (r#"{"type": "string"}"#, with_example.as_str(), Some("example does not fit")),
            ("true", "uri = \"x\"", Some("uri must")),
            ("true", "types = [\"\"]", Some("types must")),
            ("true", "kanaal = \"\"", Some("kanaal must")),
            ("true", twice.as_str(), Some("twice")),
        ] {
            std::fs::write(&file, text).unwrap();
            let found = schemas(&declared(dir.path(), more), Timestamp::default());
            match said {
                None => assert_eq!(found.unwrap()[0].uri, "https://gw.example/v1/schemas/zaak"),
                Some(said) => assert!(found.unwrap_err().to_string().contains(said), "{text} {more}"),
            }
        }
        std::fs::remove_file(&file).unwrap();
        let missing = schemas(&declared(dir.path(), ""), Timestamp::default());
        assert!(missing.unwrap_err().to_string().contains("s.json"));
    }
}
