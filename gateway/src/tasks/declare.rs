//! Reads the state that configuration declares: applicaties, kanalen and payload schemas, with the files it names.
//! Applying it is [`management::declared`]. Subscriptions are applied later, when the engine runs, because changing one needs
//! the progress of its deliveries (`declare_subscriptions`).

use management::{
    Update,
    declared::{self, DeclaredApplicatie, DeclaredState},
    kanalen::{Filters, KanaalRequest},
};
use model::{Kanaal, KanaalName, applicatie::Scope, kanaal::Filterkenmerk, profile::Rules};

use super::{
    declare_schemas::{SchemaError, declared_schemas},
    declare_subscriptions::SubscriptionError,
};
use crate::{
    config::{self, Config},
    own_events,
};

/// How long to wait for a node that decides on changes, and how often.
pub(super) use management::declared::{ATTEMPTS as MAX_ATTEMPTS, WAIT as RETRY_INTERVAL};

/// Why declared state cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// A secret file cannot be read.
    #[error("secret_file {} of applicatie {client_id}: {source}", path.display())]
    SecretFile {
        /// The `client_id` of the applicatie.
        client_id: String,
        /// The path of the file.
        path: std::path::PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A secret is so short that it can be guessed from a token.
    #[error(
        "a secret of applicatie {client_id} has {bytes} bytes, and at least {LEAST_SECRET} are needed: make a new one, for example \
         with openssl rand -base64 32, and set it at the client as well"
    )]
    ShortSecret {
        /// The `client_id` of the applicatie.
        client_id: String,
        /// The length of the secret.
        bytes: usize,
    },
    /// A payload schema cannot be read.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A subscription cannot be used.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// The state was read and could not be applied.
    #[error(transparent)]
    Apply(#[from] declared::DeclareError),
}

/// The declared state without subscriptions.
pub fn declared_state(config: &Config) -> Result<DeclaredState, DeclareError> {
    Ok(DeclaredState {
        revision: config.revision,
        applicaties: declared_applicaties(config)?,
        kanalen: config.kanalen().iter().map(kanaal).collect(),
        default_kanaal: KanaalName::new(&config.default_kanaal),
        schemas: [declared_schemas(config)?, own_events::schemas(config)].concat(),
    })
}

/// The declared applicaties; reads the files with their secrets.
pub fn declared_applicaties(config: &Config) -> Result<Vec<DeclaredApplicatie>, DeclareError> {
    config.applicatie.iter().map(applicatie).collect()
}

fn applicatie(declared: &config::Applicatie) -> Result<DeclaredApplicatie, DeclareError> {
    Ok(DeclaredApplicatie {
        client_id: declared.client_id.clone(),
        secrets: plain_secrets(declared)?,
        scopes: declared.scopes.iter().filter_map(|label| Scope::from_label(label)).collect(),
        source: declared.source.clone(),
    })
}

fn kanaal(declared: &config::Kanaal) -> KanaalRequest {
    KanaalRequest {
        naam: KanaalName::new(&declared.naam),
        documentatie_link: declared.documentatie_link.clone(),
        filters: Filters::Names(declared.filters.clone()),
        type_routes: declared.type_routes.clone(),
        source: declared.source.clone(),
        retention_seconds: declared.retention_days.map(|days| u64::from(days) * 86_400),
        rules: Rules {
            profile: declared.profile.map(Into::into),
            mode: declared.strictness.map(Into::into),
            privacy: declared.privacy.map(Into::into),
        },
        payloads: declared.payload_schemas.into(),
        clearance: Update::Set(declared.clearance.as_ref().map(Into::into)),
        owner: declared.owner.clone().map_or(Update::Keep, |owner| Update::Set(Some(owner))),
        approval: declared.approval.map_or(Update::Keep, Update::Set),
    }
}

/// The kenmerken that a kanaal declares.
pub fn filters(declared: &config::Kanaal) -> Vec<Filterkenmerk> {
    Kanaal::filterkenmerken(declared.filters.iter().cloned())
}

/// The shortest secret of an applicatie, in bytes.
pub const LEAST_SECRET: usize = 16;

/// Every secret of an applicatie: those of its files, then in line, then the others.
pub fn plain_secrets(declared: &config::Applicatie) -> Result<Vec<Vec<u8>>, DeclareError> {
    let mut secrets = Vec::new();
    for path in declared.secret_paths() {
        let failed =
            |source| DeclareError::SecretFile { client_id: declared.client_id.clone(), path: path.clone(), source };
        let text = secrets::read_text(path).map_err(failed)?;
        let secret = text.trim_end();
        if secret.is_empty() {
            // With an empty secret, everybody could sign tokens.
            return Err(failed(std::io::Error::other("it holds no secret")));
        }
        secrets.push(secret.as_bytes().to_vec());
    }
    secrets.extend(declared.secret.iter().chain(&declared.secrets).map(|secret| secret.as_bytes().to_vec()));
    if let Some(short) = secrets.iter().find(|secret| secret.len() < LEAST_SECRET) {
        return Err(DeclareError::ShortSecret { client_id: declared.client_id.clone(), bytes: short.len() });
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use management::declared::Declaration;
    use model::clock::{ManualClock, SeededRandom};
    use secrets::Secrets;
    use storage::{
        Control,
        sqlite::{Embedded, Options},
    };

    use super::*;

    struct Fixture {
        control: Arc<dyn Control>,
        secrets: Secrets,
        clock: Arc<ManualClock>,
        _dir: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::new(model::Timestamp::from_seconds(1_800_000_000)));
            let control = Embedded::open(dir.path(), Options::new(clock.clone())).unwrap().control;
            let secrets = Secrets::open_file(&dir.path().join("key")).unwrap();
            Self { control, secrets, clock, _dir: dir }
        }

        /// Declares a configuration; the number of changes it made.
        async fn declare(&self, text: &str) -> usize {
            let mut changes = self.control.changes();
            let declaration = Declaration {
                control: self.control.as_ref(),
                secrets: &self.secrets,
                clock: self.clock.as_ref(),
                random: &SeededRandom::new(1),
            };
            let state = declared_state(&config::parse(text).unwrap()).unwrap();
            declaration.apply(&state).await.unwrap();
            std::iter::from_fn(|| changes.try_recv().ok()).count()
        }
    }

    const FIRST: &str = r#"
        revision = 2
        [[applicatie]]
        client_id = "a"
        secret = "een lang genoeg geheim"
        scopes = ["notificaties.publiceren"]
        [[kanaal]]
        naam = "zaken"
        filters = ["zaaktype"]
    "#;

    #[tokio::test]
    async fn declaring_twice_changes_nothing_and_an_older_revision_is_left() {
        let place = Fixture::new();
        assert_eq!(place.declare(FIRST).await, 4, "revision, applicatie, kanaal, default kanaal");
        assert_eq!(place.declare(FIRST).await, 0);
        assert_eq!(place.declare(&FIRST.replace("\"een lang", "\"nog een lang")).await, 1);
        assert_eq!(place.declare(&FIRST.replace("zaaktype", "bron").replace("revision = 2", "revision = 3")).await, 3);
        assert_eq!(place.declare(FIRST).await, 0, "revision 3 was declared");
        let registry = place.control.registry();
        assert_eq!(registry.read().kanaal("zaken").unwrap().filters[0].naam, "bron");
    }

    #[tokio::test]
    async fn an_applicatie_that_is_not_declared_is_withdrawn_and_a_kanaal_stays() {
        let place = Fixture::new();
        place.declare(FIRST).await;
        place.declare("revision = 2").await;
        let registry = place.control.registry();
        assert!(registry.read().applicatie("a").is_none());
        assert!(registry.read().kanaal("zaken").is_some());
    }
}
