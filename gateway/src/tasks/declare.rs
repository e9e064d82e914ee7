//! Applies the state that configuration declares: applicaties, kanalen and schemas. Subscriptions follow when there is an
//! engine that knows where their deliveries are (`declare_subscriptions`).
//!
//! It is idempotent, and may be done by several nodes at once: what another one did meanwhile is looked at again. Kanalen that are not declared are left alone (publishers register their own); applicaties that
//! are not declared any more are withdrawn, since configuration is the only place they come from.

use std::time::Duration;

use model::{
    Clock, Kanaal, KanaalName, Random, Registry,
    applicatie::{Applicatie, Scope},
    decide::{Command, Rejection},
    kanaal::Filterkenmerk,
    profile::Rules,
};
use storage::Control;

use super::{
    declare_schemas::{SchemaError, commands, schemas},
    declare_subscriptions::SubscriptionError,
};
use crate::{
    config::{self, Config},
    secrets::{self, Secrets},
};

/// How long to wait for somebody who decides on changes, and how often.
pub(super) const AGAIN: Duration = Duration::from_secs(1);
pub(super) const TRIES: u32 = 30;

/// Why declared state cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// Storage cannot take it.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// A secret file cannot be read.
    #[error("secret_file {} of applicatie {client_id}: {source}", path.display())]
    SecretFile {
        /// Whose.
        client_id: String,
        /// Which.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The secrets that are stored are not of our key.
    #[error(
        "{0}: all nodes share one key file (secrets.key_file), and this is another one; to change the key, put the new one above \
         the old in the file of every node"
    )]
    OtherKey(secrets::Error),
    /// A payload schema cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A subscription cannot be used.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Control does not accept it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// What declaring works with.
#[derive(Clone, Copy)]
pub struct Declare<'a> {
    /// What is declared.
    pub config: &'a Config,
    /// Where it is applied.
    pub control: &'a dyn Control,
    /// Seals the secrets of applicaties.
    pub secrets: &'a Secrets,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub random: &'a dyn Random,
}

impl Declare<'_> {
    /// Applies everything but subscriptions, unless a newer revision was declared before; whether it did. While nobody
    /// decides on changes it is tried again, for a while.
    pub async fn apply(&self) -> Result<bool, DeclareError> {
        self.check_key()?;
        let mut tries = 0;
        loop {
            match self.try_apply().await {
                Err(DeclareError::Storage(error @ storage::Error::Unavailable { .. })) if tries < TRIES => {
                    tracing::warn!(%error, "declared state waits to be applied");
                    tokio::time::sleep(AGAIN).await;
                }
                // Another node declares the same at this moment.
                Err(DeclareError::Rejected(_)) if tries < TRIES => self.control.catch_up().await?,
                applied => return applied,
            }
            tries += 1;
        }
    }

    /// Whether our key opens what is stored.
    fn check_key(&self) -> Result<(), DeclareError> {
        let registry = self.control.registry();
        let registry = registry.read();
        let sealed = registry.applicaties().flat_map(|applicatie| &applicatie.secrets);
        let sealed = sealed.chain(registry.subscriptions().map(|subscription| &subscription.callback_secret));
        for sealed in sealed {
            if let Err(error @ secrets::Error::UnknownKey(_)) = self.secrets.open(sealed) {
                return Err(DeclareError::OtherKey(error));
            }
        }
        Ok(())
    }

    async fn try_apply(&self) -> Result<bool, DeclareError> {
        let registry = self.control.registry();
        if let Some(revision) = self.config.revision
            && revision != registry.read().revision()
        {
            match self.control.submit(Command::Declare { revision }).await? {
                Ok(_) => {}
                Err(rejection @ Rejection::OlderRevision { .. }) => {
                    tracing::warn!(%rejection, "declared state is not applied");
                    return Ok(false);
                }
                Err(rejection) => return Err(rejection.into()),
            }
        }
        for applicatie in &self.config.applicatie {
            let plain = plain_secrets(applicatie)?;
            let present = registry.read().applicatie(&applicatie.client_id).cloned();
            if !present.map(|present| self.is_same(&present, applicatie, &plain)).transpose()?.unwrap_or(false) {
                self.submit(Command::DeclareApplicatie(self.applicatie(applicatie, &plain)?)).await?;
            }
        }
        let withdrawn: Vec<String> = registry
            .read()
            .applicaties()
            .map(|present| present.client_id.clone())
            .filter(|client_id| !self.config.applicatie.iter().any(|declared| declared.client_id == *client_id))
            .collect();
        for client_id in withdrawn {
            tracing::info!(%client_id, "applicatie is no longer declared");
            self.submit(Command::DeleteApplicatie(client_id)).await?;
        }
        for kanaal in &self.config.kanaal {
            let command = self.kanaal(&registry.read(), kanaal);
            if let Some(command) = command {
                self.submit(command).await?;
            }
        }
        let commands = {
            let wanted = schemas(self.config, self.clock.now())?;
            commands(&registry.read(), wanted)
        };
        for command in commands {
            self.submit(command).await?;
        }
        self.default_kanaal().await?;
        Ok(true)
    }

    async fn submit(&self, command: Command) -> Result<(), DeclareError> {
        self.control.submit(command).await??;
        Ok(())
    }

    fn is_same(
        &self,
        present: &Applicatie,
        declared: &config::Applicatie,
        plain: &[Vec<u8>],
    ) -> Result<bool, DeclareError> {
        let secrets: Result<Vec<Vec<u8>>, _> = present.secrets.iter().map(|sealed| self.secrets.open(sealed)).collect();
        if let Err(error @ secrets::Error::UnknownKey(_)) = secrets {
            return Err(DeclareError::OtherKey(error));
        }
        Ok(present.scopes == scopes(declared)
            && present.source == declared.source
            && secrets.is_ok_and(|secrets| secrets == plain))
    }

    fn applicatie(&self, declared: &config::Applicatie, plain: &[Vec<u8>]) -> Result<Applicatie, secrets::Error> {
        Ok(Applicatie {
            client_id: declared.client_id.clone(),
            secrets: plain.iter().map(|secret| self.secrets.seal(secret)).collect::<Result<_, _>>()?,
            scopes: scopes(declared),
            source: declared.source.clone(),
        })
    }

    fn kanaal(&self, registry: &Registry, declared: &config::Kanaal) -> Option<Command> {
        let naam = KanaalName::new(&declared.naam)?;
        let present = registry.kanaal(naam.as_str());
        let wanted = Kanaal {
            id: present.map_or_else(|| self.random.uuid(), |present| present.id),
            naam,
            documentatie_link: declared.documentatie_link.clone(),
            filters: filters(declared),
            type_routes: declared.type_routes.clone(),
            source: declared.source.clone(),
            retention_seconds: declared.retention_days.map(|days| u64::from(days) * 86_400),
            rules: Rules {
                profile: declared.profile.map(Into::into),
                mode: declared.strictness.map(Into::into),
                privacy: declared.privacy.map(Into::into),
            },
            payloads: declared.payload_schemas.into(),
            clearance: declared.clearance.as_ref().map(Into::into),
            created: present.map_or_else(|| self.clock.now(), |present| present.created),
            owner: declared.owner.clone().or_else(|| present.and_then(|present| present.owner.clone())),
            approval: declared.approval.unwrap_or_else(|| present.is_some_and(|present| present.approval)),
        };
        match present {
            None => Some(Command::CreateKanaal(wanted)),
            Some(present) if **present == wanted => None,
            Some(_) => Some(Command::ChangeKanaal(wanted)),
        }
    }

    /// The default kanaal takes any type, so it must be there.
    async fn default_kanaal(&self) -> Result<(), DeclareError> {
        let declared = config::Kanaal { naam: self.config.default_kanaal.clone(), ..config::Kanaal::default() };
        let command = {
            let registry = self.control.registry();
            let registry = registry.read();
            let missing = registry.kanaal(&declared.naam).is_none();
            missing.then(|| self.kanaal(&registry, &declared)).flatten()
        };
        match command {
            Some(command) => self.submit(command).await,
            None => Ok(()),
        }
    }
}

fn scopes(declared: &config::Applicatie) -> Vec<Scope> {
    declared.scopes.iter().filter_map(|label| Scope::from_label(label)).collect()
}

/// The kenmerken that a kanaal declares.
pub fn filters(declared: &config::Kanaal) -> Vec<Filterkenmerk> {
    Kanaal::filterkenmerken(declared.filters.iter().cloned())
}

/// Every secret of an applicatie: of the file, then in line, then the others.
pub fn plain_secrets(declared: &config::Applicatie) -> Result<Vec<Vec<u8>>, DeclareError> {
    let mut secrets = Vec::new();
    if let Some(path) = &declared.secret_file {
        let failed =
            |source| DeclareError::SecretFile { client_id: declared.client_id.clone(), path: path.clone(), source };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let secret = text.trim_end();
        if secret.is_empty() {
            // Anybody can sign with an empty secret.
            return Err(failed(std::io::Error::other("it holds no secret")));
        }
        secrets.push(secret.as_bytes().to_vec());
    }
    secrets.extend(declared.secret.iter().chain(&declared.secrets).map(|secret| secret.as_bytes().to_vec()));
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::clock::{ManualClock, SeededRandom};
    use storage::sqlite::{Embedded, Options};

    use super::*;

    struct Place {
        control: Arc<dyn Control>,
        secrets: Secrets,
        clock: Arc<ManualClock>,
        _dir: tempfile::TempDir,
    }

    impl Place {
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
            let declare = Declare {
                config: &config::parse(text).unwrap(),
                control: self.control.as_ref(),
                secrets: &self.secrets,
                clock: self.clock.as_ref(),
                random: &SeededRandom::new(1),
            };
            declare.apply().await.unwrap();
            std::iter::from_fn(|| changes.try_recv().ok()).count()
        }
    }

    const FIRST: &str = r#"
        revision = 2
        [[applicatie]]
        client_id = "a"
        secret = "een"
        scopes = ["notificaties.publiceren"]
        [[kanaal]]
        naam = "zaken"
        filters = ["zaaktype"]
    "#;

    #[tokio::test]
    async fn declaring_twice_changes_nothing_and_an_older_revision_is_left() {
        let place = Place::new();
        assert_eq!(place.declare(FIRST).await, 4, "revision, applicatie, kanaal, default kanaal");
        assert_eq!(place.declare(FIRST).await, 0);
        assert_eq!(place.declare(&FIRST.replace("\"een\"", "\"twee\"")).await, 1);
        assert_eq!(place.declare(&FIRST.replace("zaaktype", "bron").replace("revision = 2", "revision = 3")).await, 3);
        assert_eq!(place.declare(FIRST).await, 0, "revision 3 was declared");
        let registry = place.control.registry();
        assert_eq!(registry.read().kanaal("zaken").unwrap().filters[0].naam, "bron");
    }

    #[tokio::test]
    async fn an_applicatie_that_is_not_declared_is_withdrawn_and_a_kanaal_stays() {
        let place = Place::new();
        place.declare(FIRST).await;
        place.declare("revision = 2").await;
        let registry = place.control.registry();
        assert!(registry.read().applicatie("a").is_none());
        assert!(registry.read().kanaal("zaken").is_some());
    }
}
