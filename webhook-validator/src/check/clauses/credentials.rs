//! Clauses of authorisation, and the two probes of the Notificaties API.

use super::{Applies, Clause, clause, text};

pub static NO_AUTHENTICATION: Clause = clause(
    "CE-WHV-25",
    false,
    Applies::Consent,
    text(
        "Consent is no authentication: an event without credential is refused with 401 or 403.",
        "Toestemming is geen authenticatie: een gebeurtenis zonder toegangsbewijs wordt geweigerd met 401 of 403.",
    ),
    text(
        "Require the Authorization header on every POST; anybody can send a WebHook-Request-Origin.",
        "Eis de Authorization-header bij elke POST; iedereen kan een WebHook-Request-Origin meesturen.",
    ),
);

pub static BOTH_METHODS: Clause = clause(
    "CE-WHA-02",
    true,
    Applies::Consent,
    text(
        "A token is accepted in the Authorization header and in the query (access_token).",
        "Een token wordt aangenomen in de Authorization-header en in de query (access_token).",
    ),
    text(
        "Accept a Bearer token in either place. Senders should prefer the header.",
        "Accepteer een Bearer-token op beide plekken. Afzenders gebruiken bij voorkeur de header.",
    ),
);

pub static QUERY_PRIVATE: Clause = clause(
    "CE-WHA-08",
    false,
    Applies::Consent,
    text(
        "Success after a token in the query has Cache-Control: private.",
        "Succes na een token in de query heeft Cache-Control: private.",
    ),
    text(
        "Add Cache-Control: private (or no-store) to answers when the URL carries access_token.",
        "Voeg Cache-Control: private (of no-store) toe aan antwoorden als access_token in de URL staat.",
    ),
);

pub static TOKEN_TWICE: Clause = clause(
    "CE-WHA-11",
    false,
    Applies::Consent,
    text(
        "A token in both places at once is refused with 400.",
        "Een token op beide plekken tegelijk wordt geweigerd met 400.",
    ),
    text(
        "Answer 400 to a request with Authorization and access_token both; which of the two counts is a guess.",
        "Beantwoord een verzoek met zowel Authorization als access_token met 400; welk van de twee telt is een gok.",
    ),
);

pub static PROBE_GUARDED: Clause = clause(
    "MAP-26",
    true,
    Applies::Legacy,
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
    Applies::Legacy,
    text(
        "The test notification (kanaal test) with Authorization is answered with 200 to 209.",
        "De testnotificatie (kanaal test) met Authorization wordt beantwoord met 200 tot en met 209.",
    ),
    text(
        "Answer 204 to notifications of kanaal test without processing them; give the right value with --authorization.",
        "Beantwoord notificaties van kanaal test met 204 zonder ze te verwerken; geef de juiste waarde mee met --authorization.",
    ),
);
