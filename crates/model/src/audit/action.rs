//! The actions and kinds of objects of the audit trail, with their words. Words never change: they are stored.

/// What was done, or attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A kanaal is created.
    KanaalCreate,
    /// A kanaal is changed.
    KanaalChange,
    /// A kanaal is deleted.
    KanaalDelete,
    /// The events of a kanaal are removed.
    KanaalPurge,
    /// What a kanaal sends to people is paused, resumed or tried on a test list.
    KanaalSending,
    /// A subscription is created.
    SubscriptionCreate,
    /// A subscription is changed.
    SubscriptionChange,
    /// A subscription is deleted.
    SubscriptionDelete,
    /// The consent of a sink is stored.
    SubscriptionConsent,
    /// The handshake with a sink starts again.
    SubscriptionRevalidate,
    /// Deliveries of a subscription stop until they are resumed.
    SubscriptionPause,
    /// Deliveries of a subscription go on.
    SubscriptionResume,
    /// Deliveries of a subscription stop after an outage.
    SubscriptionSuspend,
    /// The sink answered 410.
    SubscriptionGone,
    /// A subscription reached its end.
    SubscriptionExpire,
    /// A token of a sink is renewed.
    SubscriptionCredential,
    /// The approval of a subscription is asked for again.
    SubscriptionAwait,
    /// The owner of a kanaal approves a subscription.
    SubscriptionApprove,
    /// The owner of a kanaal rejects a subscription.
    SubscriptionReject,
    /// Events are delivered again to a subscription.
    SubscriptionReplay,
    /// A test event is sent to the sink of a subscription.
    SubscriptionTest,
    /// The receiver of a subscription is checked.
    SubscriptionCheck,
    /// An applicatie is declared or changed.
    ApplicatieDeclare,
    /// An applicatie is removed.
    ApplicatieDelete,
    /// The rights of an applicatie are asked for again.
    ApplicatieAsk,
    /// A replay or redrive starts.
    RunStart,
    /// A replay or redrive ends, or is stopped.
    RunEnd,
    /// A payload schema is registered.
    SchemaRegister,
    /// A payload schema is declared.
    SchemaDeclare,
    /// A payload schema is deleted.
    SchemaDelete,
    /// A revision of the declared state is applied.
    ConfigurationApply,
    /// A node starts with its configuration.
    ConfigurationLoad,
    /// Dead letters are delivered again.
    DeadLetterRedrive,
    /// A dead letter is deleted.
    DeadLetterDelete,
    /// The payload of a dead letter is read.
    DeadLetterView,
    /// An event is delivered again.
    EventRedeliver,
    /// The payload of an event is read.
    EventView,
    /// Events are searched by subject.
    EventSearch,
    /// Events are published: recorded when a person does it by hand, and for refused attempts without the right.
    EventPublish,
    /// A person is subscribed, or asked to confirm an address again.
    AddresseeSubscribe,
    /// A person confirms an address.
    AddresseeConfirm,
    /// A person leaves, or a client ends a light subscription.
    AddresseeLeave,
    /// A person undoes leaving.
    AddresseeUndo,
    /// Another address is requested for a light subscription.
    AddresseeChange,
    /// What is stored of an addressee is exported.
    AddresseeExport,
    /// Address, attributes and codes of an addressee are erased.
    AddresseeErase,
    /// An administrator looks up what there is of an address.
    AddresseeSearch,
    /// An event that waits for its moment is replaced by another one.
    EventReplace,
    /// A mailing is stopped.
    MailingStop,
    /// A mailing is sent again to those who failed.
    MailingResend,
    /// A token is not accepted.
    TokenRefuse,
    /// A person logs in.
    SessionStart,
    /// A session of a person ends, or all of them.
    SessionEnd,
    /// A provider reports that it logged somebody out.
    LogoutTokenUse,
    /// Entries beyond their retention are removed.
    AuditTrim,
    /// The audit trail is read.
    AuditView,
    /// Entries of the audit trail, or an overview made of them, are exported.
    AuditExport,
    /// The chains of the audit trail are verified.
    AuditVerify,
    /// Anything else is read; recorded only when configured.
    Read,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 59] = [
        Self::KanaalCreate,
        Self::KanaalChange,
        Self::KanaalDelete,
        Self::KanaalPurge,
        Self::KanaalSending,
        Self::SubscriptionCreate,
        Self::SubscriptionChange,
        Self::SubscriptionDelete,
        Self::SubscriptionConsent,
        Self::SubscriptionRevalidate,
        Self::SubscriptionPause,
        Self::SubscriptionResume,
        Self::SubscriptionSuspend,
        Self::SubscriptionGone,
        Self::SubscriptionExpire,
        Self::SubscriptionCredential,
        Self::SubscriptionAwait,
        Self::SubscriptionApprove,
        Self::SubscriptionReject,
        Self::SubscriptionReplay,
        Self::SubscriptionTest,
        Self::SubscriptionCheck,
        Self::ApplicatieDeclare,
        Self::ApplicatieDelete,
        Self::ApplicatieAsk,
        Self::RunStart,
        Self::RunEnd,
        Self::SchemaRegister,
        Self::SchemaDeclare,
        Self::SchemaDelete,
        Self::ConfigurationApply,
        Self::ConfigurationLoad,
        Self::DeadLetterRedrive,
        Self::DeadLetterDelete,
        Self::DeadLetterView,
        Self::EventRedeliver,
        Self::EventView,
        Self::EventSearch,
        Self::EventPublish,
        Self::AddresseeSubscribe,
        Self::AddresseeConfirm,
        Self::AddresseeLeave,
        Self::AddresseeUndo,
        Self::AddresseeChange,
        Self::AddresseeExport,
        Self::AddresseeErase,
        Self::AddresseeSearch,
        Self::EventReplace,
        Self::MailingStop,
        Self::MailingResend,
        Self::TokenRefuse,
        Self::SessionStart,
        Self::SessionEnd,
        Self::LogoutTokenUse,
        Self::AuditTrim,
        Self::AuditView,
        Self::AuditExport,
        Self::AuditVerify,
        Self::Read,
    ];

    /// The word in the trail.
    pub const fn label(self) -> &'static str {
        match self {
            Self::KanaalCreate => "kanaal.create",
            Self::KanaalChange => "kanaal.change",
            Self::KanaalDelete => "kanaal.delete",
            Self::KanaalPurge => "kanaal.purge",
            Self::KanaalSending => "kanaal.sending",
            Self::SubscriptionCreate => "subscription.create",
            Self::SubscriptionChange => "subscription.change",
            Self::SubscriptionDelete => "subscription.delete",
            Self::SubscriptionConsent => "subscription.consent",
            Self::SubscriptionRevalidate => "subscription.revalidate",
            Self::SubscriptionPause => "subscription.pause",
            Self::SubscriptionResume => "subscription.resume",
            Self::SubscriptionSuspend => "subscription.suspend",
            Self::SubscriptionGone => "subscription.gone",
            Self::SubscriptionExpire => "subscription.expire",
            Self::SubscriptionCredential => "subscription.credential",
            Self::SubscriptionAwait => "subscription.await",
            Self::SubscriptionApprove => "subscription.approve",
            Self::SubscriptionReject => "subscription.reject",
            Self::SubscriptionReplay => "subscription.replay",
            Self::SubscriptionTest => "subscription.test",
            Self::SubscriptionCheck => "subscription.check",
            Self::ApplicatieDeclare => "applicatie.declare",
            Self::ApplicatieDelete => "applicatie.delete",
            Self::ApplicatieAsk => "applicatie.ask",
            Self::RunStart => "run.start",
            Self::RunEnd => "run.end",
            Self::SchemaRegister => "schema.register",
            Self::SchemaDeclare => "schema.declare",
            Self::SchemaDelete => "schema.delete",
            Self::ConfigurationApply => "configuration.apply",
            Self::ConfigurationLoad => "configuration.load",
            Self::DeadLetterRedrive => "dead-letter.redrive",
            Self::DeadLetterDelete => "dead-letter.delete",
            Self::DeadLetterView => "dead-letter.view",
            Self::EventRedeliver => "event.redeliver",
            Self::EventView => "event.view",
            Self::EventSearch => "event.search",
            Self::EventPublish => "event.publish",
            Self::AddresseeSubscribe => "addressee.subscribe",
            Self::AddresseeConfirm => "addressee.confirm",
            Self::AddresseeLeave => "addressee.leave",
            Self::AddresseeUndo => "addressee.undo",
            Self::AddresseeChange => "addressee.change",
            Self::AddresseeExport => "addressee.export",
            Self::AddresseeErase => "addressee.erase",
            Self::AddresseeSearch => "addressee.search",
            Self::EventReplace => "event.replace",
            Self::MailingStop => "mailing.stop",
            Self::MailingResend => "mailing.resend",
            Self::TokenRefuse => "token.refuse",
            Self::SessionStart => "session.start",
            Self::SessionEnd => "session.end",
            Self::LogoutTokenUse => "logout-token.use",
            Self::AuditTrim => "audit.trim",
            Self::AuditView => "audit.view",
            Self::AuditExport => "audit.export",
            Self::AuditVerify => "audit.verify",
            Self::Read => "read",
        }
    }

    /// The action of a word.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.label() == label)
    }
}

/// The kind of object that an action was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A kanaal, by name.
    Kanaal,
    /// A subscription, by id.
    Subscription,
    /// An applicatie, by `client_id`.
    Applicatie,
    /// A replay or redrive, by id.
    Run,
    /// A payload schema, by name.
    Schema,
    /// The configuration, by revision or version.
    Configuration,
    /// An event, by its `id`.
    Event,
    /// A dead letter, by id.
    DeadLetter,
    /// An addressee, by id; never by address.
    Addressee,
    /// A mailing, by number.
    Mailing,
    /// A session or login link by id, or the sessions of a person by issuer and subject.
    Session,
    /// The audit trail.
    Audit,
    /// Anything else, by method and path of the route.
    Route,
}

impl ObjectKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Kanaal,
        Self::Subscription,
        Self::Applicatie,
        Self::Run,
        Self::Schema,
        Self::Configuration,
        Self::Event,
        Self::DeadLetter,
        Self::Addressee,
        Self::Mailing,
        Self::Session,
        Self::Audit,
        Self::Route,
    ];

    /// The word in the trail.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kanaal => "kanaal",
            Self::Subscription => "subscription",
            Self::Applicatie => "applicatie",
            Self::Run => "run",
            Self::Schema => "schema",
            Self::Configuration => "configuration",
            Self::Event => "event",
            Self::DeadLetter => "dead-letter",
            Self::Addressee => "addressee",
            Self::Mailing => "mailing",
            Self::Session => "session",
            Self::Audit => "audit",
            Self::Route => "route",
        }
    }

    /// The kind of a word.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_meaning() {
        for action in Action::ALL {
            assert_eq!(Action::from_label(action.label()), Some(action));
        }
        for kind in ObjectKind::ALL {
            assert_eq!(ObjectKind::from_label(kind.label()), Some(kind));
        }
    }
}
