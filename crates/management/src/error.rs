//! The errors of use cases.
//!
//! The texts are English and complete sentences; an API that speaks another language has texts of its own by variant.
//! Which HTTP status belongs to a variant is decided in crate `web`.

use model::{KanaalName, SchemaName, SubscriptionId, decide::Rejection};

use crate::receivers::ProbeError;

/// A member of a request and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The member, as a path in the words of the native API: `kanalen`, `config.tls`, `filters[2]`.
    pub member: String,
    /// The rule, to be read after the member: "must be in the future".
    pub rule: String,
    /// The place inside the value of the member, as a JSON pointer (RFC 6901); empty for the whole value.
    pub place: String,
}

impl Fault {
    /// The rule that `member` breaks.
    pub fn new(member: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { member: member.into(), rule: rule.into(), place: String::new() }
    }

    /// The same at a place inside the value of the member.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }
}

/// The kind of resource that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A kanaal.
    Kanaal,
    /// A subscription, of this actor.
    Subscription,
    /// A subscription that covers the kanaal named with it.
    KanaalSubscription,
    /// An event that this actor may see.
    Event,
    /// A dead letter of this actor.
    DeadLetter,
    /// A run of this actor.
    Run,
    /// A payload schema.
    Schema,
    /// A type of events.
    Type,
    /// A session of a person.
    Session,
    /// An applicatie that this actor may see.
    Applicatie,
}

impl Resource {
    /// The English noun for texts.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Kanaal => "kanaal",
            Self::Subscription => "subscription",
            Self::KanaalSubscription => "subscription to this kanaal",
            Self::Event => "event",
            Self::DeadLetter => "dead letter",
            Self::Run => "run",
            Self::Schema => "schema",
            Self::Type => "type",
            Self::Session => "session",
            Self::Applicatie => "applicatie",
        }
    }
}

/// What a request conflicts with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Others changed it between reading and writing, several times in a row.
    #[error("The subscription is being changed by others; try again.")]
    Busy,
    /// An agreement replaces the handshake of the subscription.
    #[error("An agreement replaces the handshake of this subscription.")]
    Manual,
    /// Nothing may be sent to the sink of the subscription in its present state; the text is the reason.
    #[error("Nothing may be sent to its sink now: {0}.")]
    CannotSend(String),
    /// A test or check of the same sink is under way.
    #[error("Another test or check of this sink is under way.")]
    SinkBusy,
    /// The idempotency key belongs to another request.
    #[error("Subscription {0} was made with this key by another request.")]
    KeyReused(SubscriptionId),
    /// The dead letter holds no readable event.
    #[error("The record can be read by nobody; delete the dead letter.")]
    Unreadable,
    /// The subscription of the dead letter was deleted.
    #[error("Its subscription was deleted.")]
    SubscriptionDeleted,
    /// A payload schema that configuration declares is withdrawn there.
    #[error("Configuration declares this schema; take it out there.")]
    SchemaDeclared,
    /// Configuration declares the kanaal, and would undo the change at the next start.
    #[error(
        "[[kanaal]] {0} in the configuration of the gateway declares this otherwise, and would undo it; change it there."
    )]
    KanaalDeclared(KanaalName),
    /// Configuration declares the subscription under this id, and would undo a change at the next start.
    #[error("[[subscription]] {0:?} in the configuration of the gateway declares this subscription; change it there.")]
    SubscriptionDeclared(String),
    /// The client has as many as it may have.
    #[error(
        "This client has {most} {what}, the most that it may have; end some first, or ask the administrator for more."
    )]
    Quota {
        /// What there are too many of, in the plural.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// This node shows what happens to as many viewers as it may.
    #[error("This node has {most} live streams, the most that it may have; try again later.")]
    Viewers {
        /// The limit.
        most: usize,
    },
    /// A type route overlaps a route or the name of a kanaal of another client.
    #[error(
        "The type route {route:?} overlaps the routes or the name of kanaal {by}, which belongs to another client."
    )]
    RouteTaken {
        /// The requested route.
        route: String,
        /// The kanaal whose events it would take.
        by: KanaalName,
    },
    /// The name belongs to a payload schema that every gateway serves.
    #[error("{0} is a schema of the gateway itself.")]
    SchemaBuiltIn(SchemaName),
}

/// Why a use case failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Members of the request break rules; every one that was found.
    #[error("{}", faults(.0))]
    Invalid(Vec<Fault>),
    /// It does not exist, or belongs to another client; both give the same error.
    #[error("There is no such {}.", .0.noun())]
    NotFound(Resource),
    /// No event that the actor may see has this id, or the journal has not indexed it yet.
    #[error("There is no such event, or it is not indexed yet.")]
    NotIndexed,
    /// Retention removed the event.
    #[error("The event is no longer kept.")]
    NoLongerKept,
    /// It existed and was removed.
    #[error("{0}")]
    Gone(String),
    /// The request covers too much; the text explains how to narrow it.
    #[error("{0}")]
    TooBroad(String),
    /// The actor may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// The present state does not allow it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// It is no longer in the state that the request expects.
    #[error("It was changed in the meantime.")]
    PreconditionFailed,
    /// It has to name the state that it expects.
    #[error("The request must name the state that it expects.")]
    PreconditionRequired,
    /// The receiver did not pass the probes.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// The command conflicts with the present registry.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Storage did not confirm or could not be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A task of this process ended without a result.
    #[error("The gateway was interrupted.")]
    Interrupted,
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] secrets::Error),
}

impl Error {
    /// One member that breaks a rule.
    pub fn invalid(member: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(member, rule)])
    }
}

fn faults(faults: &[Fault]) -> String {
    match faults {
        [one] => format!("{}: {}", one.member, one.rule),
        many => format!("The request breaks {} rules.", many.len()),
    }
}
