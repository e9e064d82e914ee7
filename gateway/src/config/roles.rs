//! Key `roles`: the work of a node in a cluster. The routes and tasks of each role are in `router` and `start`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Config, ConfigError};

/// Something that a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes events in.
    Ingest,
    /// Delivers events, and asks subscribers for consent.
    Deliver,
    /// Serves everything that is not publishing, keeps the searchable journal, and removes what is old.
    Beheer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Deliver, Self::Beheer];

    /// The word of the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Deliver => "deliver",
            Self::Beheer => "beheer",
        }
    }
}

impl From<web::Role> for Role {
    fn from(role: web::Role) -> Self {
        match role {
            web::Role::Ingest => Self::Ingest,
            web::Role::Beheer => Self::Beheer,
        }
    }
}

impl Config {
    /// Whether this node has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub(super) fn validate_roles(&self) -> Result<(), ConfigError> {
        let fail = |why: &str| Err(ConfigError::Value { key: "roles".to_owned(), why: why.to_owned() });
        if self.roles.is_empty() {
            return fail("must name at least one of ingest, deliver and beheer");
        }
        if self.kafka.is_none() && !Role::ALL.iter().all(|role| self.has(*role)) {
            return fail(
                "must be all of ingest, deliver and beheer on the embedded file, which one gateway uses alone",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn fewer_roles_need_kafka() {
        let kafka = "[secrets]\nkey_file = \"key\"\n[kafka]\nbrokers = \"localhost:9092\"\n";
        for (text, good) in [
            (String::new(), true),
            ("roles = [\"beheer\", \"deliver\", \"ingest\"]".to_owned(), true),
            ("roles = [\"ingest\"]".to_owned(), false),
            ("roles = []".to_owned(), false),
            ("roles = [\"admin\"]".to_owned(), false),
            (format!("roles = [\"ingest\"]\n{kafka}"), true),
            (format!("roles = []\n{kafka}"), false),
        ] {
            let parsed = parse(&text);
            assert_eq!(parsed.is_ok(), good, "{text}: {:?}", parsed.err());
        }
    }
}
