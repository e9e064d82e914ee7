//! The audit trail.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The link to the lines about one object, on its page.
    pub history: &'static str,
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
    /// The link to the export as CSV.
    pub export_csv: &'static str,
    /// The link to the export as stored.
    pub export_lines: &'static str,
    /// What an export has.
    pub export_hint: &'static str,
    /// The heading of the check of the chains.
    pub chain: &'static str,
    /// What the check does.
    pub chain_intro: &'static str,
    /// The field with a hash that must be there.
    pub chain_wanted: &'static str,
    /// What to fill in there.
    pub chain_wanted_hint: &'static str,
    /// The button of the check.
    pub chain_check: &'static str,
    /// The chains are intact.
    pub chain_good: &'static str,
    /// The chains are broken.
    pub chain_bad: &'static str,
    /// The check took too long.
    pub chain_too_long: &'static str,
    /// The number of lines.
    pub chain_lines: &'static str,
    /// The number of lines in no chain.
    pub chain_unchained: &'static str,
    /// The number of problems.
    pub chain_problems: &'static str,
    /// The caption of the table of chains.
    pub chain_heads: &'static str,
    /// The column with the chain.
    pub chain_name: &'static str,
    /// The column with the number of the newest line.
    pub chain_newest: &'static str,
    /// The column with its hash.
    pub chain_hash: &'static str,
    /// The link back to the list.
    pub back: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Logboek",
    history: "Wie dit wijzigde, in het logboek",
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
    export_csv: "Exporteer wat bij dit filter past als CSV",
    export_lines: "Exporteer de regels zoals opgeslagen (JSON)",
    export_hint: "Een export heeft hoogstens 100.000 regels, de nieuwste eerst, en staat zelf ook in het logboek.",
    chain: "Keten controleren",
    chain_intro: "Elke regel heeft een hash van de regel ervoor. De controle leest het hele logboek en vindt regels die zijn veranderd, verwijderd of verplaatst.",
    chain_wanted: "Hash die in het logboek moet staan",
    chain_wanted_hint: "Een hash die iemand anders eerder bewaarde. Zo blijkt ook of de nieuwste regels zijn verwijderd.",
    chain_check: "Controleer nu",
    chain_good: "Elke regel volgt op de regel ervoor.",
    chain_bad: "Het logboek is niet gaaf. Meld dit als beveiligingsincident.",
    chain_too_long: "De controle duurde langer dan een minuut en is gestopt. Gebruik het commando: gateway audit verify",
    chain_lines: "Regels",
    chain_unchained: "Regels van een eerdere versie, zonder keten",
    chain_problems: "Problemen",
    chain_heads: "De nieuwste regel van elke keten. Laat iemand anders de hash bewaren.",
    chain_name: "Keten",
    chain_newest: "Regel",
    chain_hash: "Hash",
    back: "Terug naar het logboek",
};

/// English.
pub const EN: Texts = Texts {
    title: "Audit trail",
    history: "Who changed this, in the audit trail",
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
    export_csv: "Export what matches this filter as CSV",
    export_lines: "Export the entries as stored (JSON)",
    export_hint: "An export has at most 100,000 entries, the newest first, and the audit trail records it.",
    chain: "Verify the chain",
    chain_intro: "Each entry has a hash of the entry before it. The check reads the whole audit trail and finds entries that were changed, removed or moved.",
    chain_wanted: "Hash that must be in the audit trail",
    chain_wanted_hint: "A hash that somebody else kept before. It shows whether the newest entries were removed.",
    chain_check: "Verify now",
    chain_good: "Every entry follows the one before it.",
    chain_bad: "The audit trail is not intact. Report this as a security incident.",
    chain_too_long: "The check took more than a minute and was stopped. Use the command: gateway audit verify",
    chain_lines: "Entries",
    chain_unchained: "Entries of an earlier version, in no chain",
    chain_problems: "Problems",
    chain_heads: "The newest entry of each chain. Have somebody else keep the hash.",
    chain_name: "Chain",
    chain_newest: "Entry",
    chain_hash: "Hash",
    back: "Back to the audit trail",
};
