//! Clauses of every connection and every response.

use super::{Applies, Clause, clause, text};

pub static HTTPS: Clause = clause(
    "NLG-WH-01",
    true,
    Applies::Always,
    text("Events are received over HTTPS.", "Gebeurtenissen worden over HTTPS ontvangen."),
    text(
        "Serve the URL over https with a certificate your senders can verify; http is for tests only.",
        "Bied de URL aan over https met een certificaat dat afzenders kunnen controleren; http is alleen voor tests.",
    ),
);

pub static TLS_VERSION: Clause = clause(
    "NLG-SEC-04",
    false,
    Applies::Always,
    text("TLS 1.3 is spoken.", "TLS 1.3 wordt ondersteund."),
    text(
        "Allow TLS 1.3 besides 1.2, and nothing older; the NCSC calls only 1.3 good.",
        "Sta naast TLS 1.2 ook 1.3 toe, en niets ouders; volgens het NCSC is alleen 1.3 goed.",
    ),
);

pub static HTTP_VERSIONS: Clause = clause(
    "CE-WH-25",
    true,
    Applies::Always,
    text(
        "Whether a request comes over HTTP/1.1 or HTTP/2 makes no difference.",
        "Of een verzoek over HTTP/1.1 of HTTP/2 komt, maakt geen verschil.",
    ),
    text(
        "Offer HTTP/2 only where the whole route of the webhook handles it, and leave HTTP/1.1 on.",
        "Bied HTTP/2 alleen aan als de hele route van de webhook het aankan, en laat HTTP/1.1 aan staan.",
    ),
);

pub static NO_REDIRECT: Clause = clause(
    "CE-WH-08",
    true,
    Applies::Always,
    text("The receiver never answers with a redirect.", "De ontvanger antwoordt nooit met een omleiding."),
    text(
        "Register the final URL, scheme and trailing slash included; senders do not follow redirects.",
        "Registreer de uiteindelijke URL, inclusief schema en afsluitende slash; afzenders volgen geen omleidingen.",
    ),
);

pub static RETRY_AFTER: Clause = clause(
    "CE-WH-20",
    true,
    Applies::Always,
    text(
        "An answer 429 says with Retry-After when to come back.",
        "Een antwoord 429 zegt met Retry-After wanneer het weer kan.",
    ),
    text(
        "Add Retry-After in seconds (or as an HTTP date in the future) to every 429.",
        "Voeg aan elke 429 Retry-After toe, in seconden (of als HTTP-datum in de toekomst).",
    ),
);

pub static IN_TIME: Clause = clause(
    "CE-WH-14",
    false,
    Applies::Always,
    text(
        "An answer does not take long: what is to be processed yet is accepted with 202.",
        "Een antwoord duurt niet lang: wat nog verwerkt moet worden, wordt met 202 aangenomen.",
    ),
    text(
        "Store the event, answer 202, and process it afterwards; a sender that waits in vain sends it again.",
        "Sla de gebeurtenis op, antwoord met 202 en verwerk haar daarna; een afzender die vergeefs wacht, stuurt haar opnieuw.",
    ),
);

pub static PAYLOAD: Clause = clause(
    "CE-WH-13",
    true,
    Applies::Always,
    text(
        "An answer with a payload has status 200 or 201 and a Content-Type.",
        "Een antwoord met inhoud heeft status 200 of 201 en een Content-Type.",
    ),
    text(
        "Leave the payload out and answer 202 or 204, or add a Content-Type.",
        "Laat de inhoud weg en antwoord met 202 of 204, of voeg een Content-Type toe.",
    ),
);

pub static HEADER_CASE: Clause = clause(
    "CE-HTTP-16",
    true,
    Applies::Always,
    text("Letter case of header names makes no difference.", "Hoofdletters in namen van headers maken geen verschil."),
    text(
        "Look headers up without regard to case: Content-Type and content-type are the same.",
        "Zoek headers op zonder op hoofdletters te letten: Content-Type en content-type zijn hetzelfde.",
    ),
);

pub static CHUNKED: Clause = clause(
    "RFC 9112 7",
    false,
    Applies::Always,
    text(
        "A body in chunks (Transfer-Encoding: chunked) is read.",
        "Een inhoud in stukken (Transfer-Encoding: chunked) wordt gelezen.",
    ),
    text(
        "Read the body to its end instead of by Content-Length; many proxies and clients send none.",
        "Lees de inhoud tot het einde in plaats van volgens Content-Length; veel proxy's en clients sturen die niet mee.",
    ),
);
