//! The overview.

use management::readiness::Part;

use super::states::Words;

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// Everything is well.
    pub all_well: &'static str,
    /// There is no subscription yet.
    pub no_subscriptions: &'static str,
    /// So many subscriptions need attention.
    pub need_attention: fn(usize) -> String,
    /// The node is not ready.
    pub not_ready: &'static str,
    /// The heading of the numbers.
    pub numbers: &'static str,
    /// The number of kanalen.
    pub kanalen: &'static str,
    /// The number of subscriptions.
    pub subscriptions: &'static str,
    /// Before the word of a state: the subscriptions in it.
    pub in_state: &'static str,
    /// A subscription whose receiver works and whose events wait long.
    pub behind: fn() -> Words,
    /// No subscription needs attention, and so many deliveries failed since yesterday.
    pub some_failed: fn(&str) -> String,
    /// The number of events that were not delivered yet.
    pub waiting: &'static str,
    /// The number of dead letters since the start of yesterday.
    pub dead_letters: &'static str,
    /// Before a number that may be higher.
    pub at_least: &'static str,
    /// A part cannot be read now.
    pub unread: &'static str,
    /// The heading of the runs.
    pub runs: &'static str,
    /// No run goes on.
    pub no_runs: &'static str,
    /// How far a run is: done, total, percent.
    pub progress: fn(&str, &str, &str) -> String,
    /// The link to all runs.
    pub all_runs: &'static str,
    /// The same, when not all that go on are shown.
    pub more_runs: &'static str,
    /// The heading of the findings of the configuration check.
    pub findings: &'static str,
    /// So much does not work.
    pub wrong: fn(usize) -> String,
    /// So many warnings.
    pub warnings: fn(usize) -> String,
    /// There are no findings.
    pub no_findings: &'static str,
    /// Before the moment of the check.
    pub checked_at: &'static str,
    /// There was no check since the start of the node.
    pub not_checked: &'static str,
    /// The link to the findings.
    pub all_findings: &'static str,
    /// The heading of the lines of the audit trail.
    pub lines: &'static str,
    /// The link to the audit trail.
    pub all_lines: &'static str,
    /// The deliveries of so many subscriptions were not looked at.
    pub unknown: fn(usize) -> String,
    /// The heading of the list of subscriptions.
    pub attention: &'static str,
    /// Under that heading: how many are shown of how many.
    pub shown: fn(usize, usize) -> String,
    /// The column with the receiver.
    pub receiver: &'static str,
    /// The column with the owner.
    pub owner: &'static str,
    /// The column with the state.
    pub state: &'static str,
    /// The column with the number of waiting events.
    pub lag: &'static str,
    /// The column with the age of the oldest waiting event.
    pub oldest: &'static str,
    /// The column with what to do.
    pub remedy: &'static str,
    /// The heading of the checks of this node.
    pub checks: &'static str,
    /// The column with the name of a check.
    pub check: &'static str,
    /// The column with its result.
    pub result: &'static str,
    /// A check that passed.
    pub good: &'static str,
    /// The name of a part of the node, and that it does not work.
    pub part: fn(Part) -> (&'static str, &'static str),
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Overzicht",
    all_well: "Alle abonnementen zijn actief.",
    no_subscriptions: "Er zijn nog geen abonnementen.",
    need_attention: |number| match number {
        1 => "1 abonnement vraagt aandacht.".to_owned(),
        number => format!("{number} abonnementen vragen aandacht."),
    },
    not_ready: "Deze node is niet gereed; zie de controles hieronder.",
    numbers: "In cijfers",
    kanalen: "Kanalen",
    subscriptions: "Abonnementen",
    in_state: "Abonnementen in toestand",
    behind: || Words {
        name: "Loopt achter",
        meaning: "De ontvanger krijgt events, maar er wacht al meer dan een kwartier een event.",
        remedy: "Kijk bij het abonnement wat het tempo begrenst.",
    },
    some_failed: |number| format!("Alle abonnementen zijn actief. Mislukte bezorgingen sinds gisteren: {number}."),
    waiting: "Nog te bezorgen events",
    dead_letters: "Dead letters sinds gisteren",
    at_least: "ten minste",
    unread: "Dit kan nu niet worden gelezen. Probeer het over een minuut opnieuw.",
    runs: "Runs die bezig zijn",
    no_runs: "Er is geen run bezig.",
    progress: |done, total, percent| format!("{done} van {total} ({percent} %)"),
    all_runs: "Alle runs",
    more_runs: "Er zijn er meer: alle runs",
    findings: "Configuratiecontrole",
    wrong: |number| match number {
        1 => "1 fout".to_owned(),
        number => format!("{number} fouten"),
    },
    warnings: |number| match number {
        1 => "1 waarschuwing".to_owned(),
        number => format!("{number} waarschuwingen"),
    },
    no_findings: "Geen bevindingen",
    checked_at: "Gecontroleerd op",
    not_checked: "De configuratie is nog niet gecontroleerd sinds deze node startte. Dat gebeurt nu.",
    all_findings: "Alle controles",
    lines: "Laatste regels van het logboek",
    all_lines: "Het hele logboek",
    unknown: |number| {
        format!(
            "Van {number} abonnementen is de bezorging niet bekeken; storingen en wachtende events daarvan ontbreken hier."
        )
    },
    attention: "Abonnementen die aandacht vragen",
    shown: |shown, total| format!("{shown} van {total}, die met de oudste wachtende events eerst"),
    receiver: "Ontvanger",
    owner: "Eigenaar",
    state: "Toestand",
    lag: "Wachtend",
    oldest: "Oudste wachtende event",
    remedy: "Wat te doen",
    checks: "Controles van deze node",
    check: "Controle",
    result: "Uitkomst",
    good: "In orde",
    part: |part| match part {
        Part::Storage => ("Opslag", "De opslag werkt niet"),
        Part::Journal => ("Journaal", "Het journaal wordt niet geschreven"),
        Part::Deliveries => ("Bezorging", "Er wordt niet bezorgd"),
    },
};

/// English.
pub const EN: Texts = Texts {
    title: "Overview",
    all_well: "All subscriptions are active.",
    no_subscriptions: "There are no subscriptions yet.",
    need_attention: |number| match number {
        1 => "1 subscription needs attention.".to_owned(),
        number => format!("{number} subscriptions need attention."),
    },
    not_ready: "This node is not ready; see the checks below.",
    numbers: "In numbers",
    kanalen: "Kanalen",
    subscriptions: "Subscriptions",
    in_state: "Subscriptions in state",
    behind: || Words {
        name: "Behind",
        meaning: "The receiver gets events, but an event has waited for more than a quarter of an hour.",
        remedy: "Look at the subscription what limits the pace.",
    },
    some_failed: |number| format!("All subscriptions are active. Failed deliveries since yesterday: {number}."),
    waiting: "Events still to deliver",
    dead_letters: "Dead letters since yesterday",
    at_least: "at least",
    unread: "This cannot be read now. Try again in a minute.",
    runs: "Active runs",
    no_runs: "No run is active.",
    progress: |done, total, percent| format!("{done} of {total} ({percent} %)"),
    all_runs: "All runs",
    more_runs: "There are more: all runs",
    findings: "Configuration check",
    wrong: |number| match number {
        1 => "1 error".to_owned(),
        number => format!("{number} errors"),
    },
    warnings: |number| match number {
        1 => "1 warning".to_owned(),
        number => format!("{number} warnings"),
    },
    no_findings: "No findings",
    checked_at: "Checked at",
    not_checked: "The configuration was not checked since this node started. That happens now.",
    all_findings: "All checks",
    lines: "Last lines of the audit trail",
    all_lines: "The whole audit trail",
    unknown: |number| {
        format!(
            "The deliveries of {number} subscriptions were not looked at; their outages and waiting events are missing here."
        )
    },
    attention: "Subscriptions that need attention",
    shown: |shown, total| format!("{shown} of {total}, those with the oldest waiting events first"),
    receiver: "Receiver",
    owner: "Owner",
    state: "State",
    lag: "Waiting",
    oldest: "Oldest waiting event",
    remedy: "What to do",
    checks: "Checks of this node",
    check: "Check",
    result: "Result",
    good: "In order",
    part: |part| match part {
        Part::Storage => ("Storage", "Storage does not work"),
        Part::Journal => ("Journal", "The journal is not written"),
        Part::Deliveries => ("Deliveries", "Nothing is delivered"),
    },
};
