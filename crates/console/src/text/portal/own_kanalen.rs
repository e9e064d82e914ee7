//! The kanalen of a publisher.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What it is for.
    pub intro: &'static str,
    /// There are none.
    pub none: &'static str,
    /// The volumes.
    pub volumes: &'static str,
    /// Accepted events.
    pub accepted: &'static str,
    /// Successful deliveries.
    pub delivered: &'static str,
    /// Failed deliveries.
    pub failed: &'static str,
    /// Subscriptions.
    pub subscriptions: &'static str,
    /// Requests for approval.
    pub awaiting: &'static str,
    /// Somebody waits for a decision.
    pub must_decide: &'static str,
    /// The link to the page of the kanaal.
    pub rules_and_subscriptions: &'static str,
    /// Since when the figures are complete.
    pub counted_since: &'static str,
    /// The caption of the table by hour.
    pub hours: &'static str,
    /// The column with the hour.
    pub hour: &'static str,
    /// The volumes by day.
    pub days: &'static str,
    /// What they count.
    pub days_hint: &'static str,
    /// The log does not answer.
    pub days_unknown: &'static str,
    /// The column with the day.
    pub day: &'static str,
    /// The types that are not in the catalogue.
    pub undeclared: &'static str,
    /// What they mean.
    pub undeclared_hint: &'static str,
    /// How many of how many are shown.
    pub undeclared_number: fn(&str, &str) -> String,
    /// The column with the type.
    pub kind: &'static str,
    /// The column with the moment of the newest event.
    pub newest: &'static str,
    /// The column with the newest event.
    pub example: &'static str,
    /// The findings.
    pub findings: &'static str,
    /// How many events were checked.
    pub checked: fn(&str) -> String,
    /// There are none.
    pub no_findings: &'static str,
    /// The column with the rule.
    pub rule: &'static str,
    /// The column with the number of events.
    pub events: &'static str,
    /// The column with examples.
    pub examples: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Mijn kanalen",
    intro: "De kanalen van uw applicaties: wat erop kwam, wat is bezorgd en wie er wacht.",
    none: "Uw applicaties hebben nog geen kanalen.",
    volumes: "De laatste 24 uur",
    accepted: "Aangenomen",
    delivered: "Bezorgd",
    failed: "Mislukt",
    subscriptions: "Abonnementen",
    awaiting: "Wacht op goedkeuring",
    must_decide: "Een afnemer wacht op uw beslissing.",
    rules_and_subscriptions: "Regels en abonnementen van dit kanaal",
    counted_since: "Geteld sinds",
    hours: "Per uur",
    hour: "Uur",
    days: "De laatste 7 dagen",
    days_hint: "Vandaag telt tot nu. Events die al verwijderd zijn, tellen niet mee.",
    days_unknown: "Dit is nu niet bekend: de opslag van events geeft geen antwoord. Laad de pagina later opnieuw.",
    day: "Dag",
    undeclared: "Types zonder schema",
    undeclared_hint: "Deze types kwamen voor bij de nagekeken events, maar staan niet bij Typen en schema’s. Afnemers zien dus niet welke inhoud zo’n event heeft. Registreer een schema, of controleer of het type klopt.",
    undeclared_number: |shown, all| format!("Types: {shown} van {all}, met de meeste events eerst"),
    kind: "Type",
    newest: "Nieuwste event",
    example: "Event",
    findings: "Bevindingen op uw events",
    checked: |number| format!("De gateway keek {number} events van de laatste 24 uur na."),
    no_findings: "Er is niets gevonden.",
    rule: "Bevinding",
    events: "Events",
    examples: "Voorbeelden",
};

/// English.
pub const EN: Texts = Texts {
    title: "My kanalen",
    intro: "The kanalen of your applications: what came in, what was delivered, and who waits.",
    none: "Your applications have no kanalen yet.",
    volumes: "The last 24 hours",
    accepted: "Accepted",
    delivered: "Delivered",
    failed: "Failed",
    subscriptions: "Subscriptions",
    awaiting: "Awaiting approval",
    must_decide: "A subscriber waits for your decision.",
    rules_and_subscriptions: "Rules and subscriptions of this kanaal",
    counted_since: "Counted since",
    hours: "By hour",
    hour: "Hour",
    days: "The last 7 days",
    days_hint: "Today counts until now. Events that were removed do not count.",
    days_unknown: "This is not known now: the store of events does not answer. Load the page again later.",
    day: "Day",
    undeclared: "Types without a schema",
    undeclared_hint: "The checked events have these types, but the catalogue of types does not. So subscribers do not see what such an event contains. Register a schema, or check whether the type is right.",
    undeclared_number: |shown, all| format!("Types: {shown} of {all}, those with most events first"),
    kind: "Type",
    newest: "Newest event",
    example: "Event",
    findings: "Findings on your events",
    checked: |number| format!("The gateway checked {number} events of the last 24 hours."),
    no_findings: "Nothing was found.",
    rule: "Finding",
    events: "Events",
    examples: "Examples",
};
