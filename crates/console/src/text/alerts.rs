//! Who gets the gateway's own events about a subscription.

/// Its texts.
pub struct Texts {
    /// The heading.
    pub title: &'static str,
    /// Before the subscriptions that get them.
    pub to: &'static str,
    /// No subscription gets them.
    pub nobody: &'static str,
    /// The receiver gets them itself.
    pub itself: &'static str,
    /// The gateway publishes none.
    pub off: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Wie een melding krijgt bij een storing",
    to: "De gateway stuurt meldingen over dit abonnement naar de abonnementen op het kanaal gateway:",
    nobody: "Niemand: er is geen abonnement op het kanaal gateway. Maak er een om meldingen te krijgen.",
    itself: "Niemand: deze ontvanger krijgt zelf de meldingen van de gateway, en over zo'n ontvanger worden er geen verstuurd.",
    off: "Niemand: de gateway verstuurt geen meldingen. De platformbeheerder zet ze aan met [own_events] in de configuratie.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Who is alerted of an outage",
    to: "The gateway sends events about this subscription to the subscriptions to the kanaal gateway:",
    nobody: "Nobody: there is no subscription to the kanaal gateway. Create one to get alerts.",
    itself: "Nobody: this receiver gets the events of the gateway about itself, and none are sent about such a receiver.",
    off: "Nobody: the gateway sends no events about itself. The platform engineer enables them with [own_events] in the configuration.",
};
