//! Refusals in one sentence, by problem type. The text of a problem is in English; Dutch pages show it folded, beside these words.

use web::ProblemType;

/// A refusal in a sentence; `None` where the text of the problem is in the language of the page.
pub type Words = fn(ProblemType) -> Option<&'static str>;

/// Dutch.
pub const NL: Words = |kind| Some(dutch(kind));

/// English, as the texts of problems are.
pub const EN: Words = |_| None;

const fn dutch(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::InvalidRequest => "Er klopt iets niet in wat u invulde.",
        ProblemType::InvalidJson => "De tekst is geen JSON-object.",
        ProblemType::BrokenBody => "Het verzoek kwam niet helemaal aan. Verstuur het opnieuw.",
        ProblemType::TwoTokens => "Het verzoek bevat meer dan één token.",
        ProblemType::TooBroad => {
            "De selectie is te groot. Kies minder, bijvoorbeeld één abonnement, één kanaal of een kortere tijd."
        }
        ProblemType::InvalidEvent => "Het event voldoet niet aan de regels van CloudEvents of van het kanaal.",
        ProblemType::UnsupportedSpecversion => "Het event heeft geen specversion 1.0.",
        ProblemType::BatchTooLarge => "Er zitten te veel events in één verzoek.",
        ProblemType::UnknownKanaal => "Dit kanaal bestaat niet.",
        ProblemType::NoKanaal => "De gateway weet niet bij welk kanaal dit event hoort. Kies een kanaal.",
        ProblemType::Loop => "Dit event is al eerder langs deze gateway gekomen.",
        ProblemType::Unauthenticated => "U bent niet ingelogd, of uw sessie is verlopen.",
        ProblemType::Forbidden => "U hebt hier geen recht op.",
        ProblemType::ForeignForm => "Het formulier kwam niet van een pagina van deze sessie.",
        ProblemType::InsecureConnection => "De verbinding is niet versleuteld.",
        ProblemType::NotCleared => "Dit kanaal mag geen gegevens van deze klasse bevatten.",
        ProblemType::NotFound => "Het bestaat niet, bestaat niet meer, of is niet zichtbaar voor u.",
        ProblemType::MethodNotAllowed => "Deze handeling kan hier niet.",
        ProblemType::NotAcceptable => "Het antwoord kan niet in de gevraagde vorm.",
        ProblemType::RequestTimeout => "Het verzoek kwam te langzaam binnen. Verstuur het opnieuw.",
        ProblemType::KanaalExists => "Er is al een kanaal met deze naam.",
        ProblemType::KanaalInUse => "Het kanaal wordt nog gebruikt door abonnementen.",
        ProblemType::KanaalDeclared => {
            "Dit kanaal staat in de configuratie van de gateway. Wijzig het daar, anders verdwijnt de wijziging bij de volgende start."
        }
        ProblemType::RouteTaken => "Een type route overlapt die van een kanaal van een ander.",
        ProblemType::Quota => {
            "De applicatie heeft het hoogste toegestane aantal bereikt. Beëindig er een paar, of vraag de beheerder om meer."
        }
        ProblemType::FormSent => "Dit formulier is al eerder verstuurd.",
        ProblemType::SubscriptionDeclared => "Dit abonnement staat in de configuratie van de gateway. Wijzig het daar.",
        ProblemType::SubscriptionExists => "Er is al een abonnement met dit nummer.",
        ProblemType::SubscriptionGone => "Het abonnement is beëindigd, omdat de ontvanger 410 antwoordde.",
        ProblemType::SubscriptionExpired => "De einddatum van het abonnement is voorbij.",
        ProblemType::MailingEnded => "De mailing is al afgelopen.",
        ProblemType::MailingStarted => "Het event wacht niet meer op zijn moment.",
        ProblemType::MailingNotResent => "De mailing kan nu niet opnieuw worden verstuurd.",
        ProblemType::SubscriptionDeleted => "Het abonnement is verwijderd.",
        ProblemType::OutOfDate => {
            "Iemand anders wijzigde dit intussen. Bekijk het opnieuw en doe de handeling nog een keer."
        }
        ProblemType::OlderRevision => "Er geldt al een nieuwere versie van de configuratie.",
        ProblemType::SchemaExists => "Er is al een schema met deze naam.",
        ProblemType::SchemaTaken => "Er is al een ander schema voor dit adres of type.",
        ProblemType::SchemaDeclared => "Dit schema staat in de configuratie van de gateway. Haal het daar weg.",
        ProblemType::TooManySchemas => "Het hoogste aantal schema’s is bereikt.",
        ProblemType::KeyTaken => "Dezelfde aanvraag is intussen al uitgevoerd.",
        ProblemType::KeyReused => "Deze aanvraag hoort bij een andere aanvraag met dezelfde sleutel.",
        ProblemType::Busy => "Anderen wijzigen dit op dit moment. Probeer het opnieuw.",
        ProblemType::Manual => "Voor dit abonnement geldt een afspraak. De ontvanger hoeft geen toestemming te geven.",
        ProblemType::CannotSend => {
            "Naar deze ontvanger mag nu niets worden gestuurd. De toestand van het abonnement noemt de reden."
        }
        ProblemType::SinkBusy => "Er loopt al een test of controle van deze ontvanger. Wacht tot die klaar is.",
        ProblemType::Unreadable => "Het opgeslagen event is niet te lezen. U kunt de dead letter alleen verwijderen.",
        ProblemType::Gone => "Het is er niet meer.",
        ProblemType::PreconditionFailed | ProblemType::PreconditionRequired => {
            "Iemand anders wijzigde dit nadat u de pagina opende."
        }
        ProblemType::TooLarge => "Wat u verstuurde is te groot.",
        ProblemType::UnsupportedMediaType => "Deze vorm van gegevens wordt hier niet ondersteund.",
        ProblemType::TooManyRequests => "Er kwamen te veel verzoeken in korte tijd.",
        ProblemType::TooManyFailures => "Er kwamen te veel verkeerde tokens binnen.",
        ProblemType::HeadersTooLarge => "De headers van het verzoek zijn te groot.",
        ProblemType::Internal => "Door een fout in de gateway is dit niet gelukt.",
        ProblemType::TransferCoding => "Het verzoek heeft een vorm die de gateway niet ondersteunt.",
        ProblemType::Overloaded => "De gateway heeft het nu te druk. Probeer het over een paar seconden opnieuw.",
        ProblemType::Unavailable => {
            "De opslag van de gateway antwoordt nu niet. Probeer het over een paar seconden opnieuw."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_type_has_a_dutch_sentence_of_its_own_words() {
        for kind in ProblemType::ALL {
            let words = NL(*kind).unwrap_or_default();
            assert!(words.ends_with('.') && !words.starts_with(kind.title()), "{kind:?}: {words}");
            assert_eq!(EN(*kind), None);
        }
    }
}
