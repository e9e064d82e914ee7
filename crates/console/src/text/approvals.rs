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
    decide: "Your decision",
    reason: "Reason for the subscriber",
    reason_hint: "Required to reject. The subscriber reads this text. At most 1,000 characters.",
    reason_missing: "Enter a reason to reject",
    reason_long: "Use at most 1,000 characters for the reason",
    approve: "Approve",
    reject: "Reject",
};
