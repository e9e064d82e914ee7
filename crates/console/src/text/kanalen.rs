//! The list of kanalen.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The search by name and owner.
    pub search: &'static str,
    /// The column with the name.
    pub naam: &'static str,
    /// The column with the retention.
    pub retention: &'static str,
    /// The column about approval.
    pub approval: &'static str,
    /// The column with the number of subscriptions.
    pub subscriptions: &'static str,
    /// The caption of the table.
    pub counted: &'static str,
    /// There are none.
    pub none: &'static str,
    /// None matches.
    pub none_match: &'static str,
    /// A number of days.
    pub days: fn(&str) -> String,
    /// A number of seconds.
    pub seconds: fn(&str) -> String,
    /// A duration that is the default.
    pub by_default: fn(&str) -> String,
    /// Nobody but administrators is responsible.
    pub no_owner: &'static str,
    /// It carries the events of the gateway about itself.
    pub own_events: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Kanalen",
    search: "Zoek op naam of eigenaar",
    naam: "Naam",
    retention: "Bewaartermijn",
    approval: "Vraagt goedkeuring",
    subscriptions: "Abonnementen",
    counted: "Kanalen; geteld zijn de abonnementen die u mag zien",
    none: "Er zijn nog geen kanalen. Een applicatie maakt een kanaal aan, of de configuratie.",
    none_match: "Geen kanaal voldoet aan dit filter. Wis het filter om alles te zien.",
    days: |number| match number {
        "1" => "1 dag".to_owned(),
        number => format!("{number} dagen"),
    },
    seconds: |number| format!("{number} seconden"),
    by_default: |duration| format!("{duration} (standaard)"),
    no_owner: "Alleen beheerders",
    own_events: "De gateway zelf",
};

/// English.
pub const EN: Texts = Texts {
    title: "Kanalen",
    search: "Search name or owner",
    naam: "Name",
    retention: "Retention",
    approval: "Asks for approval",
    subscriptions: "Subscriptions",
    counted: "Kanalen; the subscriptions that you may see are counted",
    none: "There are no kanalen yet. An applicatie creates a kanaal, or the configuration.",
    none_match: "No kanaal matches this filter. Clear the filter to see all.",
    days: |number| match number {
        "1" => "1 day".to_owned(),
        number => format!("{number} days"),
    },
    seconds: |number| format!("{number} seconds"),
    by_default: |duration| format!("{duration} (default)"),
    no_owner: "Administrators only",
    own_events: "The gateway itself",
};
