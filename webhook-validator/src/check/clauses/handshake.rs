//! Clauses of the handshake: consent, its rate, and consent by callback.

use super::{Applies, Clause, clause, text};

pub static SUPPORTS_HANDSHAKE: Clause = clause(
    "CE-WHV-01",
    false,
    Applies::Consent,
    text("The receiver answers the OPTIONS handshake.", "De ontvanger beantwoordt de OPTIONS-handshake."),
    text(
        "Let the route of the webhook handle OPTIONS besides POST; many frameworks answer it with CORS or 405 on their own.",
        "Laat de route van de webhook naast POST ook OPTIONS afhandelen; veel frameworks antwoorden uit zichzelf met CORS of 405.",
    ),
);

pub static ALLOWED_ORIGIN: Clause = clause(
    "CE-WHV-13",
    true,
    Applies::Consent,
    text(
        "Consent is the header WebHook-Allowed-Origin in the answer to OPTIONS; a status code alone is none.",
        "Toestemming is de header WebHook-Allowed-Origin in het antwoord op OPTIONS; een statuscode alleen is dat niet.",
    ),
    text(
        "Add WebHook-Allowed-Origin with the value of the request's WebHook-Request-Origin. Access-Control headers are something else.",
        "Voeg WebHook-Allowed-Origin toe met de waarde van WebHook-Request-Origin uit de vraag. Access-Control-headers zijn iets anders.",
    ),
);

pub static ORIGIN_EQUAL: Clause = clause(
    "CE-WHV-15",
    true,
    Applies::Consent,
    text(
        "WebHook-Allowed-Origin is the origin that asked, or a single asterisk.",
        "WebHook-Allowed-Origin is de origin die erom vroeg, of een enkel sterretje.",
    ),
    text(
        "Return the asking origin exactly: no scheme, port, pattern or list.",
        "Geef precies de vragende origin terug: geen schema, poort, patroon of lijst.",
    ),
);

pub static ORIGIN_ONCE: Clause = clause(
    "CE-WHV-16",
    true,
    Applies::Consent,
    text("The answer has WebHook-Allowed-Origin once.", "WebHook-Allowed-Origin staat één keer in het antwoord."),
    text(
        "Set the header in one place; often both the application and a proxy add it.",
        "Zet de header op één plek; vaak voegen zowel de applicatie als een proxy hem toe.",
    ),
);

pub static RATE_PRESENT: Clause = clause(
    "CE-WHV-17",
    true,
    Applies::Consent,
    text(
        "WebHook-Allowed-Rate accompanies consent when the sender asked for a rate.",
        "Bij toestemming hoort WebHook-Allowed-Rate als de afzender om een tempo vroeg.",
    ),
    text(
        "Add WebHook-Allowed-Rate: the requests per minute you can take, or * for no limit.",
        "Voeg WebHook-Allowed-Rate toe: het aantal verzoeken per minuut dat u aankunt, of * voor onbeperkt.",
    ),
);

pub static RATE_VALID: Clause = clause(
    "CE-WHV-19",
    true,
    Applies::Consent,
    text(
        "WebHook-Allowed-Rate is * or a positive whole number.",
        "WebHook-Allowed-Rate is * of een positief geheel getal.",
    ),
    text(
        "Write digits only, one line: WebHook-Allowed-Rate: 120.",
        "Schrijf alleen cijfers, op één regel: WebHook-Allowed-Rate: 120.",
    ),
);

pub static CONSENT_STATUS: Clause = clause(
    "CE-WHV-14",
    false,
    Applies::Consent,
    text("The answer to the handshake has a 2xx status.", "Het antwoord op de handshake heeft een 2xx-status."),
    text(
        "Answer OPTIONS with 200 or 204; after 5xx or 429 a sender asks again later, whatever the headers say.",
        "Beantwoord OPTIONS met 200 of 204; na 5xx of 429 vraagt een afzender het later opnieuw, wat de headers ook zeggen.",
    ),
);

pub static WITHOUT_RATE: Clause = clause(
    "CE-WHV-18",
    false,
    Applies::Consent,
    text(
        "Consent does not depend on a rate being asked for.",
        "Toestemming hangt er niet van af of om een tempo gevraagd wordt.",
    ),
    text(
        "Answer a handshake without WebHook-Request-Rate as well, with the rate you can take.",
        "Beantwoord ook een handshake zonder WebHook-Request-Rate, met het tempo dat u aankunt.",
    ),
);

pub static ALLOW_POST: Clause = clause(
    "CE-WHV-23",
    false,
    Applies::Consent,
    text("The answer to OPTIONS has Allow with POST.", "Het antwoord op OPTIONS heeft Allow met POST."),
    text("Add the header Allow: POST, OPTIONS.", "Voeg de header Allow: POST, OPTIONS toe."),
);

pub static NOT_HANDLED: Clause = clause(
    "CE-WHV-22",
    false,
    Applies::Consent,
    text("A URL that does not handle OPTIONS answers 405.", "Een URL die OPTIONS niet afhandelt antwoordt met 405."),
    text(
        "Without the handshake, answer OPTIONS with 405 and Allow: POST.",
        "Beantwoord OPTIONS zonder handshake met 405 en Allow: POST.",
    ),
);

pub static STRANGERS: Clause = clause(
    "CE-WHV-24",
    false,
    Applies::Consent,
    text(
        "Consent is given only to origins the receiver expects.",
        "Alleen origins die de ontvanger verwacht krijgen toestemming.",
    ),
    text(
        "Compare WebHook-Request-Origin with a list of your senders and leave both headers out for others; an echo protects nothing.",
        "Vergelijk WebHook-Request-Origin met een lijst van uw afzenders en laat beide headers weg voor anderen; een echo beschermt niet.",
    ),
);

pub static UNASKED: Clause = clause(
    "CE-WHV-24",
    false,
    Applies::Consent,
    text(
        "Consent is given only to who asks: without WebHook-Request-Origin there is none.",
        "Alleen wie erom vraagt krijgt toestemming: zonder WebHook-Request-Origin is die er niet.",
    ),
    text(
        "Send WebHook-Allowed-Origin and -Rate only in answer to WebHook-Request-Origin, not with every OPTIONS.",
        "Stuur WebHook-Allowed-Origin en -Rate alleen als antwoord op WebHook-Request-Origin, niet bij elke OPTIONS.",
    ),
);

pub static CALLBACK: Clause = clause(
    "CE-WHV-21",
    true,
    Applies::Consent,
    text(
        "Consent that is withheld in the answer comes by callback.",
        "Toestemming die in het antwoord ontbreekt, komt via de callback.",
    ),
    text(
        "Call the URL of WebHook-Request-Callback with GET or POST once somebody decides, or answer the handshake directly.",
        "Roep de URL uit WebHook-Request-Callback aan met GET of POST zodra iemand besluit, of beantwoord de handshake meteen.",
    ),
);

pub static CALLBACK_METHOD: Clause = clause(
    "CE-WHV-07",
    true,
    Applies::Consent,
    text("The callback is a GET or a POST.", "De callback is een GET of een POST."),
    text(
        "Use GET or POST; other methods grant nothing.",
        "Gebruik GET of POST; andere methoden geven geen toestemming.",
    ),
);

pub static CALLBACK_RATE: Clause = clause(
    "CE-WHV-10",
    false,
    Applies::Consent,
    text(
        "The callback brings WebHook-Allowed-Rate: * or a positive whole number.",
        "De callback heeft WebHook-Allowed-Rate: * of een positief geheel getal.",
    ),
    text(
        "Add the header WebHook-Allowed-Rate to the callback; without it the rate asked for counts as granted.",
        "Voeg de header WebHook-Allowed-Rate toe aan de callback; zonder die header geldt het gevraagde tempo als toegestaan.",
    ),
);
