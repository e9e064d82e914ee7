//! The audit trail.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// After that, for somebody who sees only own entries.
    pub only_own: &'static str,
    /// Who did it.
    pub actor: &'static str,
    /// What was done.
    pub action: &'static str,
    /// To what.
    pub object: &'static str,
    /// How it ended.
    pub result: &'static str,
    /// The first day.
    pub from: &'static str,
    /// The last day.
    pub until: &'static str,
    /// The choice that filters nothing.
    pub any: &'static str,
    /// The button of the filter.
    pub search: &'static str,
    /// The link to the page without filter.
    pub reset: &'static str,
    /// A value that the list of choices lacks.
    pub not_in_list: &'static str,
    /// A field that contains no date.
    pub no_date: &'static str,
    /// A last day before the first.
    pub no_period: &'static str,
    /// Too many lines to look at.
    pub too_broad: &'static str,
    /// No line matches.
    pub empty: &'static str,
    /// The name of the table.
    pub lines: &'static str,
    /// The column with the moment.
    pub at: &'static str,
    /// The column with the details.
    pub details: &'static str,
    /// A kind of actor.
    pub kind: fn(&str) -> &'static str,
    /// A result.
    pub verdict: fn(&str) -> &'static str,
    /// How many attempts a line is about.
    pub times: fn(u64) -> String,
    /// How many members changed.
    pub changes: fn(usize) -> String,
    /// A change without its values.
    pub hidden: &'static str,
    /// The value before.
    pub before: &'static str,
    /// The value after.
    pub after: &'static str,
    /// Further objects that changed.
    pub touched: &'static str,
    /// The interface that was used.
    pub interface: &'static str,
    /// The node that took the request.
    pub node: &'static str,
    /// The address of the client.
    pub address: &'static str,
    /// Roles or scopes at that moment.
    pub scopes: &'static str,
    /// The id of the request.
    pub request: &'static str,
    /// The id of the trace.
    pub trace: &'static str,
    /// The number of the line in a chain, whose name comes after it.
    pub place: fn(u64) -> String,
    /// A line that was changed after it was written.
    pub broken: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Logboek",
    intro: "Wie heeft wat gedaan, of geprobeerd te doen? De nieuwste regel staat bovenaan.",
    only_own: "U ziet wat u zelf hebt gedaan, en wat er met uw abonnementen en kanalen gebeurde.",
    actor: "Wie",
    action: "Actie",
    object: "Naam of id van het object",
    result: "Uitkomst",
    from: "Vanaf dag",
    until: "Tot en met dag",
    any: "Alle",
    search: "Zoeken",
    reset: "Filter wissen",
    not_in_list: "Kies een waarde uit de lijst.",
    no_date: "Vul een datum in, bijvoorbeeld 2026-11-30.",
    no_period: "Kies een laatste dag die niet voor de eerste dag ligt.",
    too_broad: "Er zijn te veel regels om te doorzoeken. Kies een kortere periode.",
    empty: "Geen regel past bij dit filter. Kies een langere periode, of haal een deel van het filter weg.",
    lines: "Regels van het logboek",
    at: "Moment",
    details: "Details",
    kind: |kind| match kind {
        "applicatie" => "Applicatie",
        "person" => "Persoon",
        "configuration" => "Configuratie",
        "gateway" => "Gateway",
        "unverified" => "Niet gecontroleerd:",
        _ => "Onbekend",
    },
    verdict: |result| match result {
        "accepted" => "Gelukt",
        "rejected" => "Kon niet",
        "refused" => "Geweigerd",
        "failed" => "Mislukt",
        _ => "Onbekend",
    },
    times: |number| format!("({number} keer)"),
    changes: |number| match number {
        0 => "Bekijken".to_owned(),
        1 => "Bekijken, met 1 wijziging".to_owned(),
        number => format!("Bekijken, met {number} wijzigingen"),
    },
    hidden: "Gewijzigd. De waarde is geheim en staat niet in het logboek.",
    before: "Voor",
    after: "Na",
    touched: "Ook gewijzigd",
    interface: "Langs",
    node: "Node",
    address: "Adres",
    scopes: "Rollen of scopes",
    request: "Verzoek",
    trace: "Trace",
    place: |number| format!("Regel {number} van keten"),
    broken: "Deze regel is na het schrijven veranderd. Meld dit als beveiligingsincident.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Audit trail",
    intro: "Who did what, or tried to? The newest entry comes first.",
    only_own: "You see what you did yourself, and what happened to your subscriptions and kanalen.",
    actor: "Who",
    action: "Action",
    object: "Name or id of the object",
    result: "Result",
    from: "From day",
    until: "Up to and including day",
    any: "All",
    search: "Search",
    reset: "Clear the filter",
    not_in_list: "Choose a value from the list.",
    no_date: "Enter a date, for example 2026-11-30.",
    no_period: "Choose a last day that is not before the first day.",
    too_broad: "There are too many entries to search. Choose a shorter period.",
    empty: "No entry matches this filter. Choose a longer period, or remove a part of the filter.",
    lines: "Entries of the audit trail",
    at: "Moment",
    details: "Details",
    kind: |kind| match kind {
        "applicatie" => "Applicatie",
        "person" => "Person",
        "configuration" => "Configuration",
        "gateway" => "Gateway",
        "unverified" => "Not verified:",
        _ => "Unknown",
    },
    verdict: |result| match result {
        "accepted" => "Done",
        "rejected" => "Not possible",
        "refused" => "Refused",
        "failed" => "Failed",
        _ => "Unknown",
    },
    times: |number| format!("({number} times)"),
    changes: |number| match number {
        0 => "Show".to_owned(),
        1 => "Show, with 1 change".to_owned(),
        number => format!("Show, with {number} changes"),
    },
    hidden: "Changed. The value is secret, and is not in the audit trail.",
    before: "Before",
    after: "After",
    touched: "Also changed",
    interface: "Through",
    node: "Node",
    address: "Address",
    scopes: "Roles or scopes",
    request: "Request",
    trace: "Trace",
    place: |number| format!("Entry {number} of chain"),
    broken: "This entry was changed after it was written. Report this as a security incident.",
};
