//! The Dutch texts of due messages, at level B1.

use super::texts::{Texts, Topic, list};

/// Subject and text.
pub(super) fn texts(topic: Topic<'_>, organisation: &str) -> Texts {
    let (subject, body) = match topic {
        Topic::Confirmation { kanaal, link, code, new_address: false } => (
            "Bevestig uw aanmelding".to_owned(),
            format!(
                "U krijgt deze e-mail omdat dit adres is aangemeld voor berichten over {kanaal}.\n\n\
                 Wilt u deze berichten krijgen? Open dan deze pagina en kies Bevestigen:\n{link}\n\n\
                 De link werkt 24 uur.\n\n{}\
                 Hebt u zich niet aangemeld? Dan hoeft u niets te doen. U krijgt dan geen berichten.\n",
                enter(code)
            ),
        ),
        Topic::Confirmation { kanaal, link, code, new_address: true } => (
            "Bevestig uw nieuwe e-mailadres".to_owned(),
            format!(
                "U krijgt deze e-mail omdat dit adres is opgegeven voor berichten over {kanaal}.\n\n\
                 Wilt u de berichten op dit adres krijgen? Open dan deze pagina en kies Bevestigen:\n{link}\n\n\
                 De link werkt 24 uur.\n\n{}\
                 Hebt u dit niet gevraagd? Dan hoeft u niets te doen.\n",
                enter(code)
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
        Topic::Acknowledgement { kanalen, undo, obligatory } => (
            "U bent afgemeld".to_owned(),
            format!(
                "U krijgt geen berichten meer over:\n{}{}{}",
                list(kanalen),
                if obligatory { "\nBerichten die wij u moeten sturen, krijgt u nog wel.\n" } else { "" },
                undo.map_or_else(String::new, |undo| format!(
                    "\nWilt u de berichten toch weer krijgen? Dan kunt u zich hier weer aanmelden:\n{undo}\n"
                ))
            ),
        ),
        Topic::DataLink { link } => (
            "Uw gegevens".to_owned(),
            format!(
                "U vroeg om een link naar uw gegevens. Op deze pagina ziet u wat wij van u bewaren. U kunt daar ook uw \
                 e-mailadres wijzigen, stoppen en uw gegevens wissen:\n{link}\n\n\
                 De link werkt 24 uur. Stuur deze e-mail niet door.\n\n\
                 Hebt u dit niet gevraagd? Dan hoeft u niets te doen. Er is niets veranderd.\n"
            ),
        ),
        Topic::ChangeRequested { kanaal, leave } => (
            "Uw e-mailadres wordt gewijzigd".to_owned(),
            format!(
                "Iemand heeft gevraagd om berichten over {kanaal} naar een ander e-mailadres te sturen. Dat gebeurt pas als dat \
                 andere adres is bevestigd. Tot dan krijgt u de berichten op dit adres.\n\n\
                 Hebt u dit zelf gevraagd? Dan hoeft u hier niets te doen.\n\n\
                 Hebt u dit niet gevraagd? Neem dan contact met ons op. U kunt zich ook afmelden:\n{leave}\n"
            ),
        ),
    };
    Texts { subject, text: format!("Beste lezer,\n\n{body}\nMet vriendelijke groet,\n{organisation}\n") }
}

/// The part about the code, with the empty line behind it.
fn enter(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| {
        format!(
            "U kunt ook deze code typen op de pagina waar u zich hebt aangemeld:\n{code}\n\nDe code werkt 10 minuten.\n\n"
        )
    })
}
