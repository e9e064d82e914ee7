//! The changes that somebody can ask control for. Only what is asked; what comes of it stands in [`super::decide`].

use crate::{
    Kanaal, KanaalName, PayloadSchema, SchemaName, Subscription, SubscriptionId, Timestamp,
    applicatie::Applicatie,
    approval::Approval,
    consent::Consent,
    credential::Credential,
    run::{Run, RunId},
    subscription::Status,
};

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a kanaal; its name must be free.
    CreateKanaal(Kanaal),
    /// Replace what can change of a kanaal; the one with that name must exist and keep its id.
    ChangeKanaal(Kanaal),
    /// Delete a kanaal that no subscription names.
    DeleteKanaal(KanaalName),
    /// Make a subscription; the kanalen it names must exist.
    CreateSubscription(Box<Subscription>),
    /// Replace a subscription, if it is still as `seen` (the `changed` moment its changer read). Another
    /// sink or validation makes a new generation, with the consent and status given; else the present ones stay.
    ChangeSubscription {
        /// The new state.
        to: Box<Subscription>,
        /// When the state that the changer read was made.
        seen: Timestamp,
    },
    /// Delete a subscription.
    DeleteSubscription(SubscriptionId),
    /// Record the outcome of a consent step; ignored for another generation than the current one.
    SetConsent {
        /// Whose.
        id: SubscriptionId,
        /// The generation that the step belongs to.
        generation: u64,
        /// The outcome.
        consent: Consent,
    },
    /// Ask the sink again: consent starts over, and a gone or suspended subscription is active again.
    Revalidate {
        /// Whose.
        id: SubscriptionId,
        /// When.
        at: Timestamp,
    },
    /// Pause, resume, suspend or end a subscription.
    SetStatus {
        /// Whose.
        id: SubscriptionId,
        /// The new status.
        status: Status,
    },
    /// Replace the credential of a subscription, if it is still the one that was `seen`.
    SetCredential {
        /// Whose.
        id: SubscriptionId,
        /// The credential that it replaces.
        seen: Box<Credential>,
        /// The new one.
        to: Box<Credential>,
        /// When.
        at: Timestamp,
    },
    /// Record what the owner of a kanaal decided about a subscription, if it is still as `seen`.
    Judge {
        /// Whose.
        id: SubscriptionId,
        /// When the state that was judged was made.
        seen: Timestamp,
        /// The decision.
        approval: Approval,
    },
    /// Declare an applicatie, or replace it.
    DeclareApplicatie(Applicatie),
    /// Withdraw an applicatie.
    DeleteApplicatie(String),
    /// Start a run.
    StartRun(Run),
    /// End a run.
    EndRun(RunId),
    /// Register a payload schema; its name, its `dataschema` and its types must be free.
    RegisterSchema(Box<PayloadSchema>),
    /// Declare a payload schema, or replace the declared one of that name.
    DeclareSchema(Box<PayloadSchema>),
    /// Withdraw a payload schema.
    DeleteSchema(SchemaName),
    /// Take note that configuration of this revision was declared.
    Declare {
        /// The revision.
        revision: u64,
    },
}
