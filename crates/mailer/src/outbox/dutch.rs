//! The Dutch texts of due messages, at level B1.

use super::texts::{Texts, Topic, list};

/// Subject and text.
pub(super) fn texts(topic: Topic<'_>, organisation: &str) -> Texts {
    let (subject, body) = match topic {
        Topic::Confirmation { kanaal, link, new_address: false } => (
            "Bevestig uw aanmelding".to_owned(),
            format!(
                "U krijgt deze e-mail omdat dit adres is aangemeld voor berichten over {kanaal}.\n\n\
                 Wilt u deze berichten krijgen? Open dan deze pagina en kies Bevestigen:\n{link}\n\n\
                 De link werkt 24 uur.\n\n\
                 Hebt u zich niet aangemeld? Dan hoeft u niets te doen. U krijgt dan geen berichten.\n"
            ),
        ),
        Topic::Confirmation { kanaal, link, new_address: true } => (
            "Bevestig uw nieuwe e-mailadres".to_owned(),
            format!(
                "U krijgt deze e-mail omdat dit adres is opgegeven voor berichten over {kanaal}.\n\n\
                 Wilt u de berichten op dit adres krijgen? Open dan deze pagina en kies Bevestigen:\n{link}\n\n\
                 De link werkt 24 uur.\n\n\
                 Hebt u dit niet gevraagd? Dan hoeft u niets te doen.\n"
            ),
        ),
        Topic::AlreadySubscribed { kanaal, leave } => (
            "U bent al aangemeld".to_owned(),
            format!(
                "Iemand heeft dit adres aangemeld voor berichten over {kanaal}. U krijgt deze berichten al.\n\n\
                 U hoeft niets te doen. Er is niets veranderd.\n\n\
                 Wilt u geen berichten meer? Dan kunt u zich hier afmelden:\n{leave}\n"
            ),
        ),
        Topic::Acknowledgement { kanalen, undo } => (
            "U bent afgemeld".to_owned(),
            format!(
                "U krijgt geen berichten meer over:\n{}{}",
                list(kanalen),
                undo.map_or_else(String::new, |undo| format!(
                    "\nWilt u de berichten toch weer krijgen? Dan kunt u zich hier weer aanmelden:\n{undo}\n"
                ))
            ),
        ),
    };
    Texts { subject, text: format!("Beste lezer,\n\n{body}\nMet vriendelijke groet,\n{organisation}\n") }
}
