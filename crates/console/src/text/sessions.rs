//! The sessions of people.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// After that, for somebody who sees only own sessions.
    pub only_own: &'static str,
    /// What this node knows of their use.
    pub about_use: &'static str,
    /// Not all log-ins were looked at.
    pub incomplete: &'static str,
    /// The link to the overview of roles.
    pub roles_export: &'static str,
    /// How many there are.
    pub found: fn(usize) -> String,
    /// The column with the person.
    pub person: &'static str,
    /// The session of this browser.
    pub own: &'static str,
    /// The column with the roles.
    pub roles: &'static str,
    /// Before the claims that gave the roles.
    pub granted_by: &'static str,
    /// A login link gave them.
    pub by_link: &'static str,
    /// The column with the log-in.
    pub since: &'static str,
    /// The column with the last request.
    pub last_request: &'static str,
    /// It is in use.
    pub in_use: &'static str,
    /// It is probably over.
    pub idle: &'static str,
    /// This node saw no request.
    pub not_seen: &'static str,
    /// The column with the last action.
    pub last_action: &'static str,
    /// The column with the buttons.
    pub end: &'static str,
    /// The button that ends one.
    pub end_one: &'static str,
    /// The same with whose it is.
    pub end_one_of: fn(&str) -> String,
    /// The button that ends all of a person.
    pub end_all: &'static str,
    /// The same with whose they are.
    pub end_all_of: fn(&str) -> String,
    /// The notice after one was ended.
    pub ended: &'static str,
    /// The notice after all of a person were ended.
    pub all_ended: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Gebruikers en sessies",
    intro: "Wie is er ingelogd, met welke rollen? Dit zijn de inlogs van de laatste 8 uur die niet zijn beëindigd. Namen worden niet bewaard; u ziet het nummer van de persoon bij de inlogdienst.",
    only_own: "U ziet alleen uw eigen sessies.",
    about_use: "Een sessie eindigt 15 minuten na het laatste verzoek. Het laatste verzoek is dat aan deze node; van andere nodes is het hier niet bekend.",
    incomplete: "Het logboek is te groot om alle inlogs van de laatste 8 uur te tonen. Oudere sessies ontbreken.",
    roles_export: "Rollenoverzicht van het laatste kwartaal (CSV)",
    found: |number| match number {
        1 => "1 sessie".to_owned(),
        number => format!("{number} sessies"),
    },
    person: "Persoon",
    own: "Deze browser",
    roles: "Rollen en rechten",
    granted_by: "Gegeven door",
    by_link: "Gegeven door een inloglink",
    since: "Ingelogd",
    last_request: "Laatste verzoek",
    in_use: "In gebruik",
    idle: "Waarschijnlijk verlopen",
    not_seen: "Niet gezien door deze node",
    last_action: "Laatste handeling in het logboek",
    end: "Beëindigen",
    end_one: "Beëindig deze sessie",
    end_one_of: |person| format!("Beëindig deze sessie van {person}"),
    end_all: "Beëindig alle sessies",
    end_all_of: |person| format!("Beëindig alle sessies van {person}"),
    ended: "De sessie is beëindigd, op alle nodes.",
    all_ended: "Alle sessies van deze persoon zijn beëindigd, op alle nodes.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Users and sessions",
    intro: "Who is logged in, with which roles? These are the log-ins of the last 8 hours that were not ended. Names are not stored; you see the id of the person at the identity provider.",
    only_own: "You see only your own sessions.",
    about_use: "A session ends 15 minutes after the last request. The last request is the one to this node; those to other nodes are not known here.",
    incomplete: "The audit trail is too large to show all log-ins of the last 8 hours. Older sessions are missing.",
    roles_export: "Overview of roles of the last quarter (CSV)",
    found: |number| match number {
        1 => "1 session".to_owned(),
        number => format!("{number} sessions"),
    },
    person: "Person",
    own: "This browser",
    roles: "Roles and rights",
    granted_by: "Given by",
    by_link: "Given by a login link",
    since: "Logged in",
    last_request: "Last request",
    in_use: "In use",
    idle: "Probably over",
    not_seen: "Not seen by this node",
    last_action: "Last action in the audit trail",
    end: "End",
    end_one: "End this session",
    end_one_of: |person| format!("End this session of {person}"),
    end_all: "End all sessions",
    end_all_of: |person| format!("End all sessions of {person}"),
    ended: "The session is ended, on all nodes.",
    all_ended: "All sessions of this person are ended, on all nodes.",
};
