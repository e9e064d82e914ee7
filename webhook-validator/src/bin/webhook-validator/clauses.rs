//! The clauses a receiver is held against: id, rule, and how to mend it, in both languages. It checks nothing.

use crate::text::Text;

/// One rule for receivers.
#[derive(Debug)]
pub struct Clause {
    /// Requirement id of the project's list.
    pub id: &'static str,
    /// Whether a receiver that does otherwise is wrong, or merely unwise.
    pub must: bool,
    /// The rule in a sentence.
    pub rule: Text,
    /// What to do when it is not met.
    pub remedy: Text,
}

const fn clause(id: &'static str, must: bool, rule: Text, remedy: Text) -> Clause {
    Clause { id, must, rule, remedy }
}

const fn text(en: &'static str, nl: &'static str) -> Text {
    Text { en, nl }
}

pub static HTTPS: Clause = clause(
    "NLG-WH-01",
    true,
    text("Events are received over HTTPS.", "Gebeurtenissen worden over HTTPS ontvangen."),
    text(
        "Serve the URL over https with a certificate your senders can verify; http is for tests only.",
        "Bied de URL aan over https met een certificaat dat afzenders kunnen controleren; http is alleen voor tests.",
    ),
);

pub static NO_REDIRECT: Clause = clause(
    "CE-WH-08",
    true,
    text("The receiver never answers with a redirect.", "De ontvanger antwoordt nooit met een omleiding."),
    text(
        "Register the final URL, scheme and trailing slash included; senders do not follow redirects.",
        "Registreer de uiteindelijke URL, inclusief schema en afsluitende slash; afzenders volgen geen omleidingen.",
    ),
);

pub static SUPPORTS_HANDSHAKE: Clause = clause(
    "CE-WHV-01",
    false,
    text("The receiver answers the OPTIONS handshake.", "De ontvanger beantwoordt de OPTIONS-handshake."),
    text(
        "Let the route of the webhook handle OPTIONS besides POST; many frameworks answer it with CORS or 405 on their own.",
        "Laat de route van de webhook naast POST ook OPTIONS afhandelen; veel frameworks antwoorden uit zichzelf met CORS of 405.",
    ),
);

pub static ALLOWED_ORIGIN: Clause = clause(
    "CE-WHV-13",
    true,
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
    text("WebHook-Allowed-Origin stands in the answer once.", "WebHook-Allowed-Origin staat één keer in het antwoord."),
    text(
        "Set the header in one place; often both the application and a proxy add it.",
        "Zet de header op één plek; vaak voegen zowel de applicatie als een proxy hem toe.",
    ),
);

pub static RATE_PRESENT: Clause = clause(
    "CE-WHV-17",
    true,
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
    text("The answer to the handshake has a 2xx status.", "Het antwoord op de handshake heeft een 2xx-status."),
    text(
        "Answer OPTIONS with 200 or 204; after 5xx or 429 a sender asks again later, whatever the headers say.",
        "Beantwoord OPTIONS met 200 of 204; na 5xx of 429 vraagt een afzender het later opnieuw, wat de headers ook zeggen.",
    ),
);

pub static ALLOW_POST: Clause = clause(
    "CE-WHV-23",
    false,
    text("The answer to OPTIONS has Allow with POST.", "Het antwoord op OPTIONS heeft Allow met POST."),
    text("Add the header Allow: POST, OPTIONS.", "Voeg de header Allow: POST, OPTIONS toe."),
);

pub static STRANGERS: Clause = clause(
    "CE-WHV-24",
    false,
    text(
        "Consent is given only to origins the receiver expects.",
        "Alleen origins die de ontvanger verwacht krijgen toestemming.",
    ),
    text(
        "Compare WebHook-Request-Origin with a list of your senders and leave both headers out for others; an echo protects nothing.",
        "Vergelijk WebHook-Request-Origin met een lijst van uw afzenders en laat beide headers weg voor anderen; een echo beschermt niet.",
    ),
);

pub static NOT_HANDLED: Clause = clause(
    "CE-WHV-22",
    false,
    text("A URL that does not handle OPTIONS answers 405.", "Een URL die OPTIONS niet afhandelt antwoordt met 405."),
    text(
        "Without the handshake, answer OPTIONS with 405 and Allow: POST.",
        "Beantwoord OPTIONS zonder handshake met 405 en Allow: POST.",
    ),
);

pub static ACCEPTED: Clause = clause(
    "NLG-WH-02",
    true,
    text(
        "A received event is answered with 200, 201, 202 or 204.",
        "Een ontvangen gebeurtenis wordt beantwoord met 200, 201, 202 of 204.",
    ),
    text(
        "Answer 202 or 204 as soon as the event is safe, also for types you ignore. 410 ends all delivery; 415 refuses the format.",
        "Antwoord met 202 of 204 zodra de gebeurtenis veilig is, ook voor soorten die u negeert. 410 beëindigt alle levering; 415 weigert het formaat.",
    ),
);

pub static PAYLOAD: Clause = clause(
    "CE-WH-13",
    true,
    text(
        "An answer with a payload has status 200 or 201 and a Content-Type.",
        "Een antwoord met inhoud heeft status 200 of 201 en een Content-Type.",
    ),
    text(
        "Leave the payload out and answer 202 or 204, or add a Content-Type.",
        "Laat de inhoud weg en antwoord met 202 of 204, of voeg een Content-Type toe.",
    ),
);

pub static RETRY_AFTER: Clause = clause(
    "CE-WH-20",
    true,
    text(
        "An answer 429 says with Retry-After when to come back.",
        "Een antwoord 429 zegt met Retry-After wanneer het weer kan.",
    ),
    text(
        "Add Retry-After in seconds (or as an HTTP date in the future) to every 429.",
        "Voeg aan elke 429 Retry-After toe, in seconden (of als HTTP-datum in de toekomst).",
    ),
);

pub static UNKNOWN_FORMAT: Clause = clause(
    "CE-WH-21",
    true,
    text(
        "A format that is not understood is answered with 415.",
        "Een formaat dat niet begrepen wordt, wordt beantwoord met 415.",
    ),
    text(
        "Check Content-Type before the body, and answer 415 to what you do not know; a sender may then use another format.",
        "Controleer Content-Type vóór de inhoud en beantwoord onbekende formaten met 415; een afzender kan dan een ander formaat kiezen.",
    ),
);

pub static NO_AUTHENTICATION: Clause = clause(
    "CE-WHV-25",
    false,
    text(
        "Consent is no authentication: an event without credential is refused with 401 or 403.",
        "Toestemming is geen authenticatie: een gebeurtenis zonder toegangsbewijs wordt geweigerd met 401 of 403.",
    ),
    text(
        "Require the Authorization header on every POST; anybody can send a WebHook-Request-Origin.",
        "Eis de Authorization-header bij elke POST; iedereen kan een WebHook-Request-Origin meesturen.",
    ),
);

pub static PROBE_GUARDED: Clause = clause(
    "MAP-26",
    true,
    text(
        "The test notification without Authorization is refused with 401 or 403.",
        "De testnotificatie zonder Authorization wordt geweigerd met 401 of 403.",
    ),
    text(
        "Require the Authorization header on the callback URL; 404, 405 or 204 do not count as a refusal.",
        "Eis de Authorization-header op de callback-URL; 404, 405 of 204 gelden niet als weigering.",
    ),
);

pub static PROBE_ACCEPTED: Clause = clause(
    "MAP-26",
    true,
    text(
        "The test notification (kanaal test) with Authorization is answered with 200 to 209.",
        "De testnotificatie (kanaal test) met Authorization wordt beantwoord met 200 tot en met 209.",
    ),
    text(
        "Answer 204 to notifications of kanaal test without processing them; give the right value with --authorization.",
        "Beantwoord notificaties van kanaal test met 204 zonder ze te verwerken; geef de juiste waarde mee met --authorization.",
    ),
);
