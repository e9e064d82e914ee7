//! The overview.

use management::readiness::Part;

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
    /// The number of active subscriptions.
    pub active: &'static str,
    /// The number of events that were not delivered yet.
    pub waiting: &'static str,
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
    active: "Actieve abonnementen",
    waiting: "Nog te bezorgen events",
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
    active: "Active subscriptions",
    waiting: "Events still to deliver",
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
