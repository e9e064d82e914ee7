//! The payload schemas that configuration declares, read from their files. Their rules, and what is withdrawn, are in
//! [`management::declared`].

use std::path::PathBuf;

use management::schemas::SchemaRequest;
use model::{KanaalName, SchemaName};

use crate::config::{self, Config};

/// Why a declared schema cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A file cannot be read.
    #[error("schema {name}: {}: {source}", path.display())]
    File {
        /// The name of the schema.
        name: String,
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A member has a value that it cannot have.
    #[error("schema {name:?}: {rule}")]
    Member {
        /// The name of the schema.
        name: String,
        /// The member and its rule.
        rule: &'static str,
    },
}

/// Every declared schema.
pub fn declared_schemas(config: &Config) -> Result<Vec<SchemaRequest>, SchemaError> {
    config.schema.iter().map(|declared| read(config, declared)).collect()
}

fn read(config: &Config, declared: &config::Schema) -> Result<SchemaRequest, SchemaError> {
    let member = |rule| SchemaError::Member { name: declared.name.clone(), rule };
    let file = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|source| SchemaError::File {
            name: declared.name.clone(),
            path: path.clone(),
            source,
        })
    };
    let name = SchemaName::new(&declared.name).ok_or_else(|| member("its name is not legal"))?;
    let kanaal = declared.kanaal.as_deref().map(KanaalName::new);
    if kanaal == Some(None) {
        return Err(member("kanaal must have 1 to 50 characters"));
    }
    Ok(SchemaRequest {
        uri: declared.uri.clone().unwrap_or_else(|| format!("{}/v1/schemas/{name}", config.own_url())),
        name,
        types: declared.types.clone(),
        kanaal: kanaal.flatten(),
        description: declared.description.clone(),
        example: declared.example_file.as_ref().map(file).transpose()?,
        text: file(&declared.file)?,
    })
}

#[cfg(test)]
mod tests {
    use management::declared::check_schemas;

    use super::*;

    fn checked(config: &Config) -> Result<Vec<SchemaRequest>, String> {
        let schemas = declared_schemas(config).map_err(|error| error.to_string())?;
        check_schemas(&schemas).map_err(|error| error.to_string())?;
        Ok(schemas)
    }

    fn declared(dir: &std::path::Path, more: &str) -> Config {
        let file = dir.join("s.json");
        config::parse(&format!(
            "public_url = \"https://gw.example\"\n[[schema]]\nname = \"zaak\"\nfile = {file:?}\n{more}"
        ))
        .unwrap()
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
            let found = checked(&declared(dir.path(), more));
            match said {
                None => assert_eq!(found.unwrap()[0].uri, "https://gw.example/v1/schemas/zaak"),
                Some(said) => assert!(found.unwrap_err().contains(said), "{text} {more}"),
            }
        }
        std::fs::remove_file(&file).unwrap();
        assert!(checked(&declared(dir.path(), "")).unwrap_err().contains("s.json"));
    }
}
