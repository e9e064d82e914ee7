//! Pages of refusals: what happened and what to do.

use http::StatusCode;
use web::{Problem, ProblemType};

/// A refusal in plain words.
pub struct Words {
    /// The title.
    pub title: &'static str,
    /// What happened.
    pub what: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// The refusals.
pub struct Texts {
    /// 400 and every status without words of its own.
    pub invalid: Words,
    /// The session has ended.
    pub expired: Words,
    /// The person has no role for the page.
    pub forbidden: Words,
    /// A form that was not posted by a page of the session.
    pub foreign_form: Words,
    /// A form that was sent before.
    pub form_sent: Words,
    /// Plain HTTP.
    pub insecure: Words,
    /// Nothing there, or not for this person.
    pub not_found: Words,
    /// Another method.
    pub method: Words,
    /// The present state does not allow it.
    pub conflict: Words,
    /// Somebody else changed it.
    pub changed: Words,
    /// Too large.
    pub too_large: Words,
    /// Too many requests.
    pub too_many: Words,
    /// Our fault.
    pub internal: Words,
    /// Storage does not answer.
    pub unavailable: Words,
    /// The label of the status.
    pub status: &'static str,
    /// The label of the technical text.
    pub detail: &'static str,
    /// The label of the number in the log.
    pub reference: &'static str,
    /// The link to the first page.
    pub to_overview: &'static str,
    /// The link to log in again.
    pub to_log_in: &'static str,
}

impl Texts {
    /// Whether the words for a problem are those of several problem types.
    pub fn is_general(&self, problem: &Problem) -> bool {
        let words = self.words(problem);
        std::ptr::eq(words, &raw const self.invalid) || std::ptr::eq(words, &raw const self.conflict)
    }

    /// The words for a problem.
    pub fn words(&self, problem: &Problem) -> &Words {
        match (problem.kind, problem.status) {
            (ProblemType::ForeignForm, _) => &self.foreign_form,
            (ProblemType::FormSent, _) => &self.form_sent,
            (ProblemType::InsecureConnection, _) => &self.insecure,
            (_, StatusCode::UNAUTHORIZED) => &self.expired,
            (_, StatusCode::FORBIDDEN) => &self.forbidden,
            (_, StatusCode::NOT_FOUND | StatusCode::GONE) => &self.not_found,
            (_, StatusCode::METHOD_NOT_ALLOWED) => &self.method,
            (_, StatusCode::CONFLICT) => &self.conflict,
            (_, StatusCode::PRECONDITION_FAILED | StatusCode::PRECONDITION_REQUIRED) => &self.changed,
            (_, StatusCode::PAYLOAD_TOO_LARGE) => &self.too_large,
            (_, StatusCode::TOO_MANY_REQUESTS) => &self.too_many,
            (_, StatusCode::SERVICE_UNAVAILABLE) => &self.unavailable,
            (_, status) if status.is_server_error() => &self.internal,
            _ => &self.invalid,
        }
    }
}

/// Dutch.
pub const NL: Texts = Texts {
    invalid: Words {
        title: "Dit verzoek klopt niet",
        what: "De gateway kon dit verzoek niet uitvoeren, omdat er iets niet klopt in wat u stuurde.",
        remedy: "Ga terug, controleer wat u invulde en probeer het opnieuw.",
    },
    expired: Words {
        title: "Uw sessie is verlopen",
        what: "U was te lang niet actief, of u bent uitgelogd. Wat u verstuurde is niet uitgevoerd.",
        remedy: "Log opnieuw in en doe de handeling nog een keer.",
    },
    forbidden: Words {
        title: "Geen toegang",
        what: "U bent ingelogd, maar uw rol geeft geen toegang tot deze pagina of handeling.",
        remedy: "Vraag de beheerder van uw organisatie om de rol die hierbij hoort.",
    },
    foreign_form: Words {
        title: "Dit formulier is niet geaccepteerd",
        what: "Het formulier kwam niet van een pagina van deze sessie. Er is niets gewijzigd.",
        remedy: "Open de pagina opnieuw en doe de handeling nog een keer.",
    },
    form_sent: Words {
        title: "Dit formulier is al verstuurd",
        what: "De gateway kreeg dit formulier al eerder en voert het niet nog een keer uit.",
        remedy: "Open de pagina opnieuw en kijk of de handeling is gelukt. Is dat niet zo, doe de handeling dan nog een keer.",
    },
    insecure: Words {
        title: "Deze verbinding is niet veilig",
        what: "De beheerpagina's werken alleen via https.",
        remedy: "Open het adres met https. Staat er een proxy voor de gateway, dan moet de gateway die kennen (proxy.trusted).",
    },
    not_found: Words {
        title: "Niet gevonden",
        what: "Wat u zoekt bestaat niet, bestaat niet meer, of is niet zichtbaar voor u.",
        remedy: "Controleer het adres, of ga naar het overzicht.",
    },
    method: Words {
        title: "Dit kan hier niet",
        what: "Dit adres hoort bij een handeling en is geen pagina.",
        remedy: "Ga naar het overzicht en kies de handeling daar.",
    },
    conflict: Words {
        title: "Dit kan nu niet",
        what: "De huidige toestand laat deze handeling niet toe. Er is niets gewijzigd.",
        remedy: "Bekijk de toestand opnieuw en beslis dan wat u wilt doen.",
    },
    changed: Words {
        title: "Intussen gewijzigd",
        what: "Iemand anders wijzigde dit nadat u de pagina opende. Uw wijziging is niet opgeslagen.",
        remedy: "Open de pagina opnieuw, bekijk wat er veranderde en doe uw wijziging nog een keer.",
    },
    too_large: Words {
        title: "Dit is te groot",
        what: "Wat u verstuurde is groter dan is toegestaan.",
        remedy: "Verstuur minder in één keer.",
    },
    too_many: Words {
        title: "Te veel verzoeken",
        what: "Er kwamen in korte tijd te veel verzoeken van u of van uw adres.",
        remedy: "Wacht een minuut en probeer het opnieuw.",
    },
    internal: Words {
        title: "Er ging iets mis",
        what: "Door een fout in de gateway is dit niet gelukt.",
        remedy: "Probeer het later opnieuw. Blijft het misgaan, geef dan het nummer hieronder door aan de beheerder.",
    },
    unavailable: Words {
        title: "Nu niet beschikbaar",
        what: "De opslag van de gateway antwoordt nu niet. Er is niets gewijzigd.",
        remedy: "Probeer het over een paar seconden opnieuw.",
    },
    status: "Status",
    detail: "Technische uitleg",
    reference: "Nummer van deze melding",
    to_overview: "Naar het overzicht",
    to_log_in: "Opnieuw inloggen",
};

/// English.
pub const EN: Texts = Texts {
    invalid: Words {
        title: "This request is not correct",
        what: "The gateway could not carry out this request, because something in what you sent is not correct.",
        remedy: "Go back, check what you filled in and try again.",
    },
    expired: Words {
        title: "Your session has ended",
        what: "You were not active for too long, or you logged out. What you sent was not carried out.",
        remedy: "Log in again and repeat the action.",
    },
    forbidden: Words {
        title: "No access",
        what: "You are logged in, but your role gives no access to this page or action.",
        remedy: "Ask the administrator of your organisation for the role that goes with it.",
    },
    foreign_form: Words {
        title: "This form was not accepted",
        what: "The form did not come from a page of this session. Nothing was changed.",
        remedy: "Open the page again and repeat the action.",
    },
    form_sent: Words {
        title: "This form was sent before",
        what: "The gateway received this form earlier and does not carry it out again.",
        remedy: "Open the page again and look whether the action was carried out. If it was not, repeat it.",
    },
    insecure: Words {
        title: "This connection is not secure",
        what: "The console works over https only.",
        remedy: "Open the address with https. If a proxy is in front of the gateway, the gateway must know it (proxy.trusted).",
    },
    not_found: Words {
        title: "Not found",
        what: "What you are looking for does not exist, no longer exists, or is not visible to you.",
        remedy: "Check the address, or go to the overview.",
    },
    method: Words {
        title: "This is not possible here",
        what: "This address belongs to an action and is not a page.",
        remedy: "Go to the overview and choose the action there.",
    },
    conflict: Words {
        title: "Not possible now",
        what: "The present state does not allow this action. Nothing was changed.",
        remedy: "Look at the state again and decide what you want to do.",
    },
    changed: Words {
        title: "Changed in the meantime",
        what: "Somebody else changed this after you opened the page. Your change was not stored.",
        remedy: "Open the page again, look at what changed and repeat your change.",
    },
    too_large: Words {
        title: "This is too large",
        what: "What you sent is larger than is allowed.",
        remedy: "Send less at a time.",
    },
    too_many: Words {
        title: "Too many requests",
        what: "Too many requests came from you or from your address in a short time.",
        remedy: "Wait a minute and try again.",
    },
    internal: Words {
        title: "Something went wrong",
        what: "This did not work because of an error in the gateway.",
        remedy: "Try again later. If it keeps going wrong, give the number below to the administrator.",
    },
    unavailable: Words {
        title: "Not available now",
        what: "The storage of the gateway does not answer now. Nothing was changed.",
        remedy: "Try again in a few seconds.",
    },
    status: "Status",
    detail: "Technical explanation",
    reference: "Number of this report",
    to_overview: "To the overview",
    to_log_in: "Log in again",
};
