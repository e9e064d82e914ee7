//! The catalogue of kanalen and types of events.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What it is for.
    pub intro: &'static str,
    /// The search.
    pub search: &'static str,
    /// There are no kanalen.
    pub none: &'static str,
    /// No kanaal matches.
    pub none_match: &'static str,
    /// A kanaal without registered types.
    pub no_types: &'static str,
    /// The caption of the types.
    pub types: &'static str,
    /// The column with the type.
    pub kind: &'static str,
    /// The column with the description.
    pub description: &'static str,
    /// The column with the link to subscribe.
    pub action: &'static str,
    /// The link to subscribe.
    pub subscribe: &'static str,
    /// The name of that link.
    pub subscribe_to: fn(&str) -> String,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Catalogus",
    intro: "Hier staan de kanalen met de typen events erop. Bij een type staat een schema en een voorbeeld.",
    search: "Zoek een kanaal of type",
    none: "Er zijn nog geen kanalen.",
    none_match: "Er is geen kanaal of type met deze tekst.",
    no_types: "Van dit kanaal zijn nog geen typen vastgelegd.",
    types: "Typen op dit kanaal",
    kind: "Type",
    description: "Omschrijving",
    action: "Doen",
    subscribe: "Abonneren",
    subscribe_to: |name| format!("Abonneren op {name}"),
};

/// English.
pub const EN: Texts = Texts {
    title: "Catalogue",
    intro: "These are the kanalen with the types of events on them. A type has a schema and an example.",
    search: "Search a kanaal or type",
    none: "There are no kanalen yet.",
    none_match: "No kanaal or type has this text.",
    no_types: "No types are registered for this kanaal yet.",
    types: "Types on this kanaal",
    kind: "Type",
    description: "Description",
    action: "Action",
    subscribe: "Subscribe",
    subscribe_to: |name| format!("Subscribe to {name}"),
};
