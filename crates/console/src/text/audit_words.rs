//! Words for the codes of the audit trail: actions, kinds of objects, members and interfaces. A page shows the code beside them,
//! because filters, exports and the API use it.
//!
//! An entry of a newer version may have a code that this program does not know: it has no words then.

use model::{
    Interface,
    audit::{Action, ObjectKind},
};

/// The words of a language.
pub struct Words {
    action: fn(Action) -> &'static str,
    group: fn(&str) -> Option<&'static str>,
    kind: fn(ObjectKind) -> &'static str,
    member: fn(&str) -> Option<&'static str>,
    interface: fn(Interface) -> &'static str,
}

impl Words {
    /// The words of an action.
    pub fn action(&self, code: &str) -> Option<&'static str> {
        Action::from_label(code).map(self.action)
    }

    /// The words of an action, or of all actions that begin with a word.
    pub fn actions(&self, code: &str) -> Option<&'static str> {
        self.action(code).or_else(|| (self.group)(code))
    }

    /// The words of a kind of object.
    pub fn kind(&self, code: &str) -> Option<&'static str> {
        ObjectKind::from_label(code).map(self.kind)
    }

    /// The words of a member of an object.
    pub fn member(&self, code: &str) -> Option<&'static str> {
        (self.member)(code)
    }

    /// The words of an interface.
    pub fn interface(&self, code: &str) -> Option<&'static str> {
        Interface::ALL.into_iter().find(|own| own.label() == code).map(self.interface)
    }
}

/// Dutch.
pub const NL: Words = Words {
    action: dutch_action,
    group: |code| {
        Some(match code {
            "kanaal" => "Kanalen: alles",
            "subscription" => "Abonnementen: alles",
            "applicatie" => "Applicaties: alles",
            "run" => "Runs: alles",
            "schema" => "Schema’s: alles",
            "configuration" => "Configuratie: alles",
            "dead-letter" => "Dead letters: alles",
            "event" => "Events: alles",
            "addressee" => "Geadresseerden: alles",
            "mailing" => "Mailings: alles",
            "token" => "Tokens: alles",
            "session" => "Sessies: alles",
            "logout-token" => "Uitloggen bij de inlogdienst: alles",
            "audit" => "Logboek: alles",
            _ => return None,
        })
    },
    kind: |kind| match kind {
        ObjectKind::Kanaal => "Kanaal",
        ObjectKind::Subscription => "Abonnement",
        ObjectKind::Applicatie => "Applicatie",
        ObjectKind::Run => "Run",
        ObjectKind::Schema => "Schema",
        ObjectKind::Configuration => "Configuratie",
        ObjectKind::Event => "Event",
        ObjectKind::DeadLetter => "Dead letter",
        ObjectKind::Addressee => "Geadresseerde",
        ObjectKind::Mailing => "Mailing",
        ObjectKind::Session => "Sessie",
        ObjectKind::Audit => "Logboek",
        ObjectKind::Route => "Pagina of verzoek",
    },
    member: |code| member(code).map(|(dutch, _)| dutch),
    interface: |interface| match interface {
        Interface::Native => "API van de gateway",
        Interface::Notificaties => "Notificaties API",
        Interface::Console => "Beheerpagina’s",
        Interface::Portal => "Portaal",
        Interface::People => "Pagina’s voor mensen die berichten krijgen",
        Interface::CommandLine => "Opdrachtregel",
        Interface::Internal => "De gateway zelf",
    },
};

/// English.
pub const EN: Words = Words {
    action: english_action,
    group: |code| {
        Some(match code {
            "kanaal" => "Kanalen: everything",
            "subscription" => "Subscriptions: everything",
            "applicatie" => "Applicaties: everything",
            "run" => "Runs: everything",
            "schema" => "Schemas: everything",
            "configuration" => "Configuration: everything",
            "dead-letter" => "Dead letters: everything",
            "event" => "Events: everything",
            "addressee" => "Addressees: everything",
            "mailing" => "Mailings: everything",
            "token" => "Tokens: everything",
            "session" => "Sessions: everything",
            "logout-token" => "Log-outs at the provider: everything",
            "audit" => "Audit trail: everything",
            _ => return None,
        })
    },
    kind: |kind| match kind {
        ObjectKind::Kanaal => "Kanaal",
        ObjectKind::Subscription => "Subscription",
        ObjectKind::Applicatie => "Applicatie",
        ObjectKind::Run => "Run",
        ObjectKind::Schema => "Schema",
        ObjectKind::Configuration => "Configuration",
        ObjectKind::Event => "Event",
        ObjectKind::DeadLetter => "Dead letter",
        ObjectKind::Addressee => "Addressee",
        ObjectKind::Mailing => "Mailing",
        ObjectKind::Session => "Session",
        ObjectKind::Audit => "Audit trail",
        ObjectKind::Route => "Page or request",
    },
    member: |code| member(code).map(|(_, english)| english),
    interface: |interface| match interface {
        Interface::Native => "API of the gateway",
        Interface::Notificaties => "Notificaties API",
        Interface::Console => "Console",
        Interface::Portal => "Portal",
        Interface::People => "Pages of people who get messages",
        Interface::CommandLine => "Command line",
        Interface::Internal => "The gateway itself",
    },
};

const fn dutch_action(action: Action) -> &'static str {
    match action {
        Action::KanaalCreate => "Kanaal gemaakt",
        Action::KanaalChange => "Kanaal gewijzigd",
        Action::KanaalDelete => "Kanaal verwijderd",
        Action::KanaalPurge => "Events van een kanaal verwijderd",
        Action::SubscriptionCreate => "Abonnement gemaakt",
        Action::SubscriptionChange => "Abonnement gewijzigd",
        Action::SubscriptionDelete => "Abonnement verwijderd",
        Action::SubscriptionConsent => "Toestemming van een ontvanger vastgelegd",
        Action::SubscriptionRevalidate => "Opnieuw om toestemming gevraagd",
        Action::SubscriptionPause => "Bezorging gepauzeerd",
        Action::SubscriptionResume => "Bezorging hervat",
        Action::SubscriptionSuspend => "Bezorging stopgezet na een storing",
        Action::SubscriptionGone => "Ontvanger bestaat niet meer (410)",
        Action::SubscriptionExpire => "Abonnement verlopen",
        Action::SubscriptionCredential => "Token van een ontvanger vernieuwd",
        Action::SubscriptionAwait => "Opnieuw om goedkeuring gevraagd",
        Action::SubscriptionApprove => "Abonnement goedgekeurd",
        Action::SubscriptionReject => "Abonnement afgekeurd",
        Action::SubscriptionReplay => "Events opnieuw bezorgd",
        Action::SubscriptionTest => "Testbericht verstuurd",
        Action::SubscriptionCheck => "Ontvanger gecontroleerd",
        Action::ApplicatieDeclare => "Applicatie vastgelegd of gewijzigd",
        Action::ApplicatieDelete => "Applicatie verwijderd",
        Action::ApplicatieAsk => "Rechten van applicatie opnieuw opgevraagd",
        Action::RunStart => "Run gestart",
        Action::RunEnd => "Run geëindigd of gestopt",
        Action::SchemaRegister => "Schema vastgelegd",
        Action::SchemaDeclare => "Schema uit de configuratie vastgelegd",
        Action::SchemaDelete => "Schema verwijderd",
        Action::ConfigurationApply => "Versie van de configuratie toegepast",
        Action::ConfigurationLoad => "Node gestart met zijn configuratie",
        Action::DeadLetterRedrive => "Dead letters opnieuw bezorgd",
        Action::DeadLetterDelete => "Dead letter verwijderd",
        Action::DeadLetterView => "Inhoud van een dead letter bekeken",
        Action::EventRedeliver => "Event opnieuw bezorgd",
        Action::EventView => "Inhoud van een event bekeken",
        Action::EventSearch => "Events gezocht op onderwerp",
        Action::EventPublish => "Event gepubliceerd",
        Action::AddresseeSubscribe => "Persoon geabonneerd, of opnieuw om bevestiging gevraagd",
        Action::AddresseeConfirm => "Adres bevestigd door de persoon",
        Action::AddresseeLeave => "Persoon afgemeld",
        Action::AddresseeUndo => "Afmelding ongedaan gemaakt door de persoon",
        Action::AddresseeChange => "Ander adres gevraagd voor een persoon",
        Action::AddresseeExport => "Gegevens van een persoon geëxporteerd",
        Action::AddresseeErase => "Gegevens van een persoon gewist",
        Action::AddresseeSearch => "Persoon opgezocht op adres",
        Action::EventReplace => "Gepland event vervangen",
        Action::MailingStop => "Mailing gestopt",
        Action::MailingResend => "Mailing opnieuw verstuurd",
        Action::KanaalSending => "Versturen aan mensen gepauzeerd, hervat of op proef",
        Action::TokenRefuse => "Token of inlog geweigerd",
        Action::SessionStart => "Persoon ingelogd",
        Action::SessionEnd => "Sessie beëindigd",
        Action::LogoutTokenUse => "Uitgelogd bij de inlogdienst",
        Action::AuditTrim => "Oude regels van het logboek verwijderd",
        Action::AuditView => "Logboek bekeken",
        Action::AuditExport => "Logboek of rollenoverzicht geëxporteerd",
        Action::AuditVerify => "Ketens van het logboek gecontroleerd",
        Action::Read => "Gelezen",
    }
}

const fn english_action(action: Action) -> &'static str {
    match action {
        Action::KanaalCreate => "Kanaal created",
        Action::KanaalChange => "Kanaal changed",
        Action::KanaalDelete => "Kanaal deleted",
        Action::KanaalPurge => "Events of a kanaal removed",
        Action::SubscriptionCreate => "Subscription created",
        Action::SubscriptionChange => "Subscription changed",
        Action::SubscriptionDelete => "Subscription deleted",
        Action::SubscriptionConsent => "Consent of a receiver stored",
        Action::SubscriptionRevalidate => "Consent asked again",
        Action::SubscriptionPause => "Deliveries paused",
        Action::SubscriptionResume => "Deliveries resumed",
        Action::SubscriptionSuspend => "Deliveries suspended after an outage",
        Action::SubscriptionGone => "Receiver is gone (410)",
        Action::SubscriptionExpire => "Subscription expired",
        Action::SubscriptionCredential => "Token of a receiver renewed",
        Action::SubscriptionAwait => "Approval asked again",
        Action::SubscriptionApprove => "Subscription approved",
        Action::SubscriptionReject => "Subscription rejected",
        Action::SubscriptionReplay => "Events delivered again",
        Action::SubscriptionTest => "Test event sent",
        Action::SubscriptionCheck => "Receiver checked",
        Action::ApplicatieDeclare => "Applicatie declared or changed",
        Action::ApplicatieDelete => "Applicatie removed",
        Action::ApplicatieAsk => "Rights of applicatie asked for again",
        Action::RunStart => "Run started",
        Action::RunEnd => "Run ended or stopped",
        Action::SchemaRegister => "Schema registered",
        Action::SchemaDeclare => "Schema of the configuration declared",
        Action::SchemaDelete => "Schema deleted",
        Action::ConfigurationApply => "Revision of the configuration applied",
        Action::ConfigurationLoad => "Node started with its configuration",
        Action::DeadLetterRedrive => "Dead letters delivered again",
        Action::DeadLetterDelete => "Dead letter deleted",
        Action::DeadLetterView => "Payload of a dead letter read",
        Action::EventRedeliver => "Event delivered again",
        Action::EventView => "Payload of an event read",
        Action::EventSearch => "Events searched by subject",
        Action::EventPublish => "Event published",
        Action::AddresseeSubscribe => "Person subscribed, or asked to confirm again",
        Action::AddresseeConfirm => "Address confirmed by the person",
        Action::AddresseeLeave => "Person left",
        Action::AddresseeUndo => "Leaving undone by the person",
        Action::AddresseeChange => "Another address requested for a person",
        Action::AddresseeExport => "Data of a person exported",
        Action::AddresseeErase => "Data of a person erased",
        Action::AddresseeSearch => "Person looked up by address",
        Action::EventReplace => "Scheduled event replaced",
        Action::MailingStop => "Mailing stopped",
        Action::MailingResend => "Mailing sent again",
        Action::KanaalSending => "Sending to people paused, resumed or tried",
        Action::TokenRefuse => "Token or log-in refused",
        Action::SessionStart => "Person logged in",
        Action::SessionEnd => "Session ended",
        Action::LogoutTokenUse => "Logged out at the provider",
        Action::AuditTrim => "Old entries of the audit trail removed",
        Action::AuditView => "Audit trail read",
        Action::AuditExport => "Audit trail or overview of roles exported",
        Action::AuditVerify => "Chains of the audit trail verified",
        Action::Read => "Read",
    }
}

/// A member in Dutch and in English.
fn member(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "documentatie_link" => ("Link naar de documentatie", "Link to the documentation"),
        "filters" => ("Kenmerken", "Kenmerken"),
        "type_routes" => ("Typen die naar dit kanaal gaan", "Types that go to this kanaal"),
        "source" => ("Bron", "Source"),
        "retention_seconds" => ("Bewaartijd in seconden", "Retention in seconds"),
        "owner" => ("Eigenaar", "Owner"),
        "rules" => ("Regels voor events", "Rules for events"),
        "payloads" => ("Controle van de inhoud", "Check of payloads"),
        "clearance" => ("Toegestane gegevensklassen", "Permitted classes of data"),
        "approval" => ("Goedkeuring", "Approval"),
        "name" => ("Naam", "Name"),
        "contact" => ("Contact", "Contact"),
        "description" => ("Omschrijving", "Description"),
        "selection" | "what" => ("Welke events", "Which events"),
        "sink" => ("Ontvanger", "Receiver"),
        "credential" => ("Toegangsgegevens", "Credential"),
        "tls" => ("TLS-profiel", "TLS profile"),
        "fsc" => ("FSC grant hash", "FSC grant hash"),
        "headers" => ("Headers", "Headers"),
        "format" => ("Vorm", "Format"),
        "order" => ("Volgorde", "Order"),
        "retry" => ("Nieuwe pogingen", "Retries"),
        "max_in_flight" => ("Hoogste aantal tegelijk", "Most at a time"),
        "requested_rate" => ("Gevraagd tempo per minuut", "Requested rate per minute"),
        "validation" => ("Manier van toestemming vragen", "Way of asking for consent"),
        "consent" => ("Toestemming", "Consent"),
        "status" => ("Toestand", "State"),
        "start" => ("Begin", "Start"),
        "expires" => ("Einddatum", "End date"),
        "approvals" => ("Goedkeuringen", "Approvals"),
        "secrets" => ("Geheimen", "Secrets"),
        "scopes" => ("Scopes", "Scopes"),
        "subscription" => ("Abonnement", "Subscription"),
        "asked_by" => ("Gevraagd door", "Asked by"),
        "uri" => ("Adres", "Address"),
        "types" => ("Typen", "Types"),
        "kanaal" => ("Kanaal", "Kanaal"),
        "example" => ("Voorbeeld", "Example"),
        "text" => ("Tekst", "Text"),
        "reason" => ("Reden", "Reason"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use model::audit::members::{APPLICATIE, KANAAL, Member, RUN, SCHEMA, SUBSCRIPTION, Visibility};

    use super::*;

    #[test]
    fn every_action_has_words_of_its_own_in_both_languages() {
        for words in [&NL, &EN] {
            let mut found: Vec<_> = Action::ALL.map(|action| words.action(action.label()).expect("words")).to_vec();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found.len(), Action::ALL.len());
            for group in Action::ALL.iter().filter_map(|action| action.label().split_once('.')) {
                assert!(words.actions(group.0).is_some(), "{}", group.0);
            }
            assert_eq!((words.actions("x"), words.kind("x"), words.interface("x")), (None, None, None));
        }
        assert!(Action::ALL.iter().all(|action| dutch_action(*action) != english_action(*action)));
    }

    /// The codes of the members that an entry may contain.
    fn shown<T>(table: &'static [Member<T>]) -> impl Iterator<Item = &'static str> {
        let shown = table.iter().filter(|member| !matches!(member.visibility, Visibility::Omitted));
        shown.map(|member| member.name)
    }

    #[test]
    fn every_member_in_an_entry_has_words_in_both_languages() {
        let codes = shown(&KANAAL).chain(shown(&SUBSCRIPTION)).chain(shown(&APPLICATIE)).chain(shown(&RUN));
        for code in codes.chain(shown(&SCHEMA)).chain(["reason"]) {
            assert!(NL.member(code).is_some() && EN.member(code).is_some(), "{code}");
        }
        assert_eq!((NL.member("x"), EN.member("x")), (None, None));
    }
}
