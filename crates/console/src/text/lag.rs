//! How far a node is behind, and pages that are read again by themselves.

/// The texts.
pub struct Texts {
    /// The heading of the table.
    pub title: &'static str,
    /// What it counts.
    pub intro: &'static str,
    /// This node reads no partition of it.
    pub none: &'static str,
    /// Nothing was behind in the last hour.
    pub nothing: &'static str,
    /// The name of the table, with how many are shown and how many there are.
    pub shown: fn(&str, &str) -> String,
    /// The column with the records that are not read.
    pub unread: &'static str,
    /// The column with the direction.
    pub trend: &'static str,
    /// The column with the line of the last hour.
    pub hour: &'static str,
    /// More waits than at the moment that follows.
    pub up: &'static str,
    /// Less waits than at the moment that follows.
    pub down: &'static str,
    /// As much waits as at the moment that follows.
    pub level: &'static str,
    /// There is no earlier figure yet.
    pub unknown: &'static str,
    /// The line in words: the least and the most of the last hour.
    pub least_and_most: fn(&str, &str) -> String,
    /// The label of the choice of a pace.
    pub refresh: &'static str,
    /// The page is not read again.
    pub never: &'static str,
    /// The page is read again every so many seconds.
    pub every: fn(u64) -> String,
    /// Applies the choice.
    pub apply: &'static str,
    /// The page is read again by itself until the moment that follows.
    pub refreshes_until: &'static str,
    /// The time that was chosen is over.
    pub is_over: &'static str,
    /// Ends it.
    pub stop: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Achterstand per partitie",
    intro: "Events die deze node nog niet heeft gelezen. Wat daarna op een ontvanger wacht, staat bij het abonnement.",
    none: "Deze node leest nu geen partities van dit kanaal.",
    nothing: "Het afgelopen uur liep geen partitie van deze node achter.",
    shown: |shown, all| format!("{shown} van {all} partities"),
    unread: "Nog niet gelezen",
    trend: "Verloop",
    hour: "Laatste uur",
    up: "Meer dan om",
    down: "Minder dan om",
    level: "Evenveel als om",
    unknown: "Nog niet bekend",
    least_and_most: |least, most| format!("Laatste uur: minst {least}, meest {most}"),
    refresh: "Pagina vanzelf verversen",
    never: "Niet",
    every: |seconds| format!("Elke {seconds} seconden"),
    apply: "Stel in",
    refreshes_until: "Deze pagina ververst vanzelf tot",
    is_over: "Deze pagina ververst niet meer vanzelf: de 30 minuten zijn voorbij.",
    stop: "Stop met verversen",
};

/// English.
pub const EN: Texts = Texts {
    title: "Lag by partition",
    intro: "Events that this node has not read yet. What waits for a receiver after that is on the page of the subscription.",
    none: "This node reads no partitions of this kanaal now.",
    nothing: "No partition of this node was behind in the last hour.",
    shown: |shown, all| format!("{shown} of {all} partitions"),
    unread: "Not read yet",
    trend: "Trend",
    hour: "Last hour",
    up: "More than at",
    down: "Less than at",
    level: "As many as at",
    unknown: "Not known yet",
    least_and_most: |least, most| format!("Last hour: least {least}, most {most}"),
    refresh: "Refresh the page by itself",
    never: "Never",
    every: |seconds| format!("Every {seconds} seconds"),
    apply: "Set",
    refreshes_until: "This page refreshes by itself until",
    is_over: "This page does not refresh by itself any more: the 30 minutes are over.",
    stop: "Stop refreshing",
};
