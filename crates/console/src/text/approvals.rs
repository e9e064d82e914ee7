//! Requests for approval.

/// Its texts.
pub struct Texts {
    /// The title of the list.
    pub title: &'static str,
    /// The title of one.
    pub one: &'static str,
    /// What an approval does.
    pub intro: &'static str,
    /// There are none.
    pub none: &'static str,
    /// The caption of the table.
    pub oldest_first: &'static str,
    /// The contact.
    pub contact: &'static str,
    /// Which events it wants.
    pub wants: &'static str,
    /// Since when.
    pub since: &'static str,
    /// The state.
    pub state: &'static str,
    /// No decision yet.
    pub awaiting: &'static str,
    /// It is approved.
    pub approved: &'static str,
    /// It is rejected.
    pub rejected: &'static str,
    /// Who decided.
    pub decided_by: &'static str,
    /// The reason of the decision.
    pub decided_why: &'static str,
    /// What leaves.
    pub disclosed: &'static str,
    /// Everything leaves.
    pub everything: &'static str,
    /// These attributes leave besides the required ones.
    pub attributes: fn(&str) -> String,
    /// The payload leaves.
    pub with_data: &'static str,
    /// The payload does not leave.
    pub without_data: &'static str,
    /// The choice of what leaves.
    pub disclose: &'static str,
    /// Everything; all attributes without payload; the named attributes with and without payload.
    pub choices: [&'static str; 4],
    /// The field with the names of attributes.
    pub names: &'static str,
    /// How to fill it in.
    pub names_hint: &'static str,
    /// A text that is no name; empty for too many names.
    pub names_wrong: fn(&str) -> String,
    /// The button that shows what leaves.
    pub try_out: &'static str,
    /// The heading of what leaves of an event.
    pub preview: &'static str,
    /// Before the id of that event.
    pub preview_of: &'static str,
    /// There is no event.
    pub no_preview: &'static str,
    /// The column that says whether it leaves.
    pub leaves: &'static str,
    /// Instead of the payload.
    pub payload_hidden: &'static str,
    /// The heading of the decision.
    pub decide: &'static str,
    /// The field with the reason.
    pub reason: &'static str,
    /// Who reads it.
    pub reason_hint: &'static str,
    /// It is empty.
    pub reason_missing: &'static str,
    /// It is too long.
    pub reason_long: &'static str,
    /// The button that approves.
    pub approve: &'static str,
    /// The button that rejects.
    pub reject: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Goedkeuringen",
    one: "Verzoek om goedkeuring",
    intro: "Deze abonnementen wachten op een beslissing van de eigenaar van het kanaal. Tot die tijd krijgen zij geen events.",
    none: "Er wacht geen abonnement op uw goedkeuring.",
    oldest_first: "Wachtende verzoeken, de oudste eerst",
    contact: "Contact",
    wants: "Gevraagde events",
    since: "Gevraagd of gewijzigd",
    state: "Toestand",
    awaiting: "Wacht op goedkeuring",
    approved: "Goedgekeurd",
    rejected: "Afgekeurd",
    decided_by: "Beslist door",
    decided_why: "Reden",
    disclosed: "Wat de afnemer ziet na goedkeuring",
    everything: "Alle kenmerken van het event",
    attributes: |names| format!("Id, bron, type en deze kenmerken: {names}"),
    with_data: "Met inhoud",
    without_data: "Zonder inhoud",
    disclose: "Wat de afnemer mag zien",
    choices: [
        "Alles",
        "Alle kenmerken, zonder inhoud",
        "Alleen de genoemde kenmerken, met inhoud",
        "Alleen de genoemde kenmerken, zonder inhoud",
    ],
    names: "Genoemde kenmerken",
    names_hint: "Namen met een komma ertussen, bijvoorbeeld: subject, time. Id, bron en type gaan altijd mee.",
    names_wrong: |name| match name {
        "" => "Noem hoogstens 100 kenmerken.".to_owned(),
        name => format!("{name} is geen naam van een kenmerk. Gebruik alleen kleine letters en cijfers."),
    },
    try_out: "Toon wat er dan uitgaat",
    preview: "Wat er uitgaat van een event",
    preview_of: "Met deze keuze, van het nieuwste event van het kanaal:",
    no_preview: "Dit kanaal heeft nog geen event dat u mag zien.",
    leaves: "Gaat mee",
    payload_hidden: "Wordt hier niet getoond",
    decide: "Uw beslissing",
    reason: "Reden voor de afnemer",
    reason_hint: "Verplicht als u afkeurt. De afnemer leest deze tekst. Hoogstens 1.000 tekens.",
    reason_missing: "Geef een reden als u afkeurt",
    reason_long: "Gebruik hoogstens 1.000 tekens voor de reden",
    approve: "Goedkeuren",
    reject: "Afkeuren",
};

/// English.
pub const EN: Texts = Texts {
    title: "Approvals",
    one: "Request for approval",
    intro: "These subscriptions wait for a decision of the owner of the kanaal. Until then they get no events.",
    none: "No subscription waits for your approval.",
    oldest_first: "Waiting requests, the oldest first",
    contact: "Contact",
    wants: "Requested events",
    since: "Requested or changed",
    state: "State",
    awaiting: "Waiting for approval",
    approved: "Approved",
    rejected: "Rejected",
    decided_by: "Decided by",
    decided_why: "Reason",
    disclosed: "What the subscriber sees after approval",
    everything: "All attributes of the event",
    attributes: |names| format!("Id, source, type and these attributes: {names}"),
    with_data: "With payload",
    without_data: "Without payload",
    disclose: "What the subscriber may see",
    choices: [
        "Everything",
        "All attributes, without payload",
        "Only the named attributes, with payload",
        "Only the named attributes, without payload",
    ],
    names: "Named attributes",
    names_hint: "Names separated by commas, for example: subject, time. Id, source and type are always sent.",
    names_wrong: |name| match name {
        "" => "Name at most 100 attributes.".to_owned(),
        name => format!("{name} is no name of an attribute. Use lower-case letters and digits only."),
    },
    try_out: "Show what would be sent",
    preview: "What is sent of an event",
    preview_of: "With this choice, of the newest event of the kanaal:",
    no_preview: "This kanaal has no event yet that you may see.",
    leaves: "Is sent",
    payload_hidden: "Not shown here",
    decide: "Your decision",
    reason: "Reason for the subscriber",
    reason_hint: "Required to reject. The subscriber reads this text. At most 1,000 characters.",
    reason_missing: "Enter a reason to reject",
    reason_long: "Use at most 1,000 characters for the reason",
    approve: "Approve",
    reject: "Reject",
};
