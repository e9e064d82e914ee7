//! The list of subscriptions.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading of the filter.
    pub filter: &'static str,
    /// The button that applies the filter.
    pub apply: &'static str,
    /// The link that removes the filter.
    pub clear: &'static str,
    /// The choice of every value.
    pub any: &'static str,
    /// The field that searches id, owner and receiver.
    pub search: &'static str,
    /// The column with the receiver.
    pub receiver: &'static str,
    /// The column with the owner.
    pub owner: &'static str,
    /// The filter by kanaal.
    pub kanaal: &'static str,
    /// The column with the kanalen.
    pub kanalen: &'static str,
    /// A subscription that names no kanaal.
    pub all_kanalen: &'static str,
    /// The column with the format.
    pub format: &'static str,
    /// The column with the state.
    pub state: &'static str,
    /// The column with the number of waiting events.
    pub lag: &'static str,
    /// The column with the oldest waiting event.
    pub oldest: &'static str,
    /// The column with the moment of the last success.
    pub last_success: &'static str,
    /// That moment cannot be read now.
    pub unknown: &'static str,
    /// So many could not be sorted by the column.
    pub not_sorted: fn(usize) -> String,
    /// The column with the last error.
    pub last_error: &'static str,
    /// The format of the Notificaties API.
    pub legacy: &'static str,
    /// A structured CloudEvent.
    pub structured: &'static str,
    /// A binary CloudEvent.
    pub binary: &'static str,
    /// Batches of CloudEvents.
    pub batch: &'static str,
    /// The link to create one.
    pub new: &'static str,
    /// The link to the list as CSV.
    pub csv: &'static str,
    /// The link to the list as JSON.
    pub json: &'static str,
    /// The column with the boxes that select rows.
    pub select: &'static str,
    /// The label of such a box.
    pub select_one: fn(&str) -> String,
    /// The heading of the actions on the selected rows.
    pub selected: &'static str,
    /// How many match.
    pub found: fn(usize) -> String,
    /// There is no subscription.
    pub none: &'static str,
    /// No subscription matches the filter.
    pub none_match: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Abonnementen",
    filter: "Filter",
    apply: "Toon",
    clear: "Wis het filter",
    any: "Alle",
    search: "Zoek in naam, nummer, eigenaar of ontvanger",
    receiver: "Ontvanger",
    owner: "Eigenaar",
    kanaal: "Kanaal",
    kanalen: "Kanalen",
    all_kanalen: "alle kanalen",
    format: "Vorm",
    state: "Toestand",
    lag: "Wachtend",
    oldest: "Oudste wachtende event",
    last_success: "Laatste succes",
    unknown: "nu niet bekend",
    not_sorted: |number| {
        format!(
            "Van {number} abonnementen is de bezorging niet bekeken; die staan achteraan. Kies een filter om er minder te hebben."
        )
    },
    last_error: "Laatste fout",
    legacy: "Notificatie",
    structured: "CloudEvent",
    binary: "CloudEvent, binair",
    batch: "CloudEvents in groepen",
    new: "Nieuw abonnement",
    csv: "Download als CSV",
    json: "Download als JSON",
    select: "Kies",
    select_one: |name| format!("Kies {name}"),
    selected: "Met de gekozen abonnementen",
    found: |number| match number {
        1 => "1 abonnement".to_owned(),
        number => format!("{number} abonnementen"),
    },
    none: "Er zijn nog geen abonnementen die u mag zien.",
    none_match: "Geen abonnement voldoet aan dit filter. Wis het filter om alles te zien.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Subscriptions",
    filter: "Filter",
    apply: "Show",
    clear: "Clear the filter",
    any: "All",
    search: "Search in name, id, owner or receiver",
    receiver: "Receiver",
    owner: "Owner",
    kanaal: "Kanaal",
    kanalen: "Kanalen",
    all_kanalen: "all kanalen",
    format: "Format",
    state: "State",
    lag: "Waiting",
    oldest: "Oldest waiting event",
    last_success: "Last success",
    unknown: "not known now",
    not_sorted: |number| {
        format!(
            "The deliveries of {number} subscriptions were not looked at; these come last. Choose a filter to have fewer."
        )
    },
    last_error: "Last error",
    legacy: "Notificatie",
    structured: "CloudEvent",
    binary: "CloudEvent, binary",
    batch: "CloudEvents in batches",
    new: "New subscription",
    csv: "Download as CSV",
    json: "Download as JSON",
    select: "Select",
    select_one: |name| format!("Select {name}"),
    selected: "With the selected subscriptions",
    found: |number| match number {
        1 => "1 subscription".to_owned(),
        number => format!("{number} subscriptions"),
    },
    none: "There are no subscriptions yet that you may see.",
    none_match: "No subscription matches this filter. Clear the filter to see all.",
};
