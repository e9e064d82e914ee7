//! The credential of a subscription.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The heading in the form of a new subscription.
    pub heading: &'static str,
    /// What it is for.
    pub intro: &'static str,
    /// The present kind.
    pub present: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// No credential.
    pub none: &'static str,
    /// A value of Authorization.
    pub header: &'static str,
    /// Name and password.
    pub basic: &'static str,
    /// A ZGW token.
    pub zgw: &'static str,
    /// OAuth 2.0.
    pub oauth2: &'static str,
    /// The client or name.
    pub client: &'static str,
    /// When it is needed.
    pub client_hint: &'static str,
    /// The secret.
    pub secret: &'static str,
    /// What it is for each kind.
    pub secret_hint: &'static str,
    /// Where tokens come from.
    pub endpoint: &'static str,
    /// The scope.
    pub scope: &'static str,
    /// When these are needed.
    pub oauth2_only: &'static str,
    /// The button.
    pub replace: &'static str,
    /// A field is empty.
    pub needed: &'static str,
    /// A value is too long.
    pub too_long: &'static str,
    /// A secret has other characters.
    pub not_visible: &'static str,
    /// A name has a colon.
    pub colon: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Inloggegevens vervangen",
    heading: "Inloggegevens voor uw ontvanger",
    intro: "Met deze gegevens meldt de gateway zich bij uw ontvanger. Ze worden versleuteld bewaard en nooit meer getoond.",
    present: "Nu ingesteld",
    kind: "Soort",
    none: "Geen",
    header: "Vaste waarde van Authorization",
    basic: "Naam en wachtwoord (Basic)",
    zgw: "ZGW-token (client-id en secret)",
    oauth2: "OAuth 2.0 (client credentials)",
    client: "Client-id of naam",
    client_hint: "Voor Basic, ZGW en OAuth 2.0.",
    secret: "Geheim",
    secret_hint: "Het wachtwoord of secret. Bij een vaste waarde: de hele tekst, zoals Bearer en het token.",
    endpoint: "Adres van het token",
    scope: "Scope",
    oauth2_only: "Alleen voor OAuth 2.0.",
    replace: "Vervang",
    needed: "Vul dit in.",
    too_long: "Dit is te lang.",
    not_visible: "Gebruik alleen letters, cijfers en leestekens, zonder spaties aan het begin of eind.",
    colon: "Een naam mag geen dubbele punt bevatten.",
};

/// English.
pub const EN: Texts = Texts {
    title: "Replace credentials",
    heading: "Credentials for your receiver",
    intro: "The gateway uses these credentials at your receiver. They are stored encrypted and never shown again.",
    present: "Present kind",
    kind: "Kind",
    none: "None",
    header: "Fixed value of Authorization",
    basic: "Name and password (Basic)",
    zgw: "ZGW token (client id and secret)",
    oauth2: "OAuth 2.0 (client credentials)",
    client: "Client id or name",
    client_hint: "For Basic, ZGW and OAuth 2.0.",
    secret: "Secret",
    secret_hint: "The password or secret. For a fixed value: the whole text, such as Bearer and the token.",
    endpoint: "Token address",
    scope: "Scope",
    oauth2_only: "For OAuth 2.0 only.",
    replace: "Replace",
    needed: "Fill this in.",
    too_long: "This is too long.",
    not_visible: "Use letters, digits and punctuation only, without spaces at the ends.",
    colon: "A name must not contain a colon.",
};
