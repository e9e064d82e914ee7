//! Why a command is rejected, in words for the caller.

use super::revocations::MAX_REVOCATIONS;
use crate::{KanaalName, SchemaName, SubscriptionId, run::RunId, schema::MAX_SCHEMAS};

/// Why a command is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A kanaal with this name exists.
    #[error("a kanaal named {0} exists")]
    KanaalExists(KanaalName),
    /// There is no such kanaal.
    #[error("there is no kanaal named {0}")]
    UnknownKanaal(KanaalName),
    /// The kanaal is named by this subscription.
    #[error("kanaal {naam} is used by subscription {by}")]
    KanaalInUse {
        /// The kanaal.
        naam: KanaalName,
        /// One of the subscriptions that use it.
        by: SubscriptionId,
    },
    /// A subscription with this id exists.
    #[error("subscription {0} exists")]
    SubscriptionExists(SubscriptionId),
    /// There is no such subscription.
    #[error("there is no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// The subscription was changed since it was read.
    #[error("subscription {0} was changed by somebody else")]
    Conflict(SubscriptionId),
    /// The consent step belongs to an earlier generation, or was made from a state that another node has left since.
    #[error("the consent step of subscription {0} is out of date")]
    OutOfDate(SubscriptionId),
    /// The status cannot change this way: a gone subscription needs a new handshake.
    #[error("subscription {0} is gone: its sink must consent again first")]
    Gone(SubscriptionId),
    /// The subscription has expired; a later `expires` reactivates it.
    #[error("subscription {0} has expired: give it a later moment in expires first")]
    Expired(SubscriptionId),
    /// The same client created this subscription with the same idempotency key.
    #[error("subscription {0} was made with this key")]
    CreateKeyTaken(SubscriptionId),
    /// The subscription does not select events of this kanaal.
    #[error("subscription {id} asks for nothing of kanaal {naam}")]
    NotCovered {
        /// The subscription.
        id: SubscriptionId,
        /// The kanaal.
        naam: KanaalName,
    },
    /// There is no such run.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// A payload schema with this name exists.
    #[error("a schema named {0} exists")]
    SchemaExists(SchemaName),
    /// Another payload schema is registered for this `dataschema` or this type.
    #[error("the schema {by} is registered for {what}")]
    SchemaTaken {
        /// The `dataschema` or the type.
        what: String,
        /// The schema that has it.
        by: SchemaName,
    },
    /// The maximum number of payload schemas is registered.
    #[error("there may be {MAX_SCHEMAS} schemas; delete one first")]
    TooManySchemas,
    /// There is no such payload schema.
    #[error("there is no schema named {0}")]
    UnknownSchema(SchemaName),
    /// The link or token was used before.
    #[error("it was used before")]
    AlreadyUsed,
    /// The maximum number of ended sessions and used links is stored.
    #[error("there may be {MAX_REVOCATIONS} revocations; the oldest are forgotten within hours")]
    TooManyRevocations,
    /// A newer revision of the configuration was applied.
    #[error("configuration revision {declared} was declared before; {given} is older")]
    OlderRevision {
        /// The newest revision.
        declared: u64,
        /// The given revision.
        given: u64,
    },
}
