//! The applicaties.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// Why nothing can be changed.
    pub read_only: &'static str,
    /// The button of the filter.
    pub search: &'static str,
    /// The link to the page without filter.
    pub reset: &'static str,
    /// No applicatie is visible.
    pub none_at_all: &'static str,
    /// No applicatie matches.
    pub no_match: &'static str,
    /// The name of the table: how many are shown of how many.
    pub shown: fn(usize, usize) -> String,
    /// The column with the client id.
    pub client_id: &'static str,
    /// The column with the scopes.
    pub rights: &'static str,
    /// An applicatie without scopes.
    pub no_rights: &'static str,
    /// Scopes that are not known.
    pub rights_unknown: &'static str,
    /// The column with where the rights come from.
    pub rights_from: &'static str,
    /// From the configuration.
    pub declared: &'static str,
    /// From the Autorisaties API.
    pub asked: &'static str,
    /// So many seconds ago they were read.
    pub age: fn(u64) -> String,
    /// The last request for rights failed.
    pub last_failed: &'static str,
    /// The button that asks for rights again.
    pub ask_again: &'static str,
    /// The same with the client id.
    pub ask_again_of: fn(&str) -> String,
    /// They were asked for.
    pub asked_again: &'static str,
    /// The column with the default source.
    pub source: &'static str,
    /// The column with the number of secrets.
    pub secrets: &'static str,
    /// The column with the last use.
    pub last_used: &'static str,
    /// No use.
    pub never: &'static str,
    /// The column with the number of refused tokens.
    pub refused: &'static str,
    /// What the numbers mean.
    pub explanation: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Applicaties",
    intro: "Dit zijn de applicaties die de gateway kent. Geheimen worden nooit getoond.",
    read_only: "U kunt hier niets wijzigen, want applicaties staan in het configuratiebestand.",
    search: "Zoeken",
    reset: "Filter wissen",
    none_at_all: "Er zijn geen applicaties die u mag zien. Vraag de beheerder om de client-id's van uw applicaties aan uw account te koppelen.",
    no_match: "Geen applicatie past bij dit filter. Vul een korter deel van de client-id in.",
    shown: |shown, total| format!("{shown} van {total} applicaties, op client-id"),
    client_id: "Client-id",
    rights: "Rechten",
    no_rights: "Geen",
    rights_unknown: "Niet bekend",
    rights_from: "Rechten komen uit",
    declared: "Configuratie",
    asked: "Autorisaties API",
    age: |seconds| if seconds == 1 { "1 seconde oud".to_owned() } else { format!("{seconds} seconden oud") },
    last_failed: "Laatste verzoek mislukt",
    ask_again: "Vraag opnieuw op",
    ask_again_of: |client_id| format!("Vraag opnieuw op: rechten van {client_id}"),
    asked_again: "De rechten zijn opnieuw opgevraagd. Hieronder staat wat deze node nu weet.",
    source: "Bron",
    secrets: "Aantal geheimen",
    last_used: "Laatst gebruikt",
    never: "Niet sinds de start van deze node",
    refused: "Geweigerde tokens, 24 uur",
    explanation: "Het gebruik is wat deze node heeft gezien sinds de start. Twee geheimen is normaal zolang een geheim wordt vervangen.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Applicaties",
    intro: "These are the applicaties that the gateway knows. Secrets are never shown.",
    read_only: "Nothing can be changed here, because applicaties are in the configuration file.",
    search: "Search",
    reset: "Clear the filter",
    none_at_all: "There are no applicaties that you may see. Ask the administrator to connect the client ids of your applicaties to your account.",
    no_match: "No applicatie matches this filter. Enter a shorter part of the client id.",
    shown: |shown, total| format!("{shown} of {total} applicaties, by client id"),
    client_id: "Client id",
    rights: "Rights",
    no_rights: "None",
    rights_unknown: "Not known",
    rights_from: "Rights come from",
    declared: "Configuration",
    asked: "Autorisaties API",
    age: |seconds| if seconds == 1 { "1 second old".to_owned() } else { format!("{seconds} seconds old") },
    last_failed: "Last request failed",
    ask_again: "Ask again",
    ask_again_of: |client_id| format!("Ask again: rights of {client_id}"),
    asked_again: "The rights were asked for again. Below is what this node knows now.",
    source: "Source",
    secrets: "Number of secrets",
    last_used: "Last used",
    never: "Not since this node started",
    refused: "Refused tokens, 24 hours",
    explanation: "The use is what this node saw since it started. Two secrets are normal while a secret is being replaced.",
};
