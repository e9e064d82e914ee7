//! The main navigation.

/// The texts of its entries.
pub struct Texts {
    /// The overview.
    pub overview: &'static str,
    /// The kanalen.
    pub kanalen: &'static str,
    /// The requests for approval.
    pub approvals: &'static str,
    /// The events.
    pub events: &'static str,
    /// The subscriptions.
    pub subscriptions: &'static str,
    /// The dead letters.
    pub dead_letters: &'static str,
    /// The runs.
    pub runs: &'static str,
    /// From the console to the portal.
    pub portal: &'static str,
    /// From the portal to the console.
    pub console: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    overview: "Overzicht",
    kanalen: "Kanalen",
    approvals: "Goedkeuringen",
    events: "Events",
    subscriptions: "Abonnementen",
    dead_letters: "Dead letters",
    runs: "Runs",
    portal: "Naar het portaal",
    console: "Naar beheer",
};

/// English.
pub const EN: Texts = Texts {
    overview: "Overview",
    kanalen: "Kanalen",
    approvals: "Approvals",
    events: "Events",
    subscriptions: "Subscriptions",
    dead_letters: "Dead letters",
    runs: "Runs",
    portal: "To the portal",
    console: "To the console",
};
