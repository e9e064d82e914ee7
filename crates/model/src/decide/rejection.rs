//! Why a command changes nothing, in words for whoever asked.

use crate::{KanaalName, SchemaName, SubscriptionId, run::RunId, schema::MAX_SCHEMAS};

/// Why a command was not accepted.
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
        /// One of its users.
        by: SubscriptionId,
    },
    /// A subscription with this id exists.
    #[error("subscription {0} exists")]
    SubscriptionExists(SubscriptionId),
    /// There is no such subscription.
    #[error("there is no subscription {0}")]
    UnknownSubscription(SubscriptionId),
    /// Somebody else changed it since it was read.
    #[error("subscription {0} was changed by somebody else")]
    Conflict(SubscriptionId),
    /// The step belongs to an earlier sink or origin.
    #[error("the consent step of subscription {0} is out of date")]
    OutOfDate(SubscriptionId),
    /// The status cannot change that way (a subscription that is gone needs a new handshake).
    #[error("subscription {0} is gone: its sink must consent again first")]
    Gone(SubscriptionId),
    /// It expired; a later `expires` revives it.
    #[error("subscription {0} has expired: give it a later moment in expires first")]
    Expired(SubscriptionId),
    /// The same client made this subscription with the same key.
    #[error("subscription {0} was made with this key")]
    CreateKeyTaken(SubscriptionId),
    /// The subscription does not ask for events of this kanaal.
    #[error("subscription {id} asks for nothing of kanaal {naam}")]
    NotCovered {
        /// Whose.
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
    /// There are as many payload schemas as there may be.
    #[error("there may be {MAX_SCHEMAS} schemas; delete one first")]
    TooManySchemas,
    /// There is no such payload schema.
    #[error("there is no schema named {0}")]
    UnknownSchema(SchemaName),
    /// Configuration of a newer revision was declared.
    #[error("configuration revision {declared} was declared before; {given} is older")]
    OlderRevision {
        /// The newest one.
        declared: u64,
        /// The one given.
        given: u64,
    },
}
