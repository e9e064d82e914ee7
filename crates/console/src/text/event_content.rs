//! The payload of an event.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// What asking for it means.
    pub intro: &'static str,
    /// The field with the purpose.
    pub purpose: &'static str,
    /// No purpose is chosen.
    pub choose: &'static str,
    /// The purposes: a value and its text.
    pub purposes: &'static [(&'static str, &'static str)],
    /// No purpose was chosen.
    pub purpose_wrong: &'static str,
    /// The field with the explanation.
    pub explanation: &'static str,
    /// What to write there.
    pub explanation_hint: &'static str,
    /// It is empty or too long.
    pub explanation_wrong: &'static str,
    /// The button.
    pub show: &'static str,
    /// The view is recorded.
    pub recorded: &'static str,
    /// There is no payload.
    pub absent: &'static str,
    /// The payload is no text.
    pub binary: fn(&str) -> String,
    /// The payload is longer than what is shown.
    pub cut: &'static str,
    /// So many numbers are hidden.
    pub masked: fn(usize) -> String,
    /// The button that shows them.
    pub unmask: &'static str,
    /// The button that downloads the payload.
    pub download: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Inhoud van het event",
    intro: "De inhoud kan persoonsgegevens bevatten. Geef aan waarom u de inhoud nodig hebt. Dat komt met uw naam in het logboek.",
    purpose: "Doel",
    choose: "Kies een doel",
    purposes: &[
        ("storing", "Een storing onderzoeken"),
        ("vraag", "Een vraag van een afnemer beantwoorden"),
        ("controle", "Controle of audit"),
        ("anders", "Iets anders"),
    ],
    purpose_wrong: "Kies waarvoor u de inhoud nodig hebt",
    explanation: "Toelichting",
    explanation_hint: "Bijvoorbeeld het nummer van de melding. Schrijf hier geen persoonsgegevens.",
    explanation_wrong: "Geef een toelichting van 1 tot 500 tekens",
    show: "Inhoud tonen",
    recorded: "In het logboek staat dat u deze inhoud hebt bekeken.",
    absent: "Dit event heeft geen inhoud, of u mag de inhoud niet zien.",
    binary: |bytes| format!("De inhoud is geen tekst ({bytes} bytes)."),
    cut: "Alleen de eerste 100.000 tekens staan hier.",
    masked: |number| match number {
        1 => "1 getal dat een BSN kan zijn, is verborgen.".to_owned(),
        number => format!("{number} getallen die een BSN kunnen zijn, zijn verborgen."),
    },
    unmask: "Toon ook wat verborgen is",
    download: "Download de inhoud",
};

/// English.
pub const EN: Texts = Texts {
    title: "Payload of the event",
    intro: "The payload may contain personal data. Enter why you need it. That is recorded with your name in the audit trail.",
    purpose: "Purpose",
    choose: "Choose a purpose",
    purposes: &[
        ("storing", "Investigate a failure"),
        ("vraag", "Answer a question of a subscriber"),
        ("controle", "Control or audit"),
        ("anders", "Something else"),
    ],
    purpose_wrong: "Choose what you need the payload for",
    explanation: "Explanation",
    explanation_hint: "For example the number of a ticket. Write no personal data here.",
    explanation_wrong: "Enter an explanation of 1 to 500 characters",
    show: "Show payload",
    recorded: "The audit trail contains that you viewed this payload.",
    absent: "This event has no payload, or you may not see it.",
    binary: |bytes| format!("The payload is no text ({bytes} bytes)."),
    cut: "Only the first 100,000 characters are shown.",
    masked: |number| match number {
        1 => "1 number that may be a BSN is hidden.".to_owned(),
        number => format!("{number} numbers that may be a BSN are hidden."),
    },
    unmask: "Show what is hidden too",
    download: "Download payload",
};
