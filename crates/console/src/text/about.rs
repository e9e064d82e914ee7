//! About the gateway.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// The organisation that runs the gateway.
    pub organisation: &'static str,
    /// A licence.
    pub licence: &'static str,
    /// The licence of the gateway.
    pub own_licence: &'static str,
    /// The heading of accessibility.
    pub accessibility: &'static str,
    /// No statement is configured.
    pub no_statement: &'static str,
    /// The heading of use by keyboard.
    pub keyboard: &'static str,
    /// Use by keyboard.
    pub keyboard_help: &'static str,
    /// The heading of the contact.
    pub contact: &'static str,
    /// No contact is configured.
    pub no_contact: &'static str,
    /// Before the contacts.
    pub report: &'static str,
    /// The heading of licences.
    pub built_in: &'static str,
    /// Where the full list is.
    pub built_in_intro: &'static str,
    /// The column with what has the licence.
    pub used_for: &'static str,
    /// Packages.
    pub packages: &'static str,
    /// Root certificates.
    pub root_certificates: &'static str,
    /// Tables of Unicode.
    pub unicode: &'static str,
    /// No licence is needed.
    pub public_domain: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Over deze gateway",
    organisation: "Organisatie",
    licence: "Licentie",
    own_licence: "Openbare licentie van de Europese Unie, versie 1.2 (EUPL-1.2)",
    accessibility: "Toegankelijkheid",
    no_statement: "Er is geen toegankelijkheidsverklaring ingesteld. De platformbeheerder kan het adres invullen bij \
                   console.toegankelijkheidsverklaring.",
    keyboard: "Bediening met het toetsenbord",
    keyboard_help: "Alles werkt met het toetsenbord. Met Tab gaat u naar de volgende link, knop of het volgende veld; met \
                    Shift en Tab terug. Enter volgt een link of drukt op een knop. De eerste link van elke pagina gaat \
                    direct naar de inhoud.",
    contact: "Contact",
    no_contact: "Er is geen contact ingesteld. De platformbeheerder kan het invullen bij security.contact.",
    report: "Hebt u een zwakke plek in de beveiliging gevonden? Meld die hier:",
    built_in: "Licenties van wat is ingebouwd",
    built_in_intro: "In de gateway zijn programma's van anderen ingebouwd, met deze licenties. Bij elke uitgave hoort een bestand \
                     met naam en licentie van elk pakket: event-gateway-VERSIE.licences.txt.",
    used_for: "Waarvoor",
    packages: "Pakketten",
    root_certificates: "Lijst van rootcertificaten",
    unicode: "Tabellen van Unicode",
    public_domain: "Publiek domein",
};

/// English.
pub const EN: Texts = Texts {
    title: "About this gateway",
    organisation: "Organisation",
    licence: "Licence",
    own_licence: "European Union Public Licence, version 1.2 (EUPL-1.2)",
    accessibility: "Accessibility",
    no_statement: "No accessibility statement is configured. The platform engineer can enter its address at \
                   console.toegankelijkheidsverklaring.",
    keyboard: "Use by keyboard",
    keyboard_help: "Everything works with the keyboard. Tab goes to the next link, button or field; Shift and Tab go back. Enter \
                    follows a link or presses a button. The first link of each page goes directly to the content.",
    contact: "Contact",
    no_contact: "No contact is configured. The platform engineer can enter it at security.contact.",
    report: "Did you find a weakness in security? Report it here:",
    built_in: "Licences of what is built in",
    built_in_intro: "The gateway contains programs of others, with these licences. Each release has a file with name and licence of \
                     every package: event-gateway-VERSION.licences.txt.",
    used_for: "For",
    packages: "Packages",
    root_certificates: "List of root certificates",
    unicode: "Tables of Unicode",
    public_domain: "Public domain",
};
