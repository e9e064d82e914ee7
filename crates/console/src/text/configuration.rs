//! The checks of the configuration.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// So many checks are wrong, and so many are warnings.
    pub some_wrong: fn(usize, usize) -> String,
    /// No check is wrong, so many are warnings.
    pub some_warnings: fn(usize) -> String,
    /// Every check passed.
    pub all_good: &'static str,
    /// What the page shows.
    pub intro: &'static str,
    /// When the checks ended.
    pub checked_at: &'static str,
    /// The button that checks again.
    pub recheck: &'static str,
    /// The notice after that.
    pub rechecked: &'static str,
    /// The name of the table, with the number of checks.
    pub shown: fn(usize) -> String,
    /// The column with what was checked.
    pub item: &'static str,
    /// The column with the verdict.
    pub verdict: &'static str,
    /// The column with what was found.
    pub finding: &'static str,
    /// The column with what to do.
    pub remedy: &'static str,
    /// The column with the value.
    pub value: &'static str,
    /// The column with the end of a certificate.
    pub expires: &'static str,
    /// The same as text, to copy.
    pub as_text: &'static str,
    /// A verdict.
    pub good: &'static str,
    /// A verdict.
    pub warning: &'static str,
    /// A verdict.
    pub wrong: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Configuratiecontrole",
    some_wrong: |wrong, warnings| {
        let wrong = if wrong == 1 { "1 controle is fout".to_owned() } else { format!("{wrong} controles zijn fout") };
        match warnings {
            0 => format!("{wrong}. Doe wat in de kolom ‘Wat te doen’ staat."),
            1 => format!("{wrong} en 1 controle geeft een waarschuwing. Begin met wat fout is."),
            _ => format!("{wrong} en {warnings} controles geven een waarschuwing. Begin met wat fout is."),
        }
    },
    some_warnings: |number| match number {
        1 => "Alles werkt. 1 controle geeft een waarschuwing.".to_owned(),
        number => format!("Alles werkt. {number} controles geven een waarschuwing."),
    },
    all_good: "Alle controles zijn goed.",
    intro: "Dit zijn de controles van de node die deze pagina toont. Geheime waarden worden niet getoond.",
    checked_at: "Gecontroleerd op",
    recheck: "Opnieuw controleren",
    rechecked: "De configuratie is gecontroleerd. Een uitkomst van minder dan 10 seconden oud wordt hergebruikt.",
    shown: |number| format!("{number} controles, wat fout is eerst"),
    item: "Onderdeel",
    verdict: "Oordeel",
    finding: "Bevinding",
    remedy: "Wat te doen",
    value: "Waarde",
    expires: "Verloopt",
    as_text: "Als tekst, om te kopiëren",
    good: "Goed",
    warning: "Waarschuwing",
    wrong: "Fout",
};

/// English.
pub const EN: Texts = Texts {
    title: "Configuration checks",
    some_wrong: |wrong, warnings| {
        let wrong = if wrong == 1 { "1 check is wrong".to_owned() } else { format!("{wrong} checks are wrong") };
        match warnings {
            0 => format!("{wrong}. Follow the column ‘What to do’."),
            1 => format!("{wrong} and 1 check has a warning. Begin with what is wrong."),
            _ => format!("{wrong} and {warnings} checks have a warning. Begin with what is wrong."),
        }
    },
    some_warnings: |number| match number {
        1 => "Everything works. 1 check has a warning.".to_owned(),
        number => format!("Everything works. {number} checks have a warning."),
    },
    all_good: "All checks passed.",
    intro: "These are the checks of the node that serves this page. Secret values are not shown.",
    checked_at: "Checked at",
    recheck: "Check again",
    rechecked: "The configuration was checked. A result of less than 10 seconds old is reused.",
    shown: |number| format!("{number} checks, what is wrong first"),
    item: "Item",
    verdict: "Verdict",
    finding: "Finding",
    remedy: "What to do",
    value: "Value",
    expires: "Ends",
    as_text: "As text, to copy",
    good: "Good",
    warning: "Warning",
    wrong: "Wrong",
};
