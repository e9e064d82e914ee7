//! The states of a subscription: a word, what it means, and what to do.

use management::subscriptions::State;

/// A state in words.
pub struct Words {
    /// The word.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do; empty when nothing has to be done.
    pub remedy: &'static str,
}

/// The words of the states.
pub struct Texts {
    /// The words of a state, for those who run the gateway.
    pub of: fn(State) -> Words,
    /// The same with what the subscriber has to do.
    pub of_own: fn(State) -> Words,
}

/// Dutch.
pub const NL: Texts = Texts { of: dutch, of_own: own_dutch };

/// English.
pub const EN: Texts = Texts { of: english, of_own: own_english };

fn dutch(state: State) -> Words {
    let (name, meaning, remedy) = match state {
        State::Granted => ("Actief", "De ontvanger gaf toestemming en krijgt events.", ""),
        State::Throttled => {
            ("Afgeremd", "De ontvanger vroeg om even te wachten. Daarna gaat de bezorging vanzelf verder.", "")
        }
        State::Outage => (
            "Storing",
            "De ontvanger geeft fouten. De gateway probeert het steeds opnieuw.",
            "Vraag de afnemer om de ontvanger na te kijken.",
        ),
        State::Validating => (
            "Wacht op toestemming",
            "De gateway vraagt de ontvanger om toestemming.",
            "Blijft dit zo, laat de afnemer dan nagaan of de ontvanger de vraag beantwoordt.",
        ),
        State::PendingCallback => (
            "Wacht op bevestiging",
            "De ontvanger kan toestemming geven door het bevestigingsadres aan te roepen.",
            "Laat de afnemer het bevestigingsadres aanroepen.",
        ),
        State::Refused => (
            "Geweigerd",
            "De ontvanger gaf geen toestemming. Er worden geen events verstuurd.",
            "Laat de afnemer de ontvanger aanpassen en vraag daarna opnieuw om toestemming.",
        ),
        State::AwaitingApproval => (
            "Wacht op goedkeuring",
            "De eigenaar van het kanaal heeft nog niet beslist.",
            "De eigenaar van het kanaal keurt het verzoek goed of af.",
        ),
        State::Rejected => (
            "Afgekeurd",
            "De eigenaar van het kanaal keurde het abonnement af.",
            "Overleg met de eigenaar van het kanaal.",
        ),
        State::Paused => {
            ("Gepauzeerd", "Iemand pauzeerde de bezorging. Events worden bewaard.", "Hervat de bezorging als dat kan.")
        }
        State::Suspended => (
            "Stopgezet",
            "De ontvanger gaf te lang fouten. De gateway stopte met bezorgen.",
            "Laat de ontvanger herstellen, hervat daarna het abonnement en bezorg opnieuw wat bleef liggen.",
        ),
        State::Expired => ("Verlopen", "De einddatum van het abonnement is voorbij.", "Maak een nieuw abonnement."),
        State::Gone => (
            "Opgeheven",
            "De ontvanger antwoordde dat hij niet meer bestaat.",
            "Verwijder het abonnement, of maak een nieuw met het juiste adres.",
        ),
    };
    Words { name, meaning, remedy }
}

fn english(state: State) -> Words {
    let (name, meaning, remedy) = match state {
        State::Granted => ("Active", "The receiver consented and gets events.", ""),
        State::Throttled => {
            ("Slowed down", "The receiver asked to wait. After that, deliveries continue by themselves.", "")
        }
        State::Outage => (
            "Outage",
            "The receiver returns errors. The gateway keeps trying.",
            "Ask the subscriber to look at the receiver.",
        ),
        State::Validating => (
            "Waiting for consent",
            "The gateway asks the receiver for consent.",
            "If this lasts, have the subscriber check whether the receiver answers the question.",
        ),
        State::PendingCallback => (
            "Waiting for confirmation",
            "The receiver can consent by calling the confirmation address.",
            "Have the subscriber call the confirmation address.",
        ),
        State::Refused => (
            "Refused",
            "The receiver did not consent. No events are sent.",
            "Have the subscriber correct the receiver, and ask for consent again.",
        ),
        State::AwaitingApproval => (
            "Waiting for approval",
            "The owner of the kanaal has not decided yet.",
            "The owner of the kanaal approves or rejects the request.",
        ),
        State::Rejected => {
            ("Rejected", "The owner of the kanaal rejected the subscription.", "Consult the owner of the kanaal.")
        }
        State::Paused => ("Paused", "Somebody paused deliveries. Events are kept.", "Resume deliveries when possible."),
        State::Suspended => (
            "Suspended",
            "The receiver returned errors for too long. The gateway stopped delivering.",
            "Have the receiver repaired, resume the subscription, and deliver again what stayed behind.",
        ),
        State::Expired => ("Expired", "The end date of the subscription is over.", "Create a new subscription."),
        State::Gone => (
            "Gone",
            "The receiver answered that it no longer exists.",
            "Delete the subscription, or create a new one with the right address.",
        ),
    };
    Words { name, meaning, remedy }
}

fn own_dutch(state: State) -> Words {
    let remedy = match state {
        State::Granted | State::Throttled => "",
        State::Outage => "Kijk uw ontvanger na. Werkt die weer, dan gaat de bezorging vanzelf verder.",
        State::Validating => "Blijft dit zo, ga dan na of uw ontvanger de vraag om toestemming beantwoordt.",
        State::PendingCallback => "Roep het bevestigingsadres aan dat uw ontvanger kreeg.",
        State::Refused => "Pas uw ontvanger aan en vraag daarna opnieuw om toestemming.",
        State::AwaitingApproval => "U hoeft niets te doen: de eigenaar van het kanaal beslist.",
        State::Rejected => "Overleg met de eigenaar van het kanaal.",
        State::Paused => "Hervat de bezorging als uw ontvanger er klaar voor is.",
        State::Suspended => "Herstel uw ontvanger en haal daarna op wat u miste.",
        State::Expired => "Maak een nieuw abonnement.",
        State::Gone => "Verwijder het abonnement, of maak een nieuw met het juiste adres.",
    };
    Words { remedy, ..dutch(state) }
}

fn own_english(state: State) -> Words {
    let remedy = match state {
        State::Granted | State::Throttled => "",
        State::Outage => "Look at your receiver. Deliveries continue by themselves when it works again.",
        State::Validating => "If this lasts, check whether your receiver answers the question for consent.",
        State::PendingCallback => "Call the confirmation address that your receiver got.",
        State::Refused => "Correct your receiver, and ask for consent again.",
        State::AwaitingApproval => "You need not do anything: the owner of the kanaal decides.",
        State::Rejected => "Consult the owner of the kanaal.",
        State::Paused => "Resume deliveries when your receiver is ready.",
        State::Suspended => "Repair your receiver, then recover what you missed.",
        State::Expired => "Create a new subscription.",
        State::Gone => "Delete the subscription, or create a new one with the right address.",
    };
    Words { remedy, ..english(state) }
}

/// The colour of the badge of a state; the word says the same.
pub const fn badge(state: State) -> &'static str {
    match state {
        State::Granted => "success",
        State::Throttled | State::Validating | State::PendingCallback | State::AwaitingApproval | State::Paused => {
            "warning"
        }
        State::Outage | State::Refused | State::Rejected | State::Suspended => "error",
        State::Expired | State::Gone => "neutral",
    }
}
