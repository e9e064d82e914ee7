//! One kanaal.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The configuration declares it.
    pub declared: &'static str,
    /// The publisher's documentation.
    pub documentation: &'static str,
    /// The default source.
    pub source: &'static str,
    /// When it was created.
    pub created: &'static str,
    /// The link to its volumes and findings.
    pub figures: &'static str,
    /// The link to its events.
    pub events: &'static str,
    /// The heading of the rules.
    pub rules: &'static str,
    /// The profile.
    pub profile: &'static str,
    /// How strict the profile is.
    pub mode: &'static str,
    /// How strict possible BSNs and e-mail addresses are handled.
    pub privacy: &'static str,
    /// The check of payloads.
    pub payloads: &'static str,
    /// The permitted classes of data.
    pub classes: &'static str,
    /// The kanaal has no setting of its own.
    pub inherited: &'static str,
    /// The NL GOV profile.
    pub nl_gov: &'static str,
    /// CloudEvents only.
    pub cloudevents: &'static str,
    /// Faults are findings.
    pub lenient: &'static str,
    /// Faults refuse the event.
    pub strict: &'static str,
    /// Payloads are not checked.
    pub payloads_off: &'static str,
    /// Faults in payloads are findings.
    pub payloads_warn: &'static str,
    /// Faults in payloads refuse the event.
    pub payloads_reject: &'static str,
    /// The heading of the kenmerken.
    pub kenmerken: &'static str,
    /// There are none.
    pub no_kenmerken: &'static str,
    /// The name of a kenmerk.
    pub kenmerk: &'static str,
    /// Its attribute.
    pub attribute: &'static str,
    /// It has no attribute.
    pub no_attribute: &'static str,
    /// The heading of the routes.
    pub routes: &'static str,
    /// There are none.
    pub no_routes: &'static str,
    /// The heading of what the log keeps.
    pub kept: &'static str,
    /// When the oldest event was accepted.
    pub oldest_kept: &'static str,
    /// No event is kept.
    pub nothing_kept: &'static str,
    /// The position of the oldest event.
    pub first_position: &'static str,
    /// The position that the next event gets.
    pub end_position: &'static str,
    /// Another node reads the partition, or none does.
    pub other_node: &'static str,
    /// The log does not answer.
    pub kept_unknown: &'static str,
    /// The heading of the subscribers.
    pub subscribers: &'static str,
    /// There are none.
    pub no_subscribers: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Kanaal",
    declared: "Dit kanaal staat in de configuratie van de gateway. Pas het daar aan; een wijziging elders gaat bij de volgende start verloren.",
    documentation: "Documentatie",
    source: "Standaardbron",
    created: "Gemaakt",
    figures: "Aantallen en bevindingen",
    events: "Events van dit kanaal",
    rules: "Regels",
    profile: "Profiel",
    mode: "Fouten tegen het profiel",
    privacy: "Mogelijk BSN of e-mailadres in een kenmerk",
    payloads: "Controle van de inhoud",
    classes: "Toegestane soorten gegevens",
    inherited: "Zoals de gateway is ingesteld",
    nl_gov: "NL GOV",
    cloudevents: "CloudEvents",
    lenient: "Bevinding, het event wordt aangenomen",
    strict: "Het event wordt geweigerd",
    payloads_off: "Geen controle",
    payloads_warn: "Bevinding, het event wordt aangenomen",
    payloads_reject: "Het event wordt geweigerd",
    kenmerken: "Kenmerken van notificaties",
    no_kenmerken: "Dit kanaal heeft geen kenmerken.",
    kenmerk: "Kenmerk",
    attribute: "Attribuut in het CloudEvent",
    no_attribute: "Geen; de waarde staat alleen in de inhoud",
    routes: "Types die naar dit kanaal gaan",
    no_routes: "Geen type gaat vanzelf naar dit kanaal.",
    kept: "Wat bewaard is",
    oldest_kept: "Oudste bewaarde event",
    nothing_kept: "Er is niets bewaard",
    first_position: "Positie van het oudste event",
    end_position: "Einde (positie van het volgende event)",
    other_node: "Deze node leest deze partitie niet",
    kept_unknown: "Dit is nu niet bekend: de opslag van events geeft geen antwoord. Laad de pagina later opnieuw.",
    subscribers: "Abonnementen op dit kanaal",
    no_subscribers: "Er zijn geen abonnementen op dit kanaal die u mag zien.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Kanaal",
    declared: "The configuration of the gateway declares this kanaal. Change it there; a change elsewhere is lost at the next start.",
    documentation: "Documentation",
    source: "Default source",
    created: "Created",
    figures: "Volumes and findings",
    events: "Events of this kanaal",
    rules: "Rules",
    profile: "Profile",
    mode: "Violations of the profile",
    privacy: "Possible BSN or e-mail address in an attribute",
    payloads: "Check of payloads",
    classes: "Permitted classes of data",
    inherited: "As the gateway is configured",
    nl_gov: "NL GOV",
    cloudevents: "CloudEvents",
    lenient: "Finding; the event is accepted",
    strict: "The event is refused",
    payloads_off: "No check",
    payloads_warn: "Finding; the event is accepted",
    payloads_reject: "The event is refused",
    kenmerken: "Kenmerken of notificaties",
    no_kenmerken: "This kanaal has no kenmerken.",
    kenmerk: "Kenmerk",
    attribute: "Attribute in the CloudEvent",
    no_attribute: "None; the value is in the payload only",
    routes: "Types that go to this kanaal",
    no_routes: "No type goes to this kanaal by itself.",
    kept: "What is kept",
    oldest_kept: "Oldest event that is kept",
    nothing_kept: "Nothing is kept",
    first_position: "Position of the oldest event",
    end_position: "End (position of the next event)",
    other_node: "This node does not read this partition",
    kept_unknown: "This is not known now: the store of events does not answer. Load the page again later.",
    subscribers: "Subscriptions to this kanaal",
    no_subscribers: "There are no subscriptions to this kanaal that you may see.",
};
