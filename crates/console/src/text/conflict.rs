//! What somebody changed while a form was open.

/// Its texts.
pub struct Texts {
    /// Before the moment.
    pub at: &'static str,
    /// Before the name.
    pub by: &'static str,
    /// It was this person.
    pub own: &'static str,
    /// The heading of the two versions.
    pub versions: &'static str,
    /// The column with the member.
    pub member: &'static str,
    /// The column with the stored value.
    pub stored: &'static str,
    /// The column with the typed value.
    pub typed: &'static str,
    /// The column with the value that the form showed.
    pub seen: &'static str,
    /// The column with the stored value, beside that.
    pub now: &'static str,
    /// Both versions are the same.
    pub no_difference: &'static str,
    /// What the form showed is the same, but something else was changed.
    pub other_members: &'static str,
    /// A subscription changed before it was deleted.
    pub not_deleted: &'static str,
    /// A subscription changed before its credential was replaced.
    pub not_replaced: &'static str,
    /// A request for approval changed, or was decided about, before the decision.
    pub not_decided: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    at: "Laatste wijziging:",
    by: "Gewijzigd door:",
    own: "uzelf, in een ander venster",
    versions: "De twee versies",
    member: "Gegeven",
    stored: "Opgeslagen",
    typed: "Ingevuld door u",
    seen: "Toen u de pagina opende",
    now: "Nu",
    no_difference: "De twee versies zijn gelijk.",
    other_members: "Wat deze pagina laat zien, is hetzelfde gebleven. Een ander gegeven is wel gewijzigd.",
    not_deleted: "Iemand anders wijzigde dit abonnement nadat u de pagina opende. Het is niet verwijderd. Bekijk wat er veranderde en kies opnieuw.",
    not_replaced: "Iemand anders wijzigde dit abonnement nadat u de pagina opende. De inloggegevens zijn niet vervangen. Bekijk wat er veranderde en vul ze opnieuw in.",
    not_decided: "Iemand anders wijzigde of beoordeelde dit abonnement nadat u de pagina opende. Uw beslissing is niet opgeslagen. Bekijk wat er veranderde en beslis opnieuw.",
};

/// English.
pub const EN: Texts = Texts {
    at: "Last change:",
    by: "Changed by:",
    own: "yourself, in another window",
    versions: "The two versions",
    member: "Member",
    stored: "Stored",
    typed: "Filled in by you",
    seen: "When you opened the page",
    now: "Now",
    no_difference: "The two versions are the same.",
    other_members: "What this page shows has not changed. Another member has.",
    not_deleted: "Somebody else changed this subscription after you opened the page. It is not deleted. Look at what changed and choose again.",
    not_replaced: "Somebody else changed this subscription after you opened the page. The credential is not replaced. Look at what changed and fill it in again.",
    not_decided: "Somebody else changed this subscription or decided about it after you opened the page. Your decision is not stored. Look at what changed and decide again.",
};
