//! Log-in and log-out.

/// The texts.
pub struct Texts {
    /// The title of the log-in.
    pub title: &'static str,
    /// There is no provider.
    pub link_only: &'static str,
    /// How to obtain a login link.
    pub link_how: &'static str,
    /// What the button of a login link does.
    pub by_link: &'static str,
    /// The name of the session.
    pub name: &'static str,
    /// The roles of the session.
    pub roles: &'static str,
    /// Until when a link holds.
    pub until: &'static str,
    /// How people log in.
    pub by_provider: &'static str,
    /// The link to the provider of this name.
    pub log_in_with: fn(&str) -> String,
    /// The heading above the other way in.
    pub no_provider_now: &'static str,
    /// The title when somebody has no role.
    pub no_role: &'static str,
    /// What that means.
    pub no_role_what: &'static str,
    /// What to do.
    pub no_role_remedy: &'static str,
    /// The heading of the names of claims.
    pub claims: &'static str,
    /// The session at the provider of this name goes on.
    pub still_at_provider: fn(&str) -> String,
    /// The link that ends it.
    pub log_out_at: fn(&str) -> String,
    /// The title after the log-out.
    pub logged_out: &'static str,
    /// What the log-out did.
    pub logged_out_text: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Inloggen",
    link_only: "Voor deze gateway is nog geen inlogdienst ingesteld. U komt binnen met een inloglink.",
    link_how: "Wie de gateway draait, maakt een link op de opdrachtregel. De link werkt één keer, een paar minuten lang:",
    by_link: "Met deze knop logt u in. De link werkt daarna niet meer.",
    name: "Naam",
    roles: "Rollen",
    until: "De link werkt tot",
    by_provider: "U logt in met het account van uw organisatie.",
    log_in_with: |name| format!("Inloggen met {name}"),
    no_provider_now: "Werkt dat niet?",
    no_role: "Geen toegang",
    no_role_what: "Het inloggen is gelukt, maar uw account heeft geen rol voor deze gateway.",
    no_role_remedy: "Vraag de beheerder van uw organisatie om een rol. Geef dan door welke gegevens hieronder staan.",
    claims: "De inlogdienst stuurde deze gegevens mee (alleen de namen):",
    still_at_provider: |name| format!("Bij {name} bent u nog ingelogd."),
    log_out_at: |name| format!("Ook uitloggen bij {name}"),
    logged_out: "U bent uitgelogd",
    logged_out_text: "Uw sessie in deze browser is beëindigd.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Log in",
    link_only: "No identity provider is configured for this gateway yet. You log in with a login link.",
    link_how: "Whoever runs the gateway makes a link on the command line. The link works once, for a few minutes:",
    by_link: "This button logs you in. After that the link no longer works.",
    name: "Name",
    roles: "Roles",
    until: "The link works until",
    by_provider: "You log in with the account of your organisation.",
    log_in_with: |name| format!("Log in with {name}"),
    no_provider_now: "Does that not work?",
    no_role: "No access",
    no_role_what: "You logged in, but your account has no role for this gateway.",
    no_role_remedy: "Ask the administrator of your organisation for a role, and mention which data are listed below.",
    claims: "The identity provider sent these data (names only):",
    still_at_provider: |name| format!("You are still logged in at {name}."),
    log_out_at: |name| format!("Log out at {name} too"),
    logged_out: "You are logged out",
    logged_out_text: "Your session in this browser has ended.",
};
