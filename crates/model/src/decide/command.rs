//! The commands of control. They are only requests; [`super::decide`] determines their result.

use crate::{
    Kanaal, KanaalName, PayloadSchema, SchemaName, Subscription, SubscriptionId, Timestamp,
    applicatie::Applicatie,
    approval::Approval,
    consent::Consent,
    credential::Credential,
    revocation::Revoked,
    run::{Run, RunId},
    subscription::Status,
};

/// A requested change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Create a kanaal; its name must be free.
    CreateKanaal(Kanaal),
    /// Replace the mutable members of a kanaal; it must exist with this name and id.
    ChangeKanaal(Kanaal),
    /// Delete a kanaal that no subscription names.
    DeleteKanaal(KanaalName),
    /// Create a subscription; the kanalen that it names must exist.
    CreateSubscription(Box<Subscription>),
    /// Replace a subscription if it is unchanged since `seen`. Another sink or validation starts a new generation with
    /// the given consent and status; otherwise the present ones are kept.
    ChangeSubscription {
        /// The new state.
        to: Box<Subscription>,
        /// The `changed` timestamp of the state that the caller read.
        seen: Timestamp,
    },
    /// Delete a subscription.
    DeleteSubscription(SubscriptionId),
    /// Store the result of a consent step; rejected for another generation than the current one, and when it cannot follow
    /// the present state: the node that made the step had not seen that state yet.
    SetConsent {
        /// The subscription.
        id: SubscriptionId,
        /// The generation of the step.
        generation: u64,
        /// The new state of consent.
        consent: Consent,
    },
    /// Request consent again; a gone or suspended subscription becomes active.
    Revalidate {
        /// The subscription.
        id: SubscriptionId,
        /// The time of the request.
        at: Timestamp,
    },
    /// Pause, resume, suspend or end a subscription.
    SetStatus {
        /// The subscription.
        id: SubscriptionId,
        /// The new status.
        status: Status,
    },
    /// Replace the credential of a subscription if it still equals `seen`.
    SetCredential {
        /// The subscription.
        id: SubscriptionId,
        /// The credential to replace.
        seen: Box<Credential>,
        /// The new credential.
        to: Box<Credential>,
        /// The time of the change.
        at: Timestamp,
    },
    /// Store the decision of the owner of a kanaal about a subscription, if that is unchanged since `seen`.
    DecideApproval {
        /// The subscription.
        id: SubscriptionId,
        /// The `changed` timestamp of the state that was decided on.
        seen: Timestamp,
        /// The decision.
        approval: Approval,
    },
    /// Declare an applicatie, or replace it.
    DeclareApplicatie(Applicatie),
    /// Delete an applicatie.
    DeleteApplicatie(String),
    /// Start a run.
    StartRun(Run),
    /// End a run.
    EndRun(RunId),
    /// Register a payload schema; its name, `dataschema` and types must be free.
    RegisterSchema(Box<PayloadSchema>),
    /// Declare a payload schema, or replace the declared one with this name.
    DeclareSchema(Box<PayloadSchema>),
    /// Delete a payload schema.
    DeleteSchema(SchemaName),
    /// End the sessions of a person, or those of one session at the provider, that started at or before a moment.
    EndSessions {
        /// Whose sessions.
        what: Revoked,
        /// The moment.
        at: Timestamp,
        /// When every such session has ended by itself.
        until: Timestamp,
    },
    /// Use a link or token that holds once.
    UseOnce {
        /// The link or token.
        what: Revoked,
        /// The time of its use.
        at: Timestamp,
        /// When it is too old to be used anyway.
        until: Timestamp,
    },
    /// Note that a revision of the configuration was applied.
    Declare {
        /// The revision.
        revision: u64,
    },
}

impl Command {
    /// The name of the command in logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateKanaal(_) => "create-kanaal",
            Self::ChangeKanaal(_) => "change-kanaal",
            Self::DeleteKanaal(_) => "delete-kanaal",
            Self::CreateSubscription(_) => "create-subscription",
            Self::ChangeSubscription { .. } => "change-subscription",
            Self::DeleteSubscription(_) => "delete-subscription",
            Self::SetConsent { .. } => "set-consent",
            Self::Revalidate { .. } => "revalidate",
            Self::SetStatus { .. } => "set-status",
            Self::SetCredential { .. } => "set-credential",
            Self::DecideApproval { .. } => "decide-approval",
            Self::DeclareApplicatie(_) => "declare-applicatie",
            Self::DeleteApplicatie(_) => "delete-applicatie",
            Self::StartRun(_) => "start-run",
            Self::EndRun(_) => "end-run",
            Self::RegisterSchema(_) => "register-schema",
            Self::DeclareSchema(_) => "declare-schema",
            Self::DeleteSchema(_) => "delete-schema",
            Self::EndSessions { .. } => "end-sessions",
            Self::UseOnce { .. } => "use-once",
            Self::Declare { .. } => "declare",
        }
    }
}
