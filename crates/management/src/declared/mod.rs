//! Applies the state that configuration declares: applicaties, kanalen and payload schemas, on behalf of
//! [`Actor::configuration`]. Subscriptions are declared later, when the delivery engine runs.
//!
//! Applying is idempotent, and several nodes may apply concurrently: after a rejection the state is read again. Kanalen
//! that are not declared are not changed, since publishers register their own. Applicaties and declared schemas that are no
//! longer declared are withdrawn, since configuration is the only place they come from.
//!
//! Not here: reading configuration and the files it names.

mod applicaties;
mod kanalen;
mod revision;
mod schemas;

use std::time::Duration;

use model::{
    Actor, Clock, KanaalName, Random,
    decide::{Command, Rejection},
};
use secrets::Secrets;
use storage::Control;

use crate::{Fault, kanalen::KanaalRequest, schemas::SchemaRequest};

pub use self::{applicaties::DeclaredApplicatie, schemas::check as check_schemas};

/// How long to wait for a node that decides on changes, before the next of [`ATTEMPTS`].
pub const WAIT: Duration = Duration::from_secs(1);
/// How often applying is tried again.
pub const ATTEMPTS: u32 = 30;

/// Why declared state cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum DeclareError {
    /// Storage did not confirm a change.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A secret cannot be sealed.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
    /// The secrets that are stored were sealed with another key than this node has.
    #[error(
        "{0}: all nodes share one key file (secrets.key_file), and this is another one; to change the key, put the new one above \
         the old in the file of every node"
    )]
    OtherKey(secrets::Error),
    /// A kanaal breaks a rule.
    #[error("kanaal {naam}: {reason}")]
    Kanaal {
        /// The name of the kanaal.
        naam: KanaalName,
        /// The member and the rule it breaks.
        reason: String,
    },
    /// A payload schema breaks a rule.
    #[error(transparent)]
    Schema(#[from] SchemaFault),
    /// A command conflicts with the present registry.
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

/// A declared payload schema breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("schema {name}: {} {} (at {:?})", fault.member, fault.rule, format!("/{}{}", fault.member, fault.place))]
pub struct SchemaFault {
    /// The name of the schema.
    pub name: String,
    /// The member and its rule.
    pub fault: Fault,
}

/// The state that configuration declares.
#[derive(Debug, Clone, Default)]
pub struct DeclaredState {
    /// The revision of the configuration; an older one than was declared before is not applied. `None` always is.
    pub revision: Option<u64>,
    /// Every applicatie; others are withdrawn.
    pub applicaties: Vec<DeclaredApplicatie>,
    /// The declared kanalen; each has a name.
    pub kanalen: Vec<KanaalRequest>,
    /// The kanaal of events that no rule routes elsewhere; created when it is missing.
    pub default_kanaal: Option<KanaalName>,
    /// Every declared payload schema; other declared ones are withdrawn.
    pub schemas: Vec<SchemaRequest>,
}

/// The parts needed to apply declared state. Applying comes before the engine exists, and so before
/// [`Management`](crate::Management).
#[derive(Clone, Copy)]
pub struct Declaration<'a> {
    /// Takes the commands.
    pub control: &'a dyn Control,
    /// Seals the secrets of applicaties.
    pub secrets: &'a Secrets,
    /// The time of changes.
    pub clock: &'a dyn Clock,
    /// Makes ids of created kanalen.
    pub random: &'a dyn Random,
}

impl Declaration<'_> {
    /// Applies the state; `false` when a newer revision was declared before. Without a node that decides on changes, and
    /// when another node declares at the same time, it tries again for about [`ATTEMPTS`] × [`WAIT`].
    pub async fn apply(&self, state: &DeclaredState) -> Result<bool, DeclareError> {
        self.check_key()?;
        check_schemas(&state.schemas)?;
        let mut attempts = 0;
        loop {
            let attempt = self.try_apply(state).await;
            if let Some(applied) = self.outcome(attempt, &mut attempts).await? {
                return Ok(applied);
            }
        }
    }

    /// Applies the applicaties alone, as [`Self::apply`] does; `false` when a newer revision was declared.
    pub async fn apply_applicaties(
        &self,
        revision: Option<u64>,
        applicaties: &[DeclaredApplicatie],
    ) -> Result<bool, DeclareError> {
        let mut attempts = 0;
        loop {
            self.control.catch_up().await?;
            if revision.is_some_and(|own| own < self.control.registry().read().revision()) {
                return Ok(false);
            }
            let attempt = self.declare_applicaties(applicaties).await.map(|()| true);
            if let Some(applied) = self.outcome(attempt, &mut attempts).await? {
                return Ok(applied);
            }
        }
    }

    /// The outcome of an attempt; `None` when the next one may succeed, after a wait if that is needed.
    async fn outcome(
        &self,
        attempt: Result<bool, DeclareError>,
        attempts: &mut u32,
    ) -> Result<Option<bool>, DeclareError> {
        *attempts += 1;
        match attempt {
            Err(DeclareError::Storage(error @ storage::Error::Unavailable { .. })) if *attempts <= ATTEMPTS => {
                tracing::warn!(%error, "declared state cannot be applied yet");
                tokio::time::sleep(WAIT).await;
                Ok(None)
            }
            // Another node applies the same state concurrently.
            Err(DeclareError::Rejected(_)) if *attempts <= ATTEMPTS => {
                self.control.catch_up().await?;
                Ok(None)
            }
            attempt => attempt.map(Some),
        }
    }

    async fn try_apply(&self, state: &DeclaredState) -> Result<bool, DeclareError> {
        if let Some(revision) = state.revision
            && !self.declare_revision(revision).await?
        {
            return Ok(false);
        }
        self.declare_applicaties(&state.applicaties).await?;
        self.declare_kanalen(&state.kanalen).await?;
        self.declare_schemas(&state.schemas).await?;
        if let Some(naam) = &state.default_kanaal {
            self.create_missing_kanaal(naam).await?;
        }
        Ok(true)
    }

    async fn submit(&self, command: Command) -> Result<(), DeclareError> {
        self.control.submit(&Actor::configuration(), command).await??;
        Ok(())
    }
}
