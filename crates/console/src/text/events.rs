//! The list of events.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the list shows.
    pub intro: &'static str,
    /// The id.
    pub id: &'static str,
    /// The source.
    pub source: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// The type.
    pub kind: &'static str,
    /// When it was accepted.
    pub accepted: &'static str,
    /// The number of subscriptions that got it.
    pub delivered: &'static str,
    /// The number of subscriptions of which a delivery goes on.
    pub open: &'static str,
    /// The number of subscriptions whose deliveries failed.
    pub failed: &'static str,
    /// The caption of the table.
    pub newest_first: &'static str,
    /// There are no events.
    pub none: &'static str,
    /// No event matches.
    pub none_match: &'static str,
    /// The text is no name of a kanaal.
    pub kanaal_wrong: &'static str,
    /// Many events were looked at, and there are older ones.
    pub looked_at: &'static str,
    /// The link to them.
    pub further: &'static str,
    /// The link back to the newest events.
    pub beginning: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Events",
    intro: "Deze lijst toont de kenmerken van events, niet de inhoud. Zoeken op onderwerp komt in het logboek. \
            Een type wordt gezocht in de nieuwste 20.000 events die aan de andere velden voldoen.",
    id: "Id",
    source: "Bron",
    subject: "Onderwerp",
    kind: "Type",
    accepted: "Ontvangen",
    delivered: "Bezorgd",
    open: "Bezig",
    failed: "Mislukt",
    newest_first: "Events, de nieuwste eerst",
    none: "Er zijn nog geen events. Een nieuw event staat hier een paar tellen nadat het is gepubliceerd.",
    none_match: "Geen event voldoet aan dit filter. Wis het filter of kies een andere periode.",
    kanaal_wrong: "Kies een kanaal uit de lijst",
    looked_at: "De gateway heeft 20.000 events bekeken. Daarvan staat hier wat u mag zien. Er zijn nog oudere events.",
    further: "Zoek verder in oudere events",
    beginning: "Terug naar de nieuwste events",
};

/// English.
pub const EN: Texts = Texts {
    title: "Events",
    intro: "This list shows the attributes of events, not their payload. A search by subject is recorded in the audit trail. \
            A type is sought among the newest 20,000 events that the other fields select.",
    id: "Id",
    source: "Source",
    subject: "Subject",
    kind: "Type",
    accepted: "Accepted",
    delivered: "Delivered",
    open: "In progress",
    failed: "Failed",
    newest_first: "Events, newest first",
    none: "There are no events yet. A new event is listed here some seconds after it was published.",
    none_match: "No event matches this filter. Clear the filter, or choose another period.",
    kanaal_wrong: "Choose a kanaal of the list",
    looked_at: "The gateway looked at 20,000 events. Those that you may see are here. There are older events.",
    further: "Search further in older events",
    beginning: "Back to the newest events",
};
