//! A form that was sent after its session had ended.

/// Its texts.
pub struct Texts {
    /// What was typed is kept.
    pub kept: &'static str,
    /// What was typed is too large to be kept.
    pub too_large: &'static str,
    /// The form has what was typed before.
    pub shown_again: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    kept: "Wat u invulde, blijft 15 minuten bewaard in deze browser. Log opnieuw in. Het formulier staat dan weer klaar. Wachtwoorden en andere geheimen vult u opnieuw in.",
    too_large: "Wat u invulde is te groot om te bewaren. Log in een nieuw tabblad in en ga daarna hier terug naar het formulier.",
    shown_again: "Hier staat wat u eerder invulde. Het is nog niet verstuurd. Vul wachtwoorden en andere geheimen opnieuw in.",
};

/// English.
pub const EN: Texts = Texts {
    kept: "What you filled in is kept in this browser for 15 minutes. Log in again. The form is then ready for you. Fill in passwords and other secrets again.",
    too_large: "What you filled in is too large to be kept. Log in on a new tab, and then go back here to the form.",
    shown_again: "This is what you filled in before. It is not sent yet. Fill in passwords and other secrets again.",
};
